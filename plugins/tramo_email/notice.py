"""Tramo's own notices as mail: plain text for everybody, and the same with buttons.

What stands in a notice is text, never markup: it may quote what a customer wrote.
"""

from __future__ import annotations

from html import escape
from typing import Final

from tramo import sdk

from tramo_email.message import Email

_PAGE: Final = (
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5;"
    "max-width:36em;margin:0;padding:16px"
)
_BUTTON: Final = (
    "display:inline-block;margin:0 8px 8px 0;padding:10px 18px;border-radius:6px;"
    "background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600"
)


def write_email(notice: sdk.Notice) -> Email:
    """Return a notice as the message to send."""
    links = "\n".join(f"{link.label}: {link.url}" for link in notice.links)
    return Email(
        to=[notice.to],
        subject=" ".join(notice.subject.split())[:500],
        text=f"{notice.text}\n\n{links}\n" if links else f"{notice.text}\n",
        html=_html(notice),
    )


def _html(notice: sdk.Notice) -> str:
    paragraphs = "".join(
        f"<p>{escape(part).replace(chr(10), '<br>')}</p>"
        for part in notice.text.split("\n\n")
        if part.strip()
    )
    buttons = "".join(
        f'<a href="{escape(link.url)}" style="{_BUTTON}">{escape(link.label)}</a>'
        for link in notice.links
    )
    return (
        f'<!doctype html><html lang="{escape(notice.language)}"><meta charset="utf-8">'
        f'<body style="{_PAGE}">{paragraphs}<p>{buttons}</p></body></html>'
    )
