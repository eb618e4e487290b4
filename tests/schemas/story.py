"""What runs are recorded of: flows that together come past every transition of the journal.

Each story gives the runs that are to be kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

from tramo.app.house import House
from tramo.sdk import json_response

from tests.kit import owner, twin
from tests.schemas.kit import EXAMPLES, opened, read_event
from tests.schemas.stage import BIG, Service, Stage, expr, node, stage

AS_PARCEL: Final = {"as": "parcel"}
Story = Callable[[Path], AsyncIterator[tuple[House, str]]]

STORIES: Final[dict[str, Story]] = {}


def story(tell: Callable[[Stage], Awaitable[Iterable[str]]]) -> None:
    """Keep a story under its function's name."""

    async def told(folder: Path) -> AsyncIterator[tuple[House, str]]:
        async with stage(folder) as made:
            for run_id in await tell(made):
                yield made.house, run_id

    STORIES[tell.__name__] = told


# The example flows --------------------------------------------------------------------------------


FIRES: Final = {
    "cash_to_prepaid": "order",
    "parcel_news": "moved",
    "price_rules": "morning",
    "reorder": "level",
    "scheduled_sale": "form",
}
"""The trigger of examples that have several."""


def _example(name: str, answers: str | None, *, lost: str | None = None) -> Story:
    async def told(folder: Path) -> AsyncIterator[tuple[House, str]]:
        hosts = (
            "wms",
            "whatsapp",
            "helpdesk",
            "pay",
            "wa",
            "market",
            "marketplace",
            "feed",
            "theme",
        )
        answer = Service().answer
        services = {
            f"https://{host}.example{end}": answer for host in hosts for end in (".com", "")
        }
        async with opened(folder, name, services=services) as shop:
            if lost:
                shop.lose_answer("easypost", lost)
            run = await shop.run(read_event(name), answers or (), trigger=FIRES.get(name))
            yield shop.house, run.id

    return told


for _path in sorted(EXAMPLES.glob("*.json")):
    _said = sorted((EXAMPLES / "answers").glob(f"{_path.stem}_*.json"))
    STORIES[f"example_{_path.stem}"] = _example(_path.stem, _said[0].stem if _said else None)
STORIES["label_looked_up"] = _example("confirm_order", None, lost="/buy")


# Ways through a graph -----------------------------------------------------------------------------


@story
async def inline_and_exact(stage: Stage) -> Iterable[str]:
    nodes = [
        node("sum", "set", fields={"id": expr("go.id + 1"), "half": expr("go.total / 3")}),
        node("vip", "branch", rules=[{"port": "yes", "when": expr("go.total > 100")}]),
        node("off", "set", fields={}) | {"disabled": True},
        node("never", "set", fields={"n": 1}),
        node("end", "merge", wait="any"),
        node("stop", "stop", outcome="cancelled", message="enough"),
    ]
    flow = await stage.put(
        "inline_and_exact",
        nodes,
        "go > sum, sum > vip, vip.yes > off, vip.else > never, off > end, never > end, end > stop",
    )
    return [await stage.run(flow, {"id": BIG, "total": 1000})]


@story
async def race_of_two_waits(stage: Stage) -> Iterable[str]:
    nodes = [
        node("soon", "wait", seconds=60),
        node("late", "wait", seconds=3_600),
        node("first", "merge", wait="first"),
    ]
    edges = "go > soon, go > late, soon > first, late > first"
    return [await stage.run(await stage.put("race_of_two_waits", nodes, edges))]


@story
async def failure_and_reruns(stage: Stage) -> Iterable[str]:
    nodes = [
        stage.call("tell", "PUT", "/fine"),
        stage.call("note", "POST", "/fine"),
        stage.call("last", "PUT", "/refuse_once"),
        node("after", "set", fields={"id": expr("tell.body.id")}),
    ]
    flow = await stage.put(
        "failure_and_reruns", nodes, "go > tell, tell > note, note > last, last > after"
    )
    first = await stage.run(flow, {"id": 1})
    scope, found = owner(stage.house), [first]
    for start in ("failed", "start"):
        made = await stage.house.reruns.rerun(scope, first, start)
        found.append(await stage.play(made["id"]))
    return found


