"""What checking a draft found, remembered for drafts that are read again unchanged.

A check of 1,000 nodes costs a tenth of a second, and a list of flows reads the same drafts at each
opening. What is found depends on the bytes of the draft and on the node types, which stay the same
while a process lives; so the bytes' digest is the key, and only want of room makes one forgotten.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any, Final

import msgspec

from tramo.graph import check, load, version_id
from tramo.model.node_type import NodeTypes
from tramo.model.problem import Problem, has_error

KEPT: Final = 500
"""How many drafts are remembered."""
PROBLEMS: Final = 200
"""A draft with more problems than this is checked anew each time: it is being mended anyway."""


class _Verdict(msgspec.Struct):
    problems: tuple[Problem, ...]
    version: str | None = None


class Verdicts:
    """Checks drafts, each one once. A draft is given as its bytes and as what they hold."""

    def __init__(self, node_types: NodeTypes) -> None:
        self._node_types = node_types
        self._kept: OrderedDict[str, _Verdict] = OrderedDict()

    def problems(self, draft: bytes, document: Any) -> list[Problem]:
        """Return everything that is wrong with a draft."""
        return list(self._of(draft, document).problems)

    def version(self, draft: bytes, document: Any) -> str | None:
        """Return the name of a draft's logic, or None while something forbids running it."""
        verdict = self._of(draft, document)
        if verdict.version is None and not has_error(list(verdict.problems)):
            verdict.version = version_id(load(draft))
        return verdict.version

    def _of(self, draft: bytes, document: Any) -> _Verdict:
        name = digest(draft)
        found = self._kept.get(name)
        if found is not None:
            self._kept.move_to_end(name)
            return found
        made = _Verdict(tuple(check(document, self._node_types)))
        if len(made.problems) <= PROBLEMS:
            self._kept[name] = made
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def digest(draft: bytes) -> str:
    """Return the name that the bytes of a draft have, which is its ETag too."""
    return hashlib.sha256(draft).hexdigest()[:32]
