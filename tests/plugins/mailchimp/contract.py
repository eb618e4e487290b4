"""Mailchimp's published OpenAPI document as a judge of requests and answers."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from tramo import sdk
from tramo.ports.http import Request

BASE = "https://us21.api.mailchimp.com/3.0"


class Contract:
    """The document, and the validators that were made of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._validators: dict[int, Any] = {}
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z"), methods)
            for path, methods in document["paths"].items()
        ]

    def accepts(self, request: Request) -> bool:
        """Tell whether a request fits: path, method, key, query, body."""
        operation = self.operation(request)
        if operation is None or not _has_key(request):
            return False
        given = dict(parse_qsl(request.url.partition("?")[2], keep_blank_values=True))
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            schema, name = parameter["schema"], parameter["name"]
            if name not in given:
                if parameter.get("required"):
                    return False
            elif not self._valid(schema, _typed(given[name], schema)):
                return False
        return self._body_fits(operation, request)

    def operation(self, request: Request) -> dict[str, Any] | None:
        """Return what the document says of a request's path and method."""
        path = request.url.partition("?")[0].removeprefix(BASE)
        for pattern, methods in self._paths:
            if pattern.match(path):
                return methods.get(request.method.lower())
        return None

    def _body_fits(self, operation: Mapping[str, Any], request: Request) -> bool:
        wanted = operation.get("requestBody")
        if wanted is None:
            return True
        if "$ref" in wanted:
            name = wanted["$ref"].rpartition("/")[2]
            wanted = self._document["components"]["requestBodies"][name]
        kind = _header(request, "content-type").partition(";")[0]
        if kind not in wanted["content"]:
            return False
        try:
            body = json.loads(request.body)
        except ValueError:
            return False
        return self._valid(wanted["content"][kind]["schema"], body)

    def faults(self, request: Request, response: sdk.Response) -> list[str]:
        """Say what in an answer is not as the document has it."""
        operation = self.operation(request)
        assert operation is not None
        answer = operation["responses"].get(str(response.status), operation["responses"]["default"])
        if "content" not in answer:
            return ["a body where there is none"] if response.body else []
        kind = response.headers["content-type"].partition(";")[0]
        validator = self._validator(answer["content"][kind]["schema"])
        return [str(error) for error in validator.iter_errors(json.loads(response.body))]

    def _valid(self, schema: Mapping[str, Any], value: Any) -> bool:
        return self._validator(schema).is_valid(value)

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        if id(schema) not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            self._validators[id(schema)] = jsonschema_rs.Draft4Validator(
                whole, validate_formats=True
            )
        return self._validators[id(schema)]


def _has_key(request: Request) -> bool:
    scheme, _, said = _header(request, "authorization").partition(" ")
    try:
        return scheme == "Basic" and b":" in base64.b64decode(said, validate=True)
    except binascii.Error:
        return False


def _header(request: Request, name: str) -> str:
    return {key.lower(): value for key, value in request.headers.items()}.get(name, "")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Read a parameter as the kind that its schema wants, where it can be."""
    kind = schema.get("type")
    if kind == "array":
        return text.split(",")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    return text
