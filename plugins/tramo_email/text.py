"""The plain text of an HTML message, for readers and programs that show no HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_BREAKING: Final = frozenset(
    {"address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"}
    | {"section", "table", "tr", "ul"}
)
_SPACED: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"})
_OPENING: Final = frozenset({"br", "dd", "dt", "hr", "li", "tr"})
"""They break the line where they begin only."""
_SILENT: Final = frozenset({"head", "script", "style", "template", "title"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _SILENT
        if tag in _BREAKING:
            self.parts.append("\n\n" if tag in _SPACED else "\n")
        if tag == "li":
            self.parts.append("- ")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.parts)))
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        if tag in _BREAKING - _OPENING:
            self.parts.append("\n\n" if tag in _SPACED else "\n")
        if tag == "a" and self.links:
            address, start = self.links.pop()
            shown = "".join(self.parts[start:]).strip()
            if address.startswith(("http://", "https://")) and address != shown:
                self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def read_text(html: str) -> str:
    """Return what an HTML page says, with its links written out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
