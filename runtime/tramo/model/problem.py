"""A problem: one thing wrong with a document or a request, with its place, stable code and
sentence."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding. `path` is a JSON pointer into the document that was looked at."""

    path: str
    code: str
    message: str
    level: Literal["error", "warning"] = "error"
    params: dict[str, Any] = {}


class TramoError(Exception):
    """The root of every error that a user may see: a stable code and one plain sentence."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        path: str | None = None,
        status: int = 400,
        params: dict[str, Any] | None = None,
        problems: list[Problem] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path
        self.status = status
        self.params = params or {}
        self.problems = problems or []


def has_error(problems: list[Problem]) -> bool:
    """Tell whether a list of findings holds one that forbids running."""
    return any(problem.level == "error" for problem in problems)


def pointer(*parts: str | int) -> str:
    """Join steps into a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