@story
async def error_port(stage: Stage) -> Iterable[str]:
    nodes = [
        stage.call("tell", "PUT", "/refuse", on_error="branch"),
        node("why", "set", fields={"code": expr("tell.code"), "details": expr("tell.details")}),
        stage.call("more", "PUT", "/refuse_too", on_error="continue"),
    ]
    flow = await stage.put("error_port", nodes, "go > tell, tell.error > why, why > more")
    return [await stage.run(flow)]


@story
async def what_failures_are_told_with(stage: Stage) -> Iterable[str]:
    nodes = [
        stage.call("tell", "PUT", "/refuse", on_error="continue"),
        stage.call("busy", "PUT", "/busy", on_error="continue"),
        node("each", "for_each", items=[1, 2]),
        node("bad", "set", fields={"n": expr("item / 0")}) | {"inside": "each"},
    ]
    edges = "go > tell, tell > busy, busy > each"
    return [await stage.run(await stage.put("what_failures_are_told_with", nodes, edges))]


@story
async def retry_after_a_while(stage: Stage) -> Iterable[str]:
    nodes = [stage.call("tell", "PUT", "/busy"), node("after", "set", fields={"n": 1})]
    return [
        await stage.run(await stage.put("retry_after_a_while", nodes, "go > tell, tell > after"))
    ]


@story
async def time_is_up(stage: Stage) -> Iterable[str]:
    nodes = [node("rest", "wait", seconds=7_200), node("after", "set", fields={})]
    limits = {"timeout_s": 3_600}
    flow = await stage.put("time_is_up", nodes, "go > rest, rest > after", limits=limits)
    return [await stage.run(flow)]


# Doubts -------------------------------------------------------------------------------------------


async def _doubt(stage: Stage, name: str, outcome: str | None, **fields: Any) -> list[str]:
    nodes = [
        stage.call("pay", "POST", "/drop", **fields),
        node("after", "set", fields={"paid": expr("pay")}),
    ]
    flow = await stage.put(name, nodes, "go > pay, pay > after")
    said = [{"on": "pay", "outcome": outcome, "output": {"by": "phone"}}] if outcome else []
    return [await stage.run(flow, {"id": 7}, *said)]


@story
async def doubt_it_happened(stage: Stage) -> Iterable[str]:
    return await _doubt(stage, "doubt_it_happened", "happened")


@story
async def doubt_sent_once_more(stage: Stage) -> Iterable[str]:
    return await _doubt(stage, "doubt_sent_once_more", "resend")


@story
async def doubt_given_up(stage: Stage) -> Iterable[str]:
    return await _doubt(stage, "doubt_given_up", "abort")


@story
async def doubt_still_open(stage: Stage) -> Iterable[str]:
    return await _doubt(stage, "doubt_still_open", None)


@story
async def doubt_passed_over(stage: Stage) -> Iterable[str]:
    return await _doubt(stage, "doubt_passed_over", None, on_doubt="skip")


@story
async def same_key_again(stage: Stage) -> Iterable[str]:
    keyed = {"params": {"key_header": "Idempotency-Key"}}
    return await _doubt(stage, "same_key_again", None, **keyed)


@story
async def lost_answer_is_noted(stage: Stage) -> Iterable[str]:
    """Since format 4 a try after a lost answer says so."""
    keyed = {"params": {"key_header": "Idempotency-Key"}, "retry": {"attempts": 3}}
    return await _doubt(stage, "lost_answer_is_noted", None, **keyed)


@story
async def parked_for_a_sign_in(stage: Stage) -> Iterable[str]:
    house, scope = stage.house, owner(stage.house)
    chat = await twin(house, "slack")
    say = {"connection": chat["id"], "params": {"channel": "#orders", "text": "Hello"}}
    nodes = [{"id": "tell", "type": "slack.post_message", **say}]
    flow = await stage.put("parked_for_a_sign_in", nodes, "go > tell")

    async def refuse(_request: Any) -> Any:
        return json_response({"ok": False, "error": "token_revoked"})

    account = house.twins.open(chat["id"], house.registry.connectors["slack"], {}).twin
    account._answer = refuse
    runs = [await stage.start(flow) for _ in range(2)]
    for run_id in runs:
        await stage.until(run_id, "waiting")
    house.twins.forget(chat["id"])
    await house.runs.cancel(scope, runs[1])
    await house.connections.test(scope, chat["id"])
    return [await stage.play(runs[0]), runs[1]]


