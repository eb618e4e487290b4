"""How the twin reads a call: arguments from query, form or JSON, pages, and Slack's refusals."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from tramo import sdk

Arguments = dict[str, Any]


class Refusal(Exception):
    """An `ok: false` answer in the making."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def read_arguments(request: sdk.TwinRequest, flags: frozenset[str]) -> Arguments:
    """Read a call's arguments from query, form or JSON, refusing what is of the wrong kind."""
    if request.method == "GET":
        arguments: Arguments = dict(request.query)
    else:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if not kind:
            raise Refusal("missing_post_type")
        if kind == "application/json":
            arguments = _json_arguments(request.body)
        elif kind == "application/x-www-form-urlencoded":
            arguments = dict(request.form())
        else:
            raise Refusal("invalid_post_type")
    for name in flags & arguments.keys():
        flag = {"true": True, "1": True, "false": False, "0": False}.get(
            str(arguments[name]).lower()
        )
        if flag is None:
            raise Refusal("invalid_arguments")
        arguments[name] = flag
    return arguments


def _json_arguments(body: bytes) -> Arguments:
    try:
        arguments = sdk.decode(body)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(arguments, dict):
        raise Refusal("json_not_object")
    for name in ("channel", "text", "ts", "thread_ts"):
        if name in arguments and not isinstance(arguments[name], str):
            raise Refusal("invalid_arguments")
    return arguments


def read_structured(arguments: Arguments, name: str, kind: type[Any], word: str) -> Any:
    """Read an argument that is JSON inside a text, as forms carry it."""
    value = arguments.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = sdk.decode(value)
        except ValueError:
            raise Refusal(word) from None
    if not isinstance(value, kind):
        raise Refusal(word)
    return value


def read_content(arguments: Arguments, limit: int) -> dict[str, Any]:
    """Read text and blocks of a message, refusing what Slack would not show."""
    text = str(arguments.get("text") or "")
    blocks = read_structured(arguments, "blocks", list, "invalid_blocks_format")
    if any(not isinstance(block, dict) or not block.get("type") for block in blocks or []):
        raise Refusal("invalid_blocks")
    if len(blocks or []) > 50:
        raise Refusal("invalid_blocks")
    if not text.strip() and not blocks:
        raise Refusal("no_text")
    if len(text) > limit:
        raise Refusal("msg_too_long")
    return {"text": text, **({} if blocks is None else {"blocks": blocks})}


def cut_page(found: list[Any], arguments: Arguments, default: int) -> tuple[list[Any], str]:
    """Return the page that `cursor` and `limit` ask for, and the cursor of the next one or ""."""
    try:
        limit = int(arguments.get("limit") or default)
        start = 0
        if arguments.get("cursor"):
            start = int(base64.b64decode(str(arguments["cursor"]), validate=True))
            if start < 0:
                raise ValueError
    except (ValueError, binascii.Error):
        raise Refusal("invalid_cursor" if "cursor" in arguments else "invalid_limit") from None
    if not 1 <= limit <= 1000:
        raise Refusal("invalid_limit")
    following = start + limit
    more = following < len(found)
    return found[start:following], base64.b64encode(
        str(following).encode()
    ).decode() if more else ""
