"""From jinja2's tree to closures: the allow-list of what an expression or a text may say.

A node kind that has no rule here does not exist in the language. The compiler notes every variable
and field that is read, so that they can be checked against what is known, and weighs each loop's
body, so that a turn pays for what it does. All problems of a source are collected.
"""

from __future__ import annotations

from typing import Any

import msgspec
from jinja2 import nodes

from tramo.expression import closure as make
from tramo.expression.argument import apply_default, apply_filter, bind
from tramo.expression.budget import NESTING
from tramo.expression.filter import FILTERS
from tramo.expression.grammar import start_of
from tramo.expression.loop import Loop, repeat
from tramo.expression.operator import (
    Calculation,
    add,
    divide,
    divide_whole,
    multiply,
    remainder,
    subtract,
)
from tramo.expression.path import Closure, Path, read_optional, read_path
from tramo.expression.predicate import DEFINED, PREDICATES, ask, ask_defined
from tramo.expression.problem import ExpressionError, nearest

_SIGNS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}
_CALCULATIONS: dict[type[nodes.Node], Calculation] = {
    nodes.Add: add,
    nodes.Sub: subtract,
    nodes.Mul: multiply,
    nodes.Div: divide,
    nodes.FloorDiv: divide_whole,
    nodes.Mod: remainder,
}
_LOOP_FIELDS = ("index", "index0", "first", "last", "length")
_RESERVED = frozenset({"loop", "run", "flow", "now", "vars", "true", "false", "none", "null"})
_SLOTS_PER_LOOP = 3

EACH = "[]"  # the step from a list to any one of its items


class Read(msgspec.Struct, frozen=True):
    """A variable that is read, with the fields below it; offsets of the root and of each step."""

    root: str
    steps: tuple[str | int, ...]
    offsets: tuple[int, ...]


class _Variable(msgspec.Struct, frozen=True):
    """A loop's variable: its slot, and what it is one item of, where that is a plain path."""

    slot: int
    origin: Path | None
    above: _Variable | None = None


