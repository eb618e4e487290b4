"""Failures in the reader's language: every answer that shows some says them before it leaves.

What a failure says in English, and what it was raised with, stays beside it.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from msgspec import structs
from tramo.app.failure import tell_failure
from tramo.model.run import StepError
from tramo.registry import Registry

from tramo_web.sentence import read_language

_LISTS: Final = ("items", "steps")
_PARTS: Final = ("item", "step")


def told(request: Request[Any, Any, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer about runs whose failures have `said`, where the language has a sentence."""
    language = read_language(request.headers.get("accept-language"))
    return answer if language == "en" else _Told(request.app.state.house.registry, language)(answer)


class _Told:
    def __init__(self, registry: Registry, language: str) -> None:
        self._registry = registry
        self._language = language

    def __call__(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a copy where something is said; what is told from is kept for other readers."""
        shown = dict(answer)
        if error := answer.get("error"):
            shown["error"] = self._error(error)
        for name in _PARTS:
            if isinstance(part := answer.get(name), dict):
                shown[name] = self(part)
        for name in _LISTS:
            if isinstance(items := answer.get(name), list):
                shown[name] = [self(it) if isinstance(it, dict) else it for it in items]
        return shown

    def _error(self, error: Any) -> Any:
        if isinstance(error, StepError):
            error = structs.asdict(error)
        if not isinstance(error, dict) or "code" not in error:
            return error
        said = tell_failure(self._registry, error, self._language)
        return error if said is None else {**error, "said": said}
