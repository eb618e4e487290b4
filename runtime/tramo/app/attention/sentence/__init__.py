"""What notices say, one module for each language, by code and with `{slots}`."""
