"""The revisions, one a file, named by the format that they lead to."""
