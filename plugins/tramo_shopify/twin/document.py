"""Reading a GraphQL document and shaping an answer by it: as much of GraphQL as a twin needs.

Knows nothing of Shopify. Operations, variables, arguments, aliases, directives and fragments are
read; subscriptions, block strings and type definitions are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

_TOKEN: Final = re.compile(
    r"""[\s,]+|\#[^\n]*"""
    r"""|(?P<spread>\.\.\.)|(?P<punct>[!$&()\[\]{}:=@|])"""
    r"""|(?P<number>-?\d+(\.\d+)?([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*")"""
)


class GraphqlError(Exception):
    """A document or its variables cannot be answered; becomes an entry of `errors`."""

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions = extensions


class Variable(msgspec.Struct):
    """`$name`, standing where its value will."""

    name: str


class Field(msgspec.Struct):
    name: str
    alias: str
    arguments: dict[str, Any] = {}
    directives: dict[str, dict[str, Any]] = {}
    selection: list[Any] = []


class Spread(msgspec.Struct):
    """Fields that count for one type only: an inline fragment, or a named one."""

    selection: list[Any]
    on: str | None = None
    name: str | None = None


class Operation(msgspec.Struct):
    kind: str
    name: str
    variables: dict[str, str]
    """Name -> type as written, such as `[String!]!`."""
    defaults: dict[str, Any]
    selection: list[Any]


def parse(text: str) -> tuple[list[Operation], dict[str, Spread]]:
    """Return the operations and the named fragments of a document; raises GraphqlError."""
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0

    def document(self) -> tuple[list[Operation], dict[str, Spread]]:
        operations: list[Operation] = []
        fragments: dict[str, Spread] = {}
        while self.at < len(self.tokens):
            word = self.peek()
            if word == "{":
                operations.append(Operation("query", "", {}, {}, self.selection()))
            elif word == "fragment":
                self.take()
                name = self.take()
                self.expect("on")
                kind = self.take()
                fragments[name] = Spread(on=kind, selection=self.selection())
            elif word in ("query", "mutation"):
                operations.append(self.operation())
            else:
                raise GraphqlError(f"Parse error on {word!r}")
        return operations, fragments

    def operation(self) -> Operation:
        kind = self.take()
        name = "" if self.peek() in ("(", "{") else self.take()
        variables: dict[str, str] = {}
        defaults: dict[str, Any] = {}
        if self.skip("("):
            while not self.skip(")"):
                self.expect("$")
                variable = self.take()
                self.expect(":")
                variables[variable] = self.type_name()
                if self.skip("="):
                    defaults[variable] = self.value()
        return Operation(kind, name, variables, defaults, self.selection())

    def type_name(self) -> str:
        if self.skip("["):
            inner = self.type_name()
            self.expect("]")
            name = f"[{inner}]"
        else:
            name = self.take()
        return name + "!" if self.skip("!") else name

    def selection(self) -> list[Any]:
        self.expect("{")
        items: list[Any] = []
        while not self.skip("}"):
            items.append(self.spread() if self.skip("...") else self.field())
        return items

    def spread(self) -> Spread:
        if self.peek() == "{":
            return Spread(selection=self.selection())
        word = self.take()
        if word == "on":
            kind = self.take()
            return Spread(on=kind, selection=self.selection())
        return Spread(name=word, selection=[])

    def field(self) -> Field:
        name = alias = self.take()
        if self.skip(":"):
            name = self.take()
        field = Field(name=name, alias=alias, arguments=self.arguments())
        while self.skip("@"):
            directive = self.take()
            field.directives[directive] = self.arguments()
        if self.peek() == "{":
            field.selection = self.selection()
        return field

    def arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.skip("("):
            while not self.skip(")"):
                name = self.take()
                self.expect(":")
                found[name] = self.value()
        return found

    def value(self) -> Any:
        word = self.take()
        if word == "$":
            return Variable(self.take())
        if word == "[":
            items: list[Any] = []
            while not self.skip("]"):
                items.append(self.value())
            return items
        if word == "{":
            fields: dict[str, Any] = {}
            while not self.skip("}"):
                name = self.take()
                self.expect(":")
                fields[name] = self.value()
            return fields
        if word[0] == '"' or word[0] == "-" or word[0].isdigit():
            return msgspec.json.decode(word)
        return {"true": True, "false": False, "null": None}.get(word, word)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise GraphqlError("Parse error on end of document")
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.skip(token):
            raise GraphqlError(f"Parse error on {self.peek()!r}: expected {token!r}")


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise GraphqlError(f"Parse error on {text[at]!r}")
        if match.lastgroup:
            yield match[match.lastgroup]
        at = match.end()


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """Put values in the place of variables; one that was not given leaves no argument behind."""
    if isinstance(value, Variable):
        return variables.get(value.name)
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if isinstance(value, dict):
        return {
            name: fill(item, variables)
            for name, item in value.items()
            if not isinstance(item, Variable) or item.name in variables
        }
    return value


def plain_view(view: Any) -> Any:
    """Return a view without its functions, so that it can be kept."""
    if isinstance(view, dict):
        return {name: plain_view(item) for name, item in view.items() if not callable(item)}
    return [plain_view(item) for item in view] if isinstance(view, list) else view


class Shaper:
    """Shapes plain views into the answer that a selection asks for.

    A view is an object whose values are plain, views, lists of views, or functions of a field's
    arguments that give one of these.
    """

    def __init__(self, fragments: Mapping[str, Spread], variables: Mapping[str, Any]) -> None:
        self.fragments = fragments
        self.variables = variables

    def shape(self, view: Any, selection: list[Any]) -> Any:
        if view is None or not selection:
            return view
        if isinstance(view, list):
            return [self.shape(item, selection) for item in view]
        answer: dict[str, Any] = {}
        for item in self.fields(selection, view["__typename"]):
            if item.name not in view:
                raise GraphqlError(
                    f"Field '{item.name}' doesn't exist on type '{view['__typename']}'",
                    code="undefinedField",
                )
            value = view[item.name]
            if callable(value):
                value = value(**fill(item.arguments, self.variables))
            answer[item.alias] = self.shape(value, item.selection)
        return answer

    def fields(self, selection: list[Any], kind: str | None = None) -> Iterator[Field]:
        """Yield the fields of a selection, fragments opened; with `kind`, those for that type."""
        for item in selection:
            if isinstance(item, Field):
                yield item
                continue
            spread = self.fragments.get(item.name) if item.name else item
            if spread is None:
                raise GraphqlError(f"Fragment {item.name} was used, but not defined")
            if kind is None or spread.on in (None, kind):
                yield from self.fields(spread.selection, kind)

    def cost(self, selection: list[Any]) -> int:
        """Return a cost like Shopify's: an object is a point, a page its length, a scalar 0."""
        points = 0
        for field in self.fields(selection):
            if not field.selection:
                continue
            inner = self.cost(field.selection)
            first = fill(field.arguments, self.variables).get("first")
            points += 1 + first * inner if isinstance(first, int) else 1 + inner
        return points
