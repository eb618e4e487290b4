"""The vendors of the campaigns: a web service and a mail server on loopback, which misbehave as
they are told and write down all that they were asked for."""