@story
async def once_for_an_order(stage: Stage) -> Iterable[str]:
    nodes = [
        stage.call("tell", "PUT", "/fine", once="order"),
        node("after", "set", fields={"n": 1}),
    ]
    flow = await stage.put(
        "once_for_an_order", nodes, "go > tell, tell > after", keys={"order": "id"}
    )
    return [await stage.run(flow, {"id": BIG}) for _ in range(2)]


# Waits --------------------------------------------------------------------------------------------


def _paid(**more: Any) -> dict[str, Any]:
    return {"type": "core.webhook", "key": "order", "value": expr("go.id"), **more}


@story
async def waits_end_each_in_its_way(stage: Stage) -> Iterable[str]:
    nodes = [
        node("rest", "wait", seconds=60),
        node("paid", "wait", event=_paid(), timeout_s=600),
        node("late", "wait", event=_paid(since="now"), timeout_s=600),
        node("may", "approve", title="May it go on?"),
        node("yes", "set", fields={"by": expr("may.by")}),
    ]
    edges = "go > rest, rest > paid, paid > late, late.late > may, may.yes > yes"
    flow = await stage.put("waits_end_each_in_its_way", nodes, edges, keys={"order": "id"})
    paid = {"type": "core.webhook", "keys": {"order": str(BIG)}, "data": {"body": {"paid": True}}}
    answers = (
        {"on": "paid", "event": paid},
        {"on": "may", "answer": {"port": "yes", "data": {"note": "fine"}}},
    )
    return [await stage.run(flow, {"id": BIG}, *answers)]


@story
async def wait_is_left(stage: Stage) -> Iterable[str]:
    nodes = [node("rest", "wait", seconds=3_600, leave_on=[_paid()]), node("sad", "set", fields={})]
    flow = await stage.put(
        "wait_is_left", nodes, "go > rest, rest.left > sad", keys={"order": "id"}
    )
    gone = {"type": "core.webhook", "keys": {"order": "9"}, "data": {"body": {}}}
    return [await stage.run(flow, {"id": 9}, {"at_s": 5, "event": gone})]


@story
async def nobody_answers_yet(stage: Stage) -> Iterable[str]:
    nodes = [node("may", "approve", title="May it?"), node("yes", "set", fields={})]
    return [
        await stage.run(await stage.put("nobody_answers_yet", nodes, "go > may, may.yes > yes"))
    ]


@story
async def hurried(stage: Stage) -> Iterable[str]:
    nodes = [node("rest", "wait", seconds=3_600), node("after", "set", fields={"n": 1})]
    run_id = await stage.start(await stage.put("hurried", nodes, "go > rest, rest > after"))
    await stage.until(run_id, "waiting")
    await stage.house.runs.hurry(owner(stage.house), run_id, "rest", ())
    return [await stage.play(run_id)]


@story
async def called_off(stage: Stage) -> Iterable[str]:
    nodes = [node("rest", "wait", seconds=3_600), node("after", "set", fields={"n": 1})]
    run_id = await stage.start(await stage.put("called_off", nodes, "go > rest, rest > after"))
    await stage.until(run_id, "waiting")
    await stage.house.runs.cancel(owner(stage.house), run_id)
    return [run_id]


# Loops --------------------------------------------------------------------------------------------


@story
async def nested_loops_that_wait(stage: Stage) -> Iterable[str]:
    nodes = [
        node(
            "parcels", "for_each", items=expr("go.parcels"), at_once=2, collect="lines", **AS_PARCEL
        ),
        node("lines", "for_each", "parcels", items=expr("parcel.lines"), collect=expr("rest.at")),
        node("rest", "wait", "lines", seconds=expr("item")),
        node("sum", "set", fields={"count": expr("parcels.count")}),
    ]
    flow = await stage.put("nested_loops_that_wait", nodes, "go > parcels, parcels.done > sum")
    return [
        await stage.run(flow, {"parcels": [{"lines": [60, 30]}, {"lines": []}, {"lines": [9]}]})
    ]


