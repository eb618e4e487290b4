"""Collects the problems of one document and hands them back in the document's own order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from tramo.graph.message import WARNINGS, render
from tramo.model.problem import Problem, pointer

_PROPOSALS: Final = 100
"""Looking for a like name compares it with all others, so only the first misses get a proposal."""
_NAMES_COMPARED: Final = 2_000
LISTED: Final = 100_000
"""More problems than anybody reads; the rest of a hostile document's are counted."""


class Report:
    """The problems found so far."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[str | int, ...], Problem]] = []
        self._places: dict[str, int] = {}
        self._proposals = _PROPOSALS
        self._left_out = False

    def order_by(self, document: Mapping[str, Any]) -> None:
        """Order the problems as the parts of this document are."""
        self._places = {name: place for place, name in enumerate(document)}

    def add(
        self, path: Iterable[str | int], code: str, *, warning: bool = False, **params: Any
    ) -> None:
        """Note one problem; its sentence is made of the code and the params."""
        message = "" if self.is_full else render(code, params)
        self.keep(path, code, message, warning=warning, **params)

    def keep(
        self,
        path: Iterable[str | int],
        code: str,
        message: str,
        *,
        warning: bool = False,
        **params: Any,
    ) -> None:
        """Note a problem whose sentence was made elsewhere."""
        if self.is_full:
            self._left_out = True
            return
        steps = tuple(path)
        level = "warning" if warning or code in WARNINGS else "error"
        problem = Problem(pointer(*steps), code, message, level, params)
        self._found.append((steps, problem))

    @property
    def is_full(self) -> bool:
        """Whether further problems are only counted."""
        return len(self._found) >= LISTED

    def nearest(self, name: str, known: Iterable[str]) -> str:
        """Return the known name that `name` most likely stands for, or empty text."""
        if not self.may_propose():
            return ""
        names = [each for each, _ in zip(known, range(_NAMES_COMPARED), strict=False)]
        return next(iter(get_close_matches(name[:60], names, 1, 0.6)), "")

    def may_propose(self) -> bool:
        """Take one of the proposals that the document may get; false when there are none left."""
        self._proposals -= 1
        return self._proposals >= 0

    def problems(self) -> list[Problem]:
        """Return everything found, ordered as the document is."""
        found = sorted(self._found, key=lambda found: self._place(found[0]))
        problems = [problem for _, problem in found]
        if self._left_out:
            params = {"listed": LISTED}
            code = "flow.problems_left_out"
            problems.append(Problem("", code, render(code, params), "error", params))
        return problems

    def _place(self, steps: tuple[str | int, ...]) -> tuple[int, int]:
        if not steps:
            return (-1, 0)
        section = self._places.get(str(steps[0]), len(self._places))
        index = steps[1] if len(steps) > 1 and isinstance(steps[1], int) else 0
        return (section, index)
