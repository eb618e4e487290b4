"""Workload W: flows of 3 to 9 steps that change vendors in every way an action can.

Of the steps 40 % are keyed writes, 20 % are writes that must never be repeated, 20 % are e-mails
and 20 % only read; waits last 0 to 3 s; every twentieth delivery comes twice.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any, Final

KINDS: Final = ("keyed", "never_repeat", "mail", "pure")
WEIGHTS: Final = (40, 20, 20, 20)
ATTEMPTS: Final = 10
DUPLICATES: Final = 0.05
QUIET: Final = {"failed": False, "asking": False, "pause_after": 0}
"""Campaigns make failures and doubts on purpose."""


def step(
    kind: str,
    id: str,
    port: int,
    *,
    mail: str = "",
    behaviour: str = "mix",
    attempts: int = ATTEMPTS,
    timeout_s: int = 5,
) -> dict[str, Any]:
    """Return a node that asks a vendor for one effect."""
    node: dict[str, Any] = {"id": id, "retry": {"attempts": attempts, "backoff_s": 1}}
    if kind == "mail":
        return node | {
            "type": "email.send",
            "connection": mail,
            "params": {
                "to": ["ana@example.com"],
                "subject": {"$text": "{{ start.body.order }} " + id},
                "text": {"$text": "{{ start.body.note }}"},
            },
        }
    place = f"http://127.0.0.1:{port}/do/{behaviour}/{kind}/"
    params: dict[str, Any] = {
        "method": "GET" if kind == "pure" else "POST",
        "url": {"$text": place + "{{ start.body.order }}/" + id},
    }
    if kind != "pure":
        params["json"] = {"order": {"$expr": "start.body.order"}, "at": {"$expr": "now"}}
    if kind == "keyed":
        params["key_header"] = "Idempotency-Key"
    return node | {"type": "core.http_request", "params": params, "timeout_s": timeout_s}


def webhook(**params: Any) -> dict[str, Any]:
    """Return the trigger of a campaign's flow."""
    return {
        "id": "start",
        "type": "core.webhook",
        "params": {"dedupe": "body.id", "keys": {"order": "body.order"}, **params},
    }


def document(
    id: str, nodes: list[dict[str, Any]], edges: list[tuple[str, str]], **fields: Any
) -> dict[str, Any]:
    """Return a flow document; what fails in it alerts nobody."""
    return {
        "format": 1,
        "id": f"flow_{id}",
        "name": id,
        "nodes": nodes,
        "edges": [{"from": start, "to": end} for start, end in edges],
        "alerts": QUIET,
        **fields,
    }


def chain(id: str, nodes: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Return a flow in which one node follows the other."""
    names = [node["id"] for node in nodes]
    return document(id, nodes, list(pairwise(names)), **fields)


class Workload:
    """The flows of W, and the orders that go through them."""

    def __init__(self, seed: int, *, shapes: int, ports: list[int], mail: str) -> None:
        self._draw = random.Random(f"workload {seed}")
        self.addresses: list[str] = []
        self.effects: dict[str, dict[str, str]] = {}
        """By flow: its nodes that ask for an effect, and of which kind."""
        self.documents = [self._flow(number, ports, mail) for number in range(shapes)]

    def _flow(self, number: int, ports: list[int], mail: str) -> dict[str, Any]:
        draw = self._draw
        nodes = [webhook()]
        edges: list[tuple[str, str]] = []
        kinds: dict[str, str] = {}
        last = "start"
        for place in range(draw.randint(3, 9)):
            if draw.random() < 0.3:
                wait = {"seconds": {"$expr": "start.body.wait"}}
                nodes.append({"id": f"wait{place}", "type": "core.wait", "params": wait})
                edges.append((last, f"wait{place}"))
                last = f"wait{place}"
            kind = draw.choices(KINDS, WEIGHTS)[0]
            name = f"step{place}"
            nodes.append(step(kind, name, draw.choice(ports), mail=mail))
            edges.append((last, name))
            kinds[name] = kind
            last = last if draw.random() < 0.25 else name
        self.effects[f"flow_w{number}"] = kinds
        return document(f"w{number}", nodes, edges)

    def order(self, number: int) -> tuple[str, str, dict[str, Any]]:
        """Return a delivery: its id, its address and its body."""
        draw = self._draw
        id = f"o{number}"
        body = {
            "id": id,
            "order": id,
            "note": "Ø" * draw.randint(1, 200),
            "total": f"{draw.randint(1, 99_999)}.{draw.randint(10, 99)}",
            "wait": draw.choice((0, 0, 1, 2, 3)),
        }
        return id, self.addresses[number % len(self.addresses)], body

    def comes_twice(self) -> bool:
        return self._draw.random() < DUPLICATES
