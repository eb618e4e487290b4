"""The built-in connector: triggers, control nodes and data nodes that belong to no vendor.

Written on `tramo.sdk` alone, like any other connector. This page is its table of contents; what
each node takes and does stands in the modules beside it.
"""

from __future__ import annotations

from tramo import sdk
from tramo.nodes import (
    aggregate,
    approval,
    call,
    code,
    collection,
    control,
    data,
    form,
    gather,
    http_request,
    loop,
    once,
    pause,
    reconcile,
    table,
    trigger,
    wait,
    watch_url,
)

connector = sdk.Connector(
    "core",
    title="Web service",
    summary="The built-in nodes. Only an HTTP request that has to sign in needs an account here.",
    credential=http_request.WebAccount,
    category="Data",
)

# Triggers ------------------------------------------------------------------------------------

connector.trigger(
    "manual",
    title="Start by hand",
    summary="Starts when somebody presses Run, or when a program asks for it. "
    "Its output is the event it was started with.",
    source="manual",
    category="Triggers",
    synonyms=("manual", "button", "test", "event"),
    connection="none",
)
connector.trigger(
    "webhook",
    title="Webhook",
    summary="Starts when another system sends a request to this node's own address. "
    "The address appears when the flow is published and stays the same from then on.",
    source="webhook",
    params=trigger.Webhook,
    event=trigger.Call,
    category="Triggers",
    synonyms=("http", "api", "endpoint", "callback", "request"),
    connection="none",
    example=trigger.CALL,
)
connector.trigger(
    "schedule",
    title="Schedule",
    summary="Starts at fixed times, or again and again after some time. "
    "Clock changes are obeyed, so nine o'clock stays nine o'clock.",
    source="schedule",
    params=trigger.Schedule,
    event=trigger.Firing,
    category="Triggers",
    synonyms=("cron", "timer", "interval", "daily", "every"),
    connection="none",
    example=trigger.FIRING,
)

connector.trigger(
    "form",
    title="Form",
    summary="Starts when somebody sends a form: a page of its own that asks for what the flow "
    "needs. Its output are the answers, by the fields' names.",
    source="form",
    params=form.Form,
    category="Triggers",
    synonyms=("survey", "questionnaire", "returns", "request", "input", "page"),
    connection="none",
    example=form.EXAMPLE,
)
connector.trigger(
    "flow_called",
    title="Called by a flow",
    summary="Starts when another flow calls this one. Its output is the event that the caller "
    "gives.",
    source="flow",
    category="Triggers",
    synonyms=("sub-flow", "subflow", "call", "reuse", "child"),
    connection="none",
)
connector.trigger(
    "run_failed",
    title="Run failed",
    summary="Starts when a run of another flow fails, to tell somebody or to clear up.",
    source="flow",
    params=trigger.FlowFailed,
    event=trigger.Failure,
    category="Triggers",
    synonyms=("error", "failure", "alert", "error flow", "catch"),
    connection="none",
    example=trigger.FAILURE,
)
connector.trigger(
    "after",
    title="Some time after an event",
    summary="Starts when some time has passed since an event, such as a day after a cart was last "
    "changed. Its output is the newest event.",
    source="event",
    params=trigger.After,
    category="Triggers",
    synonyms=("delay", "later", "abandoned cart", "reminder", "follow-up", "inactivity"),
    connection="none",
)

connector.poll(
    "watch_url",
    title="New entry in a list",
    event=watch_url.Entry,
    category="Triggers",
    synonyms=("poll", "rss", "feed", "http", "api", "new row", "watch"),
    connection="optional",
    example=watch_url.EXAMPLE,
)(watch_url.find_entries)

# Control -------------------------------------------------------------------------------------

connector.inline(
    "branch",
    title="Branch",
    params=control.Branch,
    kind="control",
    ports={"else": ""},
    own_ports="/rules/*/port",
    category="Flow control",
    synonyms=("if", "switch", "condition", "router", "filter", "decide"),
    output=control.Taken,
    example={"port": "vip"},
)(control.branch)
connector.inline(
    "merge",
    title="Merge",
    params=control.Merge,
    kind="control",
    rule="merge",
    category="Flow control",
    synonyms=("join", "combine", "wait for all", "union"),
)(control.merge)
connector.inline(
    "stop",
    title="Stop",
    params=control.Stop,
    kind="control",
    rule="stop",
    ports=(),
    category="Flow control",
    synonyms=("end", "exit", "fail", "cancel", "abort"),
    output=control.Stopped,
    example={"outcome": "cancelled", "message": "Test order"},
)(control.stop)
connector.inline(
    "respond",
    title="Respond",
    params=control.Respond,
    kind="control",
    rule="respond",
    category="Flow control",
    synonyms=("answer", "reply", "webhook response", "return"),
    output=control.Response,
    example={"status": 200, "body": {"accepted": True}},
)(control.respond)

