"""The web server: API, webhook door, live events and the built editor, in front of one house."""
