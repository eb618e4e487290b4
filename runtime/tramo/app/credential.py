"""Reads the fields that somebody typed for a connection: every problem named, secrets set apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tramo.model.problem import Problem, TramoError, pointer
from tramo.sdk import Credential, Definition, json_schema, resolve_schema, secret_fields

_SLOT: Final = re.compile(r"\{(\w+)\}")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A credential taken apart: what may be shown, and what must be sealed."""

    public: dict[str, Any]
    secrets: dict[str, str]

    def __repr__(self) -> str:
        return "Read(…)"


def read_credential(definition: Definition, given: Mapping[str, Any]) -> Read:
    """Return the fields in the form the connector wants.

    Empty text and null count as not given. Raises TramoError with one problem for each field.
    """
    kind = definition.credential
    if kind is None:
        if given:
            raise _refused([_unknown(name, definition) for name in given])
        return Read(public={}, secrets={})
    fields = {name: value for name, value in given.items() if value is not None and value != ""}
    problems = _problems(definition, kind, fields)
    if problems:
        raise _refused(problems)
    try:
        whole = msgspec.to_builtins(msgspec.convert(fields, kind, strict=False))
    except msgspec.ValidationError as error:
        # What the connector's own check of the whole says; it knows not to quote a secret.
        raise _refused(
            [
                Problem(
                    "/credential",
                    "connection.credential_whole",
                    f"The fields do not fit together: {error}.",
                    params={"detail": str(error)},
                )
            ]
        ) from None
    secret = secret_fields(kind)
    return Read(
        public={name: value for name, value in whole.items() if name not in secret},
        secrets={name: value for name, value in whole.items() if name in secret and value},
    )


def merge_credential(
    definition: Definition, public: Mapping[str, Any], secrets: Mapping[str, Any], change: Any
) -> Read:
    """Return a stored credential with some fields changed; an empty secret stays as it is.

    Raises TramoError when the change would send kept secrets to another host: whoever moves a
    connection must know its secrets.
    """
    kind = definition.credential
    secret = secret_fields(kind) if kind is not None else frozenset()
    changed = {name: value for name, value in change.items() if value != "" or name not in secret}
    merged = read_credential(definition, {**public, **secrets, **changed})
    bound = host_fields(definition)
    moved = [
        name
        for name in merged.public
        if (bound is None or name in bound) and merged.public[name] != public.get(name)
    ]
    kept = [name for name in merged.secrets if not changed.get(name)]
    if moved and kept:
        raise _refused(
            [
                Problem(
                    pointer("credential", name),
                    "connection.secret_again",
                    f"“{moved[0]}” decides where this secret is sent; enter the secret again.",
                    params={"field": name, "moved": moved[0]},
                )
                for name in kept
            ]
        )
    return merged


def host_fields(definition: Definition) -> frozenset[str] | None:
    """Return the fields that decide where requests go; None when any of them may."""
    templates = [definition.base_url or "", *definition.hosts]
    if not any(templates):
        return None
    return frozenset(name for template in templates for name in _SLOT.findall(template))


def _problems(
    definition: Definition, kind: type[Credential], fields: Mapping[str, Any]
) -> list[Problem]:
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    words = resolve_schema(json_schema(kind)).get("properties", {})
    problems = [_unknown(name, definition) for name in fields if name not in known]
    for name, field in known.items():
        title = words.get(name, {}).get("title", name)
        if name not in fields:
            if field.required:
                text = _with_cure(f"“{title}” is missing", words.get(name, {}))
                problems.append(_problem(name, "connection.field_missing", text, title))
            continue
        try:
            msgspec.convert(fields[name], field.type, strict=False)
        except msgspec.ValidationError:
            text = _with_cure(f"“{title}” does not have the right form", words.get(name, {}))
            problems.append(_problem(name, "connection.field_invalid", text, title))
    return problems


def _with_cure(text: str, words: Mapping[str, Any]) -> str:
    description = words.get("description")
    return f"{text}. {description}" if description else f"{text}; fill it in."


def _problem(name: str, code: str, text: str, title: str) -> Problem:
    return Problem(pointer("credential", name), code, text, params={"field": title})


def _unknown(name: str, definition: Definition) -> Problem:
    text = f"{definition.title} has no field “{name}”; leave it out."
    place = pointer("credential", name)
    shown = {"field": name, "connector": definition.title}
    return Problem(place, "connection.field_unknown", text, params=shown)


def _refused(problems: list[Problem]) -> TramoError:
    count = len(problems)
    return TramoError(
        "connection.credential",
        problems[0].message if count == 1 else f"{count} fields need attention.",
        status=422,
        path=problems[0].path,
        problems=problems,
    )
