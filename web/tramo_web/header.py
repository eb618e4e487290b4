"""Security headers: each kind of answer gets its own, and none goes out without."""

from __future__ import annotations

from typing import Final

Headers = list[tuple[bytes, bytes]]

_EVERYWHERE: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"server", b"tramo"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
_NOTHING: Final = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_TLS: Final = (b"strict-transport-security", b"max-age=31536000")

DOOR: Final[Headers] = [
    *_EVERYWHERE,
    (b"content-security-policy", _NOTHING + b"; sandbox"),
    (b"cache-control", b"no-store"),
]
"""For what flows answer to strangers: even HTML in it is inert."""


def api_headers(*, secure: bool) -> Headers:
    """Return the headers of API answers, which are never kept anywhere."""
    headers = [
        *_EVERYWHERE,
        (b"content-security-policy", _NOTHING),
        (b"cache-control", b"no-store"),
    ]
    return [*headers, _TLS] if secure else headers


def asset_headers(*, secure: bool) -> Headers:
    """Return the headers of files; how long they are kept is the file's matter."""
    headers = [*_EVERYWHERE, (b"content-security-policy", _NOTHING + b"; sandbox")]
    return [*headers, _TLS] if secure else headers


def page_headers(nonce: str, *, secure: bool) -> Headers:
    """Return the headers of an HTML page: its own scripts and styles, and nothing else.

    The nonce is for the one <style> element that the code editor makes. Browsers that know trusted
    types let no text become markup but by the editor's rule (ui/trusted.ts) and the sanitizer.
    """
    policy = (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'; require-trusted-types-for 'script'; trusted-types default dompurify"
    )
    headers = [
        *_EVERYWHERE,
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
    ]
    return [*headers, _TLS] if secure else headers


def answer_headers(nonce: str, *, secure: bool, leads_to: str = "") -> Headers:
    """Return the headers of a page that takes an answer: one style, one form, no script.

    `leads_to` is the origin that sending the form may lead to, beside our own.
    """
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; "
        f"form-action 'self' {leads_to}".rstrip()
        + "; frame-ancestors 'none'"
    )
    headers = [
        *_EVERYWHERE,
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
    ]
    return [*headers, _TLS] if secure else headers
