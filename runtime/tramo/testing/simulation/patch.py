"""Tools to plant a mistake in running code, and to take it out again.

A plant names what it changes exactly. Where that is not there any more it fails loudly: a mistake
that is not made proves nothing.
"""

from __future__ import annotations
import __future__

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Uprooted(Exception):
    """What a plant was to change is not there any more; the plant must be written anew."""


class Patch:
    """Changes that are taken back together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._undo: list[Callable[[], None]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Put a value in the place of an attribute that is there."""
        before = inspect.getattr_static(owner, name, self)
        if before is self:
            raise Uprooted(f"{self._name}: {owner!r} has no {name}")
        setattr(owner, name, value)
        self._undo.append(lambda: setattr(owner, name, before))

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Put a value in the place of an item that is there."""
        if key not in table:
            raise Uprooted(f"{self._name}: there is no {key!r}")
        before = table[key]
        table[key] = value
        self._undo.append(lambda: table.__setitem__(key, before))

    def rewrite(self, owner: Any, name: str, *changes: tuple[str, str]) -> Any:
        """Change the text of a function, each part of it that stands there once.

        Modules that hold the function under the same name get the new one too.
        """
        before = inspect.getattr_static(owner, name, None)
        function = inspect.unwrap(getattr(owner, name, None) or _missing(self._name, owner, name))
        function = getattr(function, "__func__", function)
        text = textwrap.dedent(inspect.getsource(function))
        for old, new in changes:
            if text.count(old) != 1:
                raise Uprooted(f"{self._name}: {name} does not hold once: {old}")
            text = text.replace(old, new)
        place: dict[str, Any] = {}
        flags = __future__.annotations.compiler_flag
        code = compile(text, f"<{self._name}>", "exec", flags=flags)
        exec(code, function.__globals__, place)  # noqa: S102 - our own text, changed by us
        self.set(owner, name, place[name])
        if not inspect.isclass(owner):
            self.everywhere(before, place[name])
        return place[name]

    def everywhere(self, before: Any, after: Any) -> None:
        """Let modules that hold a function by name hold another one."""
        for module in list(sys.modules.values()):
            if not getattr(module, "__name__", "").startswith("tramo."):
                continue
            for name, value in list(vars(module).items()):
                if value is before:
                    self.set(module, name, after)

    def take_out(self) -> None:
        """Put everything back."""
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()


def _missing(plant: str, owner: Any, name: str) -> Any:
    raise Uprooted(f"{plant}: {owner!r} has no {name}")


@contextmanager
def patching(name: str, make: Callable[[Patch], None]) -> Iterator[None]:
    """Make changes for a while."""
    patch = Patch(name)
    try:
        make(patch)
        yield
    finally:
        patch.take_out()
