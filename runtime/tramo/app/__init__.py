"""Where everything is put together: settings, wiring, the desks that people's wishes arrive at, the
command line."""
