"""The door for forms: what people enter on a page of ours becomes an event.

It reads answers by the fields that the form asks for and looks at nothing else that was sent. It
knows no HTML; whoever shows the form turns its codes into sentences.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from tramo.ingest.door import Drafts
from tramo.ingest.intake import Intake, Plans
from tramo.ingest.key import extract_keys
from tramo.ingest.subscription import Look, Route, Subscriptions, no_look
from tramo.model.problem import TramoError
from tramo.model.value import encode
from tramo.nodes.form import Form, FormField
from tramo.store.change import Outdated

FORM: Final = "core.form"
TEXT_LENGTH: Final = 1_000
LONG_LENGTH: Final = 20_000
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}([.,]\d{1,10})?\Z", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\"]{2,}\Z")
_YES: Final = frozenset({"yes", "on", "true", "1"})
_NO: Final = frozenset({"no", "off", "false", "0"})


class Found(msgspec.Struct, frozen=True):
    """A form behind an address."""

    route: Route
    form: Form
    language: str
    test: bool


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with an answer: missing, long, number, date, choice, email or kind."""

    code: str
    params: dict[str, Any] = {}


class Answers(msgspec.Struct, frozen=True):
    """What was entered, as the flow gets it, and what cannot be taken, by field."""

    values: dict[str, Any]
    wrong: dict[str, Wrong]


class FormDoor:
    """Finds forms by their address and takes what was entered."""

    def __init__(
        self,
        *,
        intake: Intake,
        subscriptions: Subscriptions,
        drafts: Drafts,
        plans: Plans,
        look: Look = no_look,
    ) -> None:
        self._look = look
        self._intake = intake
        self._subscriptions = subscriptions
        self._drafts = drafts
        self._plans = plans

    async def find(self, address: str, *, test: bool = False) -> Found:
        """Return the form at an address, of the draft with `test`. Raises TramoError."""
        route = (
            await self._drafts.draft_route(address, FORM)
            if test
            else self._subscriptions.for_address(address, FORM)
        )
        if route is None and not test:
            await self._look()  # Another process may have published it a moment ago.
            route = self._subscriptions.for_address(address, FORM)
        if route is None:
            raise _unknown()
        plan = await self._plans.get(route.workspace_id, route.flow_id, route.version)
        form = msgspec.convert(route.params, Form)
        return Found(route, form, plan.flow.language, test)

    async def take(self, found: Found, values: Mapping[str, Any], token: str) -> bool:
        """Store what was entered and start the flow; False when it was sent already.

        The same values under the same token are one sending: a second press of the button. Raises
        TramoError for a form that is gone meanwhile.
        """
        try:
            return await self._take(found, values, token)
        except Outdated:
            await self._look()
        route = found.route
        current = self._subscriptions.for_node(route.workspace_id, route.flow_id, route.node_id)
        if current is None:
            raise _unknown()
        fresh = msgspec.structs.replace(found, route=current)
        return await self._take(fresh, values, token)

    async def _take(self, found: Found, values: Mapping[str, Any], token: str) -> bool:
        route = found.route
        payload = encode(values)
        digest = hashlib.sha256(token.encode() + b"\0" + payload).hexdigest()
        keys = extract_keys(found.form.keys, values) if found.form.keys else ()
        taken = await self._intake.take(
            route.workspace_id,
            type=FORM,
            source=f"{route.flow_id}/{route.node_id}",
            payload=payload,
            output=values,
            routes=[route],
            delivery_id=f"test:{digest}" if found.test else digest,
            keys=keys,
            by_hand=found.test,
        )
        return not taken.duplicate


def _unknown() -> TramoError:
    return TramoError("form.unknown", "There is no form at this address.", status=404)


def read_answers(form: Form, given: Mapping[str, Any]) -> Answers:
    """Read what was entered: texts as a page sends them, or values as a program does."""
    values: dict[str, Any] = {}
    wrong: dict[str, Wrong] = {}
    for field in form.fields:
        found = _read(field, given.get(field.name))
        if isinstance(found, Wrong):
            wrong[field.name] = found
        else:
            values[field.name] = found
    return Answers(values, wrong)


def _read(field: FormField, value: Any) -> Any:
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
    if value is None or value == "":
        if field.required:
            return Wrong("missing")
        return False if field.kind == "yes_no" else None
    return _READERS[field.kind](field, value)


def _text(field: FormField, value: Any) -> Any:
    most = LONG_LENGTH if field.kind == "long_text" else TEXT_LENGTH
    if not isinstance(value, str):
        return Wrong("kind")
    if len(value) > most:
        return Wrong("long", {"most": most})
    return value if field.kind == "long_text" else " ".join(value.split("\n"))


def _number(_: FormField, value: Any) -> Any:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _NUMBER.match(value):
        return Wrong("number")
    number = Decimal(value.replace(",", "."))
    whole = "," not in value and "." not in value
    return int(number) if whole else number


def _money(field: FormField, value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("currency", field.currency) != field.currency:
            return Wrong("number")
        value = value.get("amount")
    number = _number(field, value)
    if isinstance(number, Wrong):
        return number
    return {"amount": number, "currency": field.currency}


def _date(_: FormField, value: Any) -> Any:
    try:
        is_date = isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        is_date = False
    return value if is_date else Wrong("date")


def _choice(field: FormField, value: Any) -> Any:
    return value if value in field.options else Wrong("choice")


def _email(_: FormField, value: Any) -> Any:
    if not isinstance(value, str) or len(value) > 320 or not _EMAIL.match(value):
        return Wrong("email")
    return value


def _yes_no(field: FormField, value: Any) -> Any:
    said = value if isinstance(value, bool) else str(value).lower()
    if said is True or said in _YES:
        return True
    if said is False or said in _NO:
        return Wrong("missing") if field.required else False
    return Wrong("kind")


_READERS: Final[Mapping[str, Callable[[FormField, Any], Any]]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "email": _email,
    "yes_no": _yes_no,
}
