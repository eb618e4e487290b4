"""From the outside world to an event: the webhook door, starts by hand, schedules.

It checks, reads, makes keys and hands runs to whoever begins them. It performs nothing.
"""