connector.inline(
    "for_each",
    title="For each",
    params=loop.ForEach,
    kind="control",
    rule="loop",
    ports={"done": ""},
    category="Flow control",
    synonyms=("loop", "iterate", "repeat", "every item", "map"),
    output=loop.Looped,
    example=loop.LOOPED,
)(loop.for_each)
connector.inline(
    "wait",
    title="Wait",
    params=wait.Wait,
    kind="control",
    ports={"out": "", "late": "Too late", "left": "No longer needed"},
    own_ports="/answer/ports/*",
    category="Flow control",
    synonyms=("delay", "sleep", "pause", "until", "date", "event", "timer"),
    output=wait.Waited,
    example=wait.EXAMPLE,
)(wait.wait)
connector.inline(
    "approve",
    title="Approval",
    params=approval.Approve,
    kind="control",
    ports={"yes": "Yes", "no": "No", "late": "Too late"},
    category="Flow control",
    synonyms=("ask", "confirm", "human", "review", "permission"),
    output=pause.Over,
    example=approval.APPROVED,
)(approval.approve)
connector.inline(
    "brake",
    title="Bulk brake",
    params=approval.Brake,
    kind="control",
    ports={"out": "", "no": "No", "late": "Too late"},
    category="Flow control",
    synonyms=("limit", "safety", "too many", "mass change", "guard"),
    output=approval.Braked,
    example=approval.PASSED,
)(approval.brake)

connector.stored(
    "call_flow",
    title="Call a flow",
    kind="control",
    category="Flow control",
    synonyms=("subflow", "sub-flow", "run flow", "function", "reuse"),
    output=call.Called,
    example=call.CALLED,
)(call.call_flow)
connector.stored(
    "dedupe",
    title="Seen before?",
    kind="control",
    ports={"new": "New", "seen": "Seen before"},
    category="Flow control",
    synonyms=("deduplicate", "unique", "once", "first time", "repeat"),
    output=once.Noted,
    example={"key": "1001"},
)(once.dedupe)
connector.stored(
    "rate_limit",
    title="Rate limit",
    kind="control",
    category="Flow control",
    synonyms=("throttle", "slow down", "pace", "per minute", "queue"),
    output=once.Turn,
    example={"at": "2026-11-23T08:00:00.000Z"},
)(once.rate_limit)
connector.stored(
    "digest",
    title="Digest",
    kind="control",
    ports={"out": "", "added": "Added"},
    category="Flow control",
    synonyms=("collect", "window", "summary", "bundle", "every 15 minutes"),
    output=gather.Gathered,
    example=gather.GATHERED,
)(gather.digest)
connector.stored(
    "batch",
    title="Batch",
    kind="control",
    ports={"out": "", "added": "Added"},
    category="Flow control",
    synonyms=("collect", "chunk", "group", "bundle", "wave"),
    output=gather.Gathered,
    example=gather.GATHERED,
)(gather.batch)

# Data ----------------------------------------------------------------------------------------

connector.inline(
    "set",
    title="Set fields",
    params=data.Fields,
    category="Data",
    synonyms=("map", "assign", "transform", "edit fields", "variables", "calculate"),
    example={"total": 129.9, "name": "#1001"},
)(data.set_fields)
connector.inline(
    "log",
    title="Write to the log",
    params=data.Line,
    category="Data",
    synonyms=("print", "debug", "note", "message"),
    output=data.Written,
    example={"message": "Order #1001 was cancelled", "level": "info"},
)(data.log)
connector.inline(
    "filter",
    title="Filter a list",
    params=collection.Filter,
    category="Data",
    synonyms=("where", "select", "only", "remove", "condition"),
    output=collection.Filtered,
    example=collection.FILTERED,
)(collection.filter_items)
connector.inline(
    "lookup",
    title="Look up",
    params=collection.Lookup,
    category="Data",
    synonyms=("find", "search", "vlookup", "match", "map"),
    output=collection.LookedUp,
    example=collection.LOOKED_UP,
)(collection.lookup)
connector.inline(
    "aggregate",
    title="Sum up",
    params=aggregate.Aggregate,
    category="Data",
    synonyms=("total", "count", "average", "group", "statistics", "pivot"),
    example=aggregate.AGGREGATED,
)(aggregate.aggregate)
connector.inline(
    "reconcile",
    title="Reconcile",
    params=reconcile.Reconcile,
    category="Data",
    synonyms=("compare", "diff", "match", "payout", "check"),
    output=reconcile.Reconciled,
    example=reconcile.RECONCILED,
)(reconcile.reconcile)
connector.stored(
    "table_read",
    title="Read a table",
    effect="pure",
    category="Data",
    synonyms=("database", "query", "lookup", "find row", "spreadsheet", "store"),
    output=table.Read,
    example=table.READ,
)(table.table_read)
connector.stored(
    "table_write",
    title="Write to a table",
    category="Data",
    synonyms=("database", "upsert", "counter", "increment", "save", "row", "store"),
    output=table.Written,
    example=table.WRITTEN,
)(table.table_write)
connector.action(
    "code",
    title="Code",
    effect="pure",
    category="Data",
    synonyms=("python", "script", "function", "program", "formula", "transform"),
    connection="none",
    needs=("pydantic_monty", code.CURE),
    example=code.EXAMPLE,
)(code.run)
connector.action(
    "http_request",
    title="HTTP request",
    effect="never_repeat",
    effect_of=http_request.effect_of,
    category="Data",
    synonyms=("api", "rest", "call", "fetch", "post", "get", "web"),
    connection="optional",
    example=http_request.EXAMPLE,
)(http_request.send)
connector.test(http_request.prove)
