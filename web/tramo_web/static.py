"""The built editor: pages with a fresh nonce, assets that are kept for ever, nothing else."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Final

import msgspec

from tramo_web.header import Headers, asset_headers, page_headers

FOLDER: Final = Path(__file__).parent / "static"
NONCE_SLOT: Final = b"__CSP_NONCE__"
_IMMUTABLE: Final = b"public, max-age=31536000, immutable"
_ENCODINGS: Final = ((".br", "br"), (".gz", "gzip"))
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_UNBUILT: Final = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Tramo</title>
<h1>Tramo is running, but its editor is not built</h1>
<p>In the folder <code>web</code>, run <code>npm ci</code> and <code>npm run build</code>, then
reload this page. The API under <code>/api/v1</code> and the command line work without it.</p>
</html>
"""


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Headers
    body: bytes = b""


class _File(msgspec.Struct, frozen=True):
    path: Path
    kind: bytes
    etag: bytes
    packed: dict[str, Path]


class Static:
    """Answers GET and HEAD for everything that is neither API nor door.

    Only files that were there when the folder was read are served, by their exact names: no path
    is ever made of what a request says.
    """

    def __init__(self, folder: Path = FOLDER, *, secure: bool = False) -> None:
        self._folder = folder
        self._secure = secure
        self._files: dict[str, _File] = {}
        self._index = b""
        self._read_at = -1

    def answer(self, method: str, path: str, asked: dict[str, str]) -> Answer:
        """Return the answer for a path; `asked` are the request's headers in lower case."""
        if method not in ("GET", "HEAD"):
            return self._plain(405, b"This address takes GET only.\n", (b"allow", b"GET, HEAD"))
        self._refresh()
        found = self._files.get(path)
        if found is not None:
            return self._file(found, path, asked)
        if path.startswith(("/assets/", "/help/")) or path == "/help":
            return self._plain(404, b"There is nothing at this address.\n")
        return self._page()

    def _refresh(self) -> None:
        """Read the folder again after a new build."""
        index = self._folder / "index.html"
        try:
            built_at = index.stat().st_mtime_ns
        except FileNotFoundError:
            built_at = 0
        if built_at == self._read_at:
            return
        self._index = index.read_bytes() if built_at else b""
        paths = [path for path in self._folder.rglob("*") if path.is_file()] if built_at else []
        names = {f"/{path.relative_to(self._folder).as_posix()}": path for path in paths}
        self._files = {
            name: _describe(path, name, names)
            for name, path in names.items()
            if path.suffix in _TYPES and name != "/index.html"
        }
        self._read_at = built_at

    def _file(self, file: _File, name: str, asked: dict[str, str]) -> Answer:
        cache = _IMMUTABLE if name.startswith("/assets/") else b"no-cache"
        headers = [
            *asset_headers(secure=self._secure),
            (b"content-type", file.kind),
            (b"cache-control", cache),
            (b"etag", file.etag),
            (b"vary", b"Accept-Encoding"),
        ]
        if file.etag.decode() in asked.get("if-none-match", ""):
            return Answer(304, headers)
        path = file.path
        taken = asked.get("accept-encoding", "")
        for encoding, packed in file.packed.items():
            if encoding in taken:
                path = packed
                headers.append((b"content-encoding", encoding.encode()))
                break
        try:
            return Answer(200, headers, path.read_bytes())
        except FileNotFoundError:  # a new build has just replaced it
            self._read_at = -1
            return self._plain(404, b"This file was replaced; reload the page.\n")

    def _page(self) -> Answer:
        nonce = secrets.token_urlsafe(16)
        headers = [
            *page_headers(nonce, secure=self._secure),
            (b"content-type", b"text/html; charset=utf-8"),
        ]
        if not self._index:
            return Answer(503, headers, _UNBUILT)
        return Answer(200, headers, self._index.replace(NONCE_SLOT, nonce.encode()))

    def _plain(self, status: int, text: bytes, *more: tuple[bytes, bytes]) -> Answer:
        headers = [
            *asset_headers(secure=self._secure),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"cache-control", b"no-store"),
            *more,
        ]
        return Answer(status, headers, text)


def _describe(path: Path, name: str, names: dict[str, Path]) -> _File:
    return _File(
        path,
        _TYPES[path.suffix].encode(),
        b'"%s"' % hashlib.sha256(path.read_bytes()).hexdigest()[:32].encode(),
        {
            encoding: names[name + suffix]
            for suffix, encoding in _ENCODINGS
            if name + suffix in names
        },
    )
