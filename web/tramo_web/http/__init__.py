"""HTTP/1.1 on the house's own event loop (decision 0022): knows ASGI, and nothing of Tramo."""

from tramo_web.http.server import Server

__all__ = ["Server"]