@story
async def items_that_fail_are_counted(stage: Stage) -> Iterable[str]:
    loop = node("each", "for_each", items=expr("go.items"), at_once=2, on_item_error="continue")
    nodes = [
        loop,
        stage.call("tell", "PUT", "/fine", inside="each"),
        node("half", "set", "each", fields={"n": expr("10 / item")}),
        node("sum", "set", fields={"failed": expr("each.failed")}),
    ]
    edges = "go > each, tell > half, each.done > sum"
    flow = await stage.put("items_that_fail_are_counted", nodes, edges)
    return [await stage.run(flow, {"items": [5, 0, 4]})]


@story
async def one_failure_ends_the_loops_around(stage: Stage) -> Iterable[str]:
    nodes = [
        node("outer", "for_each", items=expr("go.items"), at_once=2, on_item_error="continue"),
        node("inner", "for_each", "outer", items=[1, 2], at_once=2),
        node("rest", "wait", "inner", seconds=expr("item * 60")),
        node("nap", "wait", "outer", seconds=30),
        node("half", "set", "outer", fields={"n": expr("10 / outer_item")}),
        node("sum", "set", fields={"failed": expr("outer.failed")}),
    ]
    nodes[0]["params"]["as"] = "outer_item"
    edges = "go > outer, nap > half, outer.done > sum"
    flow = await stage.put("one_failure_ends_the_loops_around", nodes, edges)
    return [await stage.run(flow, {"items": [0, 5]})]


@story
async def doubt_inside_a_loop(stage: Stage) -> Iterable[str]:
    nodes = [
        node("each", "for_each", items=expr("go.items"), collect="pay"),
        stage.call("pay", "POST", "/drop", inside="each"),
    ]
    flow = await stage.put("doubt_inside_a_loop", nodes, "go > each")
    said = {"on": "pay", "iteration": [0], "outcome": "happened", "output": {"ref": "A"}}
    return [await stage.run(flow, {"items": ["a", "b"]}, said)]


# Stored steps and runs that go on with others -----------------------------------------------------


@story
async def paced_and_gathered(stage: Stage) -> Iterable[str]:
    nodes = [
        node("turn", "rate_limit", count=1, per_s=60),
        node("known", "dedupe", key=expr("go.id")),
        node("news", "digest", item=expr("go.id"), seconds=600),
        node("row", "table_write", table="orders", key=expr("go.id"), values={"id": expr("go.id")}),
    ]
    edges = "go > turn, turn > known, known.new > news, news > row"
    flow = await stage.put("paced_and_gathered", nodes, edges)
    runs = [await stage.start(flow, {"id": number}) for number in ("1", "2", "1")]
    return [await stage.play(run_id) for run_id in runs]


@story
async def one_flow_calls_another(stage: Stage) -> Iterable[str]:
    called = [
        {"id": "asked", "type": "core.flow_called"},
        node("rest", "wait", seconds=60),
        node("told", "respond", body={"double": expr("asked.n * 2")}),
    ]
    await stage.put("called", called, "asked > rest, rest > told")
    nodes = [
        node("ask", "call_flow", flow="flow_called", event={"n": expr("go.n")}),
        node("after", "set", fields={"said": expr("ask")}),
    ]
    flow = await stage.put("calling", nodes, "go > ask, ask > after")
    caller = await stage.run(flow, {"n": 21})
    items = (await stage.house.runs.list(owner(stage.house), flow="flow_called"))["items"]
    return [caller, *(item["id"] for item in items)]


@story
async def queued_for_its_turn(stage: Stage) -> Iterable[str]:
    nodes = [
        node("rest", "wait", seconds=60),
        node("after", "set", fields={"n": expr("vars.shop")}),
    ]
    await stage.house.variables.put(owner(stage.house), "shop", "Lumina")
    limits = {"concurrency": {"at_once": 1}}
    flow = await stage.put("queued_for_its_turn", nodes, "go > rest, rest > after", limits=limits)
    runs = [await stage.start(flow) for _ in range(2)]
    return [await stage.play(run_id) for run_id in runs]