class Compiler:
    """Compiles one source; what it found out stays in `problems`, `reads` and `slots`."""

    def __init__(self) -> None:
        self.problems: list[ExpressionError] = []
        self.reads: list[Read] = []
        self.slots = 0
        self._weight = 0
        self._depth = 0
        self._variables: dict[str, _Variable] = {}

    # Expressions

    def compile(self, node: nodes.Node) -> Closure:
        """Return the closure of an expression node."""
        self._weight += 1
        self._depth += 1
        if self._depth > NESTING:
            raise ExpressionError("expression.too_deep", node.lineno)
        rule = _RULES.get(type(node))
        built = rule(self, node) if rule else self._refuse("expression.syntax", node, found="this")
        self._depth -= 1
        return built

    def _refuse(self, code: str, node: nodes.Node, **params: Any) -> Closure:
        self.problems.append(ExpressionError(code, node.lineno, **params))
        return make.constant(None)

    def _constant(self, node: nodes.Const) -> Closure:
        return make.constant(node.value)

    def _reading(self, node: nodes.Expr) -> Closure:
        base, steps = self._unwind(node)
        self._weight += len(steps)
        if isinstance(base, nodes.Name):
            return self._variable(base, steps)
        read = self.compile(base)
        for position, (step, place) in enumerate(steps):
            owner = "this" if position == 0 else str(steps[position - 1][0])
            read = make.take_item(read, make.constant(step), owner, place)
        return read

    def _unwind(self, node: nodes.Node) -> tuple[nodes.Node, list[tuple[str | int, int]]]:
        """Split a path into its base and its constant steps."""
        steps: list[tuple[str | int, int]] = []
        while True:
            if isinstance(node, nodes.Getattr):
                if node.attr.startswith("__"):
                    self._refuse("expression.private_name", node, name=node.attr)
                steps.append((node.attr, node.lineno))
            elif (
                isinstance(node, nodes.Getitem)
                and isinstance(node.arg, nodes.Const)
                and type(node.arg.value) in (str, int)
            ):
                steps.append((node.arg.value, node.arg.lineno))
            else:
                return node, steps[::-1]
            node = node.node

    def _path(self, base: nodes.Name, steps: list[tuple[str | int, int]]) -> Path:
        variable = self._variables.get(base.name)
        path = Path(
            base.name,
            variable.slot if variable else -1,
            tuple(step for step, _ in steps),
            (base.lineno, *(place for _, place in steps)),
        )
        self._note(path, variable)
        return path

    def _note(self, path: Path, variable: _Variable | None) -> None:
        """Remember what is read, with loop variables traced back to the list they come from."""
        steps, offsets = path.steps, path.offsets[1:]
        root, root_offset = path.root, path.offsets[0]
        while variable is not None:
            if variable.origin is None:
                return
            origin = variable.origin
            steps = (*origin.steps, EACH, *steps)
            offsets = (*origin.offsets[1:], root_offset, *offsets)
            root, variable = origin.root, variable.above
        self.reads.append(Read(root, steps, (root_offset, *offsets)))

    def _variable(self, base: nodes.Name, steps: list[tuple[str | int, int]]) -> Closure:
        if base.name == "loop" and "loop" in self._variables:
            return self._loop_field(base, steps)
        return read_path(self._path(base, steps))

    def _loop_field(self, base: nodes.Name, steps: list[tuple[str | int, int]]) -> Closure:
        slot = self._variables["loop"].slot
        match [step for step, _ in steps]:
            case ["index"]:
                return lambda frame: frame.slots[slot + 1] + 1
            case ["index0"]:
                return lambda frame: frame.slots[slot + 1]
            case ["first"]:
                return lambda frame: frame.slots[slot + 1] == 0
            case ["last"]:
                return lambda frame: frame.slots[slot + 1] + 1 == frame.slots[slot + 2]
            case ["length"]:
                return lambda frame: frame.slots[slot + 2]
        return self._refuse("expression.loop_alone", base)

    def _subscript(self, node: nodes.Getitem) -> Closure:
        if isinstance(node.arg, nodes.Slice):
            bounds = [
                self.compile(bound) if bound else make.constant(None)
                for bound in (node.arg.start, node.arg.stop, node.arg.step)
            ]
            return make.take_slice(self.compile(node.node), bounds, start_of(node))
        if isinstance(node.arg, nodes.Const) and type(node.arg.value) in (str, int):
            return self._reading(node)
        base = self.compile(node.node)
        return make.take_item(base, self.compile(node.arg), "this", start_of(node.arg))

    def _optional(self, node: nodes.Expr) -> Closure:
        """Compile what stands under `default` or `is defined`: absence is a value there."""
        base, steps = self._unwind(node) if type(node) in _PATHS else (node, [])
        if isinstance(base, nodes.Name) and not (base.name == "loop" and "loop" in self._variables):
            self._weight += 1 + len(steps)
            return read_optional(self._path(base, steps))
        if isinstance(node, nodes.Filter) and node.name == "default":
            return self._filter(node, optional=True)
        if isinstance(node, nodes.Getattr):
            key = make.constant(node.attr)
            return make.take_optional_item(self._optional(node.node), key)
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
            return make.take_optional_item(self._optional(node.node), self.compile(node.arg))
        return self.compile(node)

    def _comparison(self, node: nodes.Compare) -> Closure:
        left = self.compile(node.expr)
        links: list[tuple[str, Closure, make.Places]] = []
        before = start_of(node.expr)
        for operand in node.ops:
            place = start_of(operand.expr)
            links.append((_SIGNS[operand.op], self.compile(operand.expr), (before, place)))
            before = place
        if len(links) > 1:
            return make.compare_chain(left, links)
        sign, right, places = links[0]
        value = node.ops[0].expr
        if isinstance(value, nodes.Const):
            field = self._plain_field(node.expr)
            return make.compare_constant(sign, left, value.value, places, field)
        return make.compare(sign, left, right, places)

    def _plain_field(self, node: nodes.Expr) -> make.Field | None:
        """Return the names in `variable.field`, None for any other shape and in loops."""
        if not isinstance(node, nodes.Getattr) or not isinstance(node.node, nodes.Name):
            return None
        name = node.node.name
        return None if name in self._variables else (name, node.attr)

    def _row(self, node: nodes.BinExpr) -> Closure:
        """Compile `a and b and c` (or `or`) flat, so that a long row does not nest."""
        kind = type(node)
        operands: list[nodes.Expr] = []
        left: nodes.Expr = node
        while type(left) is kind:
            assert isinstance(left, nodes.BinExpr)
            operands.append(left.right)
            left = left.left
        operands.append(left)
        operands.reverse()
        closures = [self.compile(each) for each in operands]
        places = [start_of(each) for each in operands]
        if kind is nodes.And and len(closures) == 2:
            return make.both(closures[0], closures[1], (places[0], places[1]))
        return make.any_or_all("and" if kind is nodes.And else "or", closures, places)

    def _calculation(self, node: nodes.BinExpr) -> Closure:
        links: list[nodes.BinExpr] = []
        first: nodes.Expr = node
        while type(first) in _CALCULATIONS:
            assert isinstance(first, nodes.BinExpr)
            links.append(first)
            first = first.left
        place = start_of(first)
        left = self.compile(first)
        steps = [
            (_CALCULATIONS[type(link)], self.compile(link.right), (place, start_of(link.right)))
            for link in reversed(links)
        ]
        return (
            make.arithmetic(steps[0][0], left, *steps[0][1:])
            if len(steps) == 1
            else make.arithmetic_row(left, steps)
        )

    def _negation(self, node: nodes.Not) -> Closure:
        return make.invert(self.compile(node.node), start_of(node.node))

    def _minus(self, node: nodes.Neg) -> Closure:
        return make.minus(self.compile(node.node), node.lineno)

    def _plus(self, node: nodes.Pos) -> Closure:
        return make.arithmetic(
            add, make.constant(0), self.compile(node.node), (node.lineno, start_of(node.node))
        )

    def _concatenation(self, node: nodes.Concat) -> Closure:
        return make.concatenate([self.compile(each) for each in node.nodes], start_of(node))

    def _choice(self, node: nodes.CondExpr) -> Closure:
        otherwise = self.compile(node.expr2) if node.expr2 else make.constant(None)
        return make.choose(
            self.compile(node.test), self.compile(node.expr1), otherwise, start_of(node.test)
        )

    def _list(self, node: nodes.List) -> Closure:
        return make.build_list([self.compile(each) for each in node.items])

    def _object(self, node: nodes.Dict) -> Closure:
        return make.build_object(
            [(self.compile(each.key), self.compile(each.value), each.lineno) for each in node.items]
        )

    def _filter(self, node: nodes.Filter, optional: bool = False) -> Closure:
        spec = FILTERS.get(node.name)
        if node.node is None or spec is None:
            near = nearest(node.name, FILTERS)
            return self._refuse("expression.unknown_filter", node, name=node.name, near=near)
        arguments = bind(self, spec, node)
        absence_is_fine = node.name == "default"
        subject = self._optional(node.node) if absence_is_fine else self.compile(node.node)
        if arguments is None:
            return make.constant(None)
        if not absence_is_fine:
            return apply_filter(spec, subject, arguments, start_of(node.node), node.lineno)
        if optional:
            arguments[0] = self._optional(node.args[0] if node.args else node.kwargs[0].value)
        return apply_default(spec, subject, *arguments)

    def _test(self, node: nodes.Test) -> Closure:
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return self._refuse("expression.test_argument", node, test=node.name)
        if node.name in DEFINED:
            return ask_defined(self._optional(node.node), DEFINED[node.name])
        if node.name not in PREDICATES:
            near = nearest(node.name, [*PREDICATES, *DEFINED])
            return self._refuse("expression.unknown_test", node, name=node.name, near=near)
        return ask(self.compile(node.node), PREDICATES[node.name])

    def _call(self, node: nodes.Call) -> Closure:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if isinstance(node.node, nodes.Getattr):
            name = node.node.attr
        cure = "Use a filter: value | filter."
        if name in FILTERS:
            cure = f"Write it as a filter: value | {FILTERS[name].doc.signature}."
        elif name == "now":
            cure = "Write now without brackets."
        return self._refuse("expression.call", node, name=name[:60], cure=cure)

    def _power(self, node: nodes.Pow) -> Closure:
        return self._refuse("expression.power", node)

    def _tuple(self, node: nodes.Tuple) -> Closure:
        return self._refuse("expression.tuple", node.items[0] if node.items else node)

    # Text

    def compile_text(self, body: list[nodes.Node], place: int = 0) -> Closure:
        """Return a closure that renders a row of text parts and blocks."""
        parts: list[Any] = []
        for node in body:
            if isinstance(node, nodes.Output):
                parts.extend(self._part(each) for each in node.nodes)
            elif isinstance(node, nodes.If):
                parts.append(self._if(node))
            elif isinstance(node, nodes.For):
                parts.append(self._for(node))
            else:
                parts.append(self._refuse("expression.syntax", node, found="this"))
        if all(isinstance(part, str) for part in parts):
            return make.constant("".join(parts))
        return parts[0] if len(parts) == 1 else make.join_parts(parts, place)

    def _part(self, node: nodes.Expr) -> str | Closure:
        self._weight += 2
        if isinstance(node, nodes.TemplateData):
            return node.data
        return make.write_slot(self.compile(node), start_of(node))

    def _if(self, node: nodes.If) -> Closure:
        branches = [
            (
                self.compile(each.test),
                self.compile_text(each.body, each.lineno),
                start_of(each.test),
            )
            for each in (node, *node.elif_)
        ]
        return make.decide(branches, self.compile_text(node.else_, node.lineno))

    def _for(self, node: nodes.For) -> Closure:
        target = node.target
        if not isinstance(target, nodes.Name):
            return self._refuse("expression.loop_target", node)
        if target.name in _RESERVED:
            return self._refuse("expression.reserved", target, name=target.name)
        if node.recursive:
            return self._refuse("expression.syntax", node, found="recursive")
        items = self.compile(node.iter)
        outer = dict(self._variables)
        slot, self.slots = self.slots, self.slots + _SLOTS_PER_LOOP
        self._variables[target.name] = self._item_of(node.iter, slot)
        before = self._weight
        condition = self.compile(node.test) if node.test else None
        condition_weight = self._weight - before + 2
        self._variables["loop"] = _Variable(slot, None)
        before = self._weight
        body = self.compile_text(node.body, node.lineno)
        weight = self._weight - before + 4
        self._variables = outer
        otherwise = self.compile_text(node.else_, node.lineno)
        return repeat(
            Loop(
                slot=slot,
                items=items,
                condition=condition,
                condition_weight=condition_weight,
                body=body,
                weight=weight,
                otherwise=otherwise,
                place=start_of(node.iter),
                condition_place=start_of(node.test) if node.test else 0,
            )
        )

    def _item_of(self, node: nodes.Node, slot: int) -> _Variable:
        base, steps = self._unwind(node) if type(node) in _PATHS else (node, [])
        if not isinstance(base, nodes.Name) or base.name == "loop":
            return _Variable(slot, None)
        path = Path(
            base.name, -1, tuple(s for s, _ in steps), (base.lineno, *(place for _, place in steps))
        )
        return _Variable(slot, path, self._variables.get(base.name))


_PATHS = (nodes.Name, nodes.Getattr, nodes.Getitem)
_RULES: dict[type[nodes.Node], Any] = {
    nodes.Const: Compiler._constant,
    nodes.Name: Compiler._reading,
    nodes.Getattr: Compiler._reading,
    nodes.Getitem: Compiler._subscript,
    nodes.Compare: Compiler._comparison,
    nodes.And: Compiler._row,
    nodes.Or: Compiler._row,
    nodes.Not: Compiler._negation,
    nodes.Neg: Compiler._minus,
    nodes.Pos: Compiler._plus,
    nodes.Concat: Compiler._concatenation,
    nodes.CondExpr: Compiler._choice,
    nodes.List: Compiler._list,
    nodes.Dict: Compiler._object,
    nodes.Filter: Compiler._filter,
    nodes.Test: Compiler._test,
    nodes.Call: Compiler._call,
    nodes.Pow: Compiler._power,
    nodes.Tuple: Compiler._tuple,
    **dict.fromkeys(_CALCULATIONS, Compiler._calculation),
}
