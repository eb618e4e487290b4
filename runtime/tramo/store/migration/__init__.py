"""From an older database to today's tables, one revision per format; read README.md first."""
