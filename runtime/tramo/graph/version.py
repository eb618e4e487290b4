"""A flow as the runtime holds it, and the id of its logic."""

from __future__ import annotations

import functools
import hashlib
from typing import Any, Final

import msgspec

from tramo.graph.document import read_document
from tramo.graph.format import UnknownFormat, upgrade
from tramo.model.flow import Flow
from tramo.model.problem import TramoError
from tramo.model.value import encode, encode_sorted, exact_decimal

_decoder = msgspec.json.Decoder(Flow, float_hook=exact_decimal)

_LOOKS_OF_A_FLOW: Final = ("name", "layout", "notes")
_LOOKS_OF_A_NODE: Final = ("label", "note")


def load(document: bytes | dict[str, Any]) -> Flow:
    """Return the flow that a document holds, carried forward to the newest format.

    Meant for documents that `check` has passed; raises TramoError for one that has no flow's shape.
    """
    value, report = read_document(document)
    if value is None:
        problems = report.problems()
        raise TramoError(problems[0].code, problems[0].message, problems=problems)
    try:
        return _decoder.decode(encode(upgrade(value)))
    except (UnknownFormat, msgspec.ValidationError) as error:
        raise TramoError("flow.not_a_flow", f"The document is no flow: {error}.") from None


def version_id(flow: Flow) -> str:
    """Return the SHA-256 of a flow's logic, 64 hexadecimal digits.

    How a flow looks and what people call things is no logic. A setting left out and its default
    written out are one; the order of arrays counts, since it decides the order of steps.
    """
    logic = _written(flow)
    for name in _LOOKS_OF_A_FLOW:
        logic.pop(name, None)
    for node in logic["nodes"]:
        for name in _LOOKS_OF_A_NODE:
            node.pop(name, None)
    return hashlib.sha256(encode_sorted(logic)).hexdigest()


def _written(struct: msgspec.Struct) -> dict[str, Any]:
    """Return a Struct as an object without the fields that have their default value.

    msgspec's own `omit_defaults` keeps a text that was read, equal to the default or not.
    """
    written: dict[str, Any] = {}
    for field in _fields(type(struct)):
        value = getattr(struct, field.name)
        factory = field.default_factory
        default = field.default if factory is msgspec.NODEFAULT else factory()
        if value != default:
            written[field.encode_name] = _plain(value)
    return written


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return what a class declares, found out once: for each of 2,000 nodes anew it takes longer
    than everything else that is done to a flow."""
    return msgspec.structs.fields(kind)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return _written(value)
    if isinstance(value, list) and value and isinstance(value[0], msgspec.Struct):
        return [_written(item) for item in value]
    return value
