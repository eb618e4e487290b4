"""The one place that touches jinja2: its parser reads our tokens and returns its tree.

Of jinja2 only the parser runs, never its lexer, compiler or runtime. Every way a
source can be unreadable leaves as an ExpressionError with its place. What a tree means is not
known here.
"""

from __future__ import annotations

from typing import Any, NoReturn

from jinja2 import nodes
from jinja2.environment import Environment
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from tramo.expression.budget import BLOCKS, EXPRESSION_LENGTH, TEXT_LENGTH
from tramo.expression.lexer import Spelled, split_expression, split_text
from tramo.expression.problem import ExpressionError

_SIGNS = {
    "rparen": ")",
    "rbracket": "]",
    "rbrace": "}",
    "variable_end": "}}",
    "block_end": "%}",
    "name": "a name",
    "colon": ":",
    "comma": ",",
}
_TAGS = frozenset({"if", "for"})
_CONTINUATIONS = frozenset({"else", "elif", "endif", "endfor"})


def parse_expression(source: str) -> nodes.Expr:
    """Return the tree of a bare expression."""
    _check_length(source, EXPRESSION_LENGTH)
    reader = _Reader(source, split_expression(source))
    return reader.read(reader.whole_expression)


def parse_text(source: str) -> list[nodes.Node]:
    """Return the trees of a text's parts."""
    _check_length(source, TEXT_LENGTH)
    reader = _Reader(source, split_text(source))
    return reader.read(reader.subparse)


def start_of(node: nodes.Node) -> int:
    """Return the offset at which a node's source begins."""
    while True:
        match node:
            case nodes.Getattr() | nodes.Getitem() | nodes.Filter() | nodes.Test() | nodes.Call():
                inner = node.node
            case nodes.Compare():
                inner = node.expr
            case nodes.BinExpr():
                inner = node.left
            case nodes.Not() if isinstance(node.node, nodes.Test):
                inner = node.node
            case nodes.CondExpr():
                inner = node.expr1
            case _:
                return node.lineno
        if inner is None:
            return node.lineno
        node = inner


def _check_length(source: str, limit: int) -> None:
    if len(source) > limit:
        raise ExpressionError("expression.too_long", limit, length=len(source), limit=limit)


class _Environment(Environment):
    """Hands the parser a stream of our own tokens."""

    def __init__(self) -> None:
        super().__init__(cache_size=0)

    def _tokenize(self, source: Any, *_: Any, **__: Any) -> TokenStream:
        return source


_ENVIRONMENT = _Environment()


class _Stream(TokenStream):
    def __init__(self, tokens: list[Spelled], end: int) -> None:
        self.end = end
        super().__init__((Token(*token) for token in tokens), None, None)

    def expect(self, expr: str) -> Token:
        if not self.current.test(expr):
            kind, _, word = expr.partition(":")
            _refuse(self.current, word or _SIGNS.get(kind, kind))
        return next(self)

    def close(self) -> None:
        super().close()
        self.current = Token(self.end, "eof", "")


class _Reader(Parser):
    def __init__(self, source: str, tokens: list[Spelled]) -> None:
        self.source = source
        for position, token in enumerate(tokens[:-1]):
            following = tokens[position + 1]
            if token.kind == "dot":
                # The place of a field is its name's, and the parser notes the dot's.
                tokens[position] = token._replace(offset=following.offset)
            elif token.kind == "block_begin":
                _check_tag(following)
        stream: Any = _Stream(tokens, len(source.rstrip()))
        super().__init__(_ENVIRONMENT, stream)
        self._open_tags: list[int] = []  # offsets, beside the names in jinja2's _tag_stack

    def read(self, rule: Any) -> Any:
        try:
            return rule()
        except TemplateSyntaxError as error:
            raise self._placed(error) from None
        except ExpressionError as error:
            if error.code == "expression.ends_early":
                raise self._ended(error.offset) from None
            raise
        except RecursionError:
            raise ExpressionError("expression.too_deep", self.stream.current.lineno) from None

    def whole_expression(self) -> nodes.Expr:
        tree = self.parse_expression()
        if self.stream.current.type != "eof":
            _refuse(self.stream.current)
        return tree

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        if len(self._open_tags) >= BLOCKS:
            raise ExpressionError("expression.too_deep", self.stream.current.lineno)
        self._open_tags.append(self.stream.current.lineno)
        statement = super().parse_statement()
        self._open_tags.pop()
        return statement

    def parse_subscript(self, node: nodes.Expr) -> nodes.Getattr | nodes.Getitem:
        if self.stream.current.type == "dot" and self.stream.look().type not in ("name", "integer"):
            at = self.stream.look()
            if at.type == "eof":
                raise self._ended(self.stream.current.lineno + 1)
            raise ExpressionError("expression.field_name", at.lineno)
        return super().parse_subscript(node)

    def fail_unknown_tag(self, name: str, lineno: int | None = None) -> NoReturn:
        code = "expression.stray_tag" if name in _CONTINUATIONS else "expression.tag"
        raise ExpressionError(code, lineno, tag=name)

    def fail_eof(
        self, end_tokens: tuple[str, ...] | None = None, lineno: int | None = None
    ) -> NoReturn:
        del end_tokens, lineno
        raise ExpressionError(
            "expression.unclosed_block", self._open_tags[-1], tag=self._tag_stack[-1]
        )

    def _placed(self, error: TemplateSyntaxError) -> ExpressionError:
        """Say in our words that the parser met a token it cannot use."""
        current = self.stream.current
        if current.type == "eof":
            return self._ended(current.lineno)
        found = _show(current)
        return ExpressionError("expression.syntax", error.lineno, found=found)

    def _ended(self, offset: int) -> ExpressionError:
        words = self.source[:offset].split()
        return ExpressionError(
            "expression.ends_early", offset, after=words[-1][-30:] if words else " "
        )


def _check_tag(token: Spelled) -> None:
    if token.kind == "name" and token.value not in _TAGS | _CONTINUATIONS:
        near = {"elseif": "elif", "elsif": "elif", "end": "endif", "unless": "if not"}
        cure = near.get(token.value, "")
        raise ExpressionError("expression.tag", token.offset, tag=token.value, near=cure)


def _show(token: Token) -> str:
    if token.type in ("variable_begin", "block_begin", "data"):
        return str(token.value)[:30]
    return str(token.value)[:30] or token.type


def _refuse(token: Token, expected: str = "") -> NoReturn:
    offset = token.lineno
    if token.type == "eof":
        raise ExpressionError("expression.ends_early", offset, after="")
    if token.type == "assign":
        raise ExpressionError("expression.assignment", offset)
    if expected:
        raise ExpressionError("expression.expected", offset, expected=expected, found=_show(token))
    raise ExpressionError("expression.syntax", offset, found=_show(token))
