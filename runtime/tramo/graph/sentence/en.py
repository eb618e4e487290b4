"""English."""

from typing import Final

WORDS: Final = {
    "null": "nothing (null)",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "text": "a text",
    "list": "a list",
    "object": "an object",
    "or": "or",
}

SENTENCES: Final = {
    "at_node": "“{node}”: ",
    "near": "Did you mean “{near}”?",
    # A value beside its schema
    "difference.missing": "“{field}” is missing; fill it in.",
    "difference.unknown": "“{field}” is not known here; remove it.",
    "difference.type": "“{field}” must be {wanted}, not {kind}.",
    "difference.choice": "“{field}” must be one of: {choices}.",
    "difference.empty": "“{field}” is empty; fill it in.",
    "difference.short": "“{field}” needs at least {low} characters.",
    "difference.long": "“{field}” may have at most {high} characters.",
    "difference.pattern": "“{found}” cannot be “{field}”; it must match {pattern}.",
    "difference.form.cron": "“{found}” is not a cron rule; write five fields, such as 0 9 * * 1.",
    "difference.form.timezone": "“{found}” is not a time zone; write one such as Europe/Madrid.",
    "difference.form.date": "“{found}” is not a date; write one such as 2026-11-21.",
    "difference.form.date-time": "“{found}” is not an instant; write one such as"
    " 2026-11-21T09:30:00Z.",
    "difference.form.moment": "“{found}” is no point in time; write one such as 2026-11-27,"
    " 2026-11-27T09:00 or 2026-11-27T09:00:00Z.",
    "difference.form.path": "“{found}” is not a path; write field names with dots, such as"
    " body.order.id or line_items[].sku.",
    "difference.form.header": "“{found}” cannot name a header; write one such as Idempotency-Key.",
    "difference.form.web-address": "“{found}” is not a web address; write it whole, such as"
    " https://api.example.com/orders.",
    "difference.few": "“{field}” needs at least {low} entries.",
    "difference.many": "“{field}” may have at most {high} entries.",
    "difference.low": "“{field}” must be at least {low}.",
    "difference.high": "“{field}” must be at most {high}.",
    "difference.above": "“{field}” must be more than {low}.",
    "difference.below": "“{field}” must be less than {high}.",
    "difference.multiple": "“{field}” must be a multiple of {step}.",
    "difference.fixed": "“{field}” must be written out; it cannot be an expression, because it is"
    " needed before any run.",
    "difference.one_of": "Give exactly one of: {choices}.",
    "difference.at_most_one_of": "Give at most one of: {choices}.",
    # The document as a whole
    "flow.empty": "The document is empty; a flow is a JSON object.",
    "flow.encoding": "The document is not UTF-8 text; save it as UTF-8.",
    "flow.ends_early": "The JSON ends too early; a bracket or quote is not closed.",
    "flow.not_json": "This is not JSON: line {line}, column {column}, at “{found}”.",
    "flow.number_range": "A number in the document is too long or too large; at most {digits}"
    " digits are kept exactly.",
    "flow.too_deep": "The document is nested more than {limit} levels deep; flatten it.",
    "flow.too_large": "The document is larger than {limit_mb} MB; split the flow.",
    "flow.not_a_flow": "This JSON is {kind} that is no flow; a flow is an object with format, id,"
    " name, nodes and edges.",
    "flow.problems_left_out": "There are more problems than these {listed}; correct them and check"
    " again.",
    "flow.key_twice": "“{key}” stands twice in the same object; keep one.",
    "flow.format_unknown": "Format “{format}” is not known; this version reads up to format"
    " {newest}. Upgrade Tramo, or correct “format”.",
    "flow.id_invalid": "“{found}” cannot be a flow's id; write flow_ and up to 64 letters, digits,"
    " _ or -.",
    "flow.too_many_nodes": "The flow has {count} nodes, and at most {limit} are allowed; split it"
    " into several flows. The params of the nodes past the limit were not looked at.",
    "flow.no_trigger": "The flow has no trigger, so nothing can start it; add one.",
    "flow.cycle": "These nodes lead in a circle: {nodes}. Remove one of the edges between them.",
    "flow.timezone_unknown": "“{found}” is not a time zone; write one such as Europe/Madrid.",
    "flow.key_invalid": "The key “{key}” must be a path such as line_items[].sku, or an"
    " expression.",
    "flow.layout_unknown": "The layout places “{id}”, and there is no such node; it is ignored.",
    "flow.note_twice": "“{id}” is the id of two notes; give one of them another.",
    "flow.note_unknown": "A group holds “{id}”, and there is no such node; it is ignored.",
    # Nodes
    "node.id_invalid": "“{found}” cannot be a node's id; write small letters, digits and _,"
    " beginning with a letter, at most 64.",
    "node.id_reserved": "“{id}” is a word of the expression language; give the node another id.",
    "node.id_twice": "Another node already has the id “{id}”; give this one another.",
    "node.type_invalid": "“{found}” is not a node type; write one such as core.set.",
    "node.type_unknown": "“{node}”: the node type “{type}” is not installed; install its"
    " connector or choose another.",
    "node.version_unknown": "“{node}”: version {v} of “{type}” is not installed; upgrade its"
    " connector.",
    "node.unreachable": "No trigger leads to “{node}”, so it never runs; connect it or remove it.",
    "node.connection_missing": "“{node}” has no connection; choose the account it works with.",
    "node.connection_unknown": "“{node}” names a connection that is not here, or another system's;"
    " choose one of this workspace.",
    "node.connection_unused": "“{node}” takes no connection; remove it.",
    "node.once_unknown": "“{node}” is to happen once per “{key}”, but no trigger of the flow"
    " carries that key. Keys known: {known}.",
    "node.setting_unused": "“{node}” takes no notice of “{setting}”: it reaches nothing outside and"
    " waits for nothing; remove it.",
    "node.repeat_costly": "“{node}” costs money or stock, so it is never repeated in doubt; set"
    " on_doubt to ask or skip.",
    "node.merge_single": "Fewer than two edges lead to “{node}”, so there is nothing to merge.",
    "node.error_port_unused": "Errors of “{node}” are taken and go nowhere; connect its error"
    " port, or let the run stop.",
    "node.respond_unheard": "“{node}” answers nobody; set a webhook trigger's answer to respond.",
    "webhook.respond_missing": "“{node}” waits for an answer from the flow, and no respond node"
    " gives one; add one.",
    # Ports and edges
    "port.error_reserved": "“{node}”: the port name error is taken; choose another.",
    "port.twice": "“{node}”: two ports are named “{port}”; rename one.",
    "edge.node_unknown": "The edge names the node “{id}”, which does not exist.",
    "edge.port_unknown": "“{node}” has no port “{port}”; it has: {ports}.",
    "edge.error_port_off": "“{node}” has no error port yet; set its on_error to branch.",
    "edge.after_end": "“{node}” ends the run, so what follows it never runs; remove the edge.",
    "edge.twice": "There are two edges from port “{port}” of “{node}” to “{to}”; remove one.",
    "edge.self_loop": "“{node}” leads to itself; remove the edge.",
    "edge.into_trigger": "An edge leads to the trigger “{node}”; nothing can lead to a trigger.",
    "edge.crosses_box": "The edge from “{node}” to “{to}” crosses the border of a loop; both must"
    " be inside the same one.",
    # Loops
    "loop.inside_unknown": "“{node}” is inside “{id}”, and there is no such node.",
    "loop.inside_not_loop": "“{node}” is inside “{box}”, which is no loop; only a for_each node"
    " can hold others.",
    "loop.nested_in_itself": "These loops are inside one another in a circle: {nodes}. Take one"
    " out.",
    "loop.trigger_inside": "The trigger “{node}” is inside a loop; take it out.",
    "loop.name_invalid": "“{node}”: “{name}” cannot name the loop's item; write small letters,"
    " digits and _, and no reserved word.",
    "loop.name_taken": "“{node}”: a node has the id “{name}”; give the loop's item another name.",
    "loop.name_twice": "“{node}” and the loop around it, “{box}”, both name their item “{name}”;"
    " give one another name with “as”.",
    "loop.empty": "No node is inside the loop “{node}”, so it does nothing for its items.",
    "loop.collect_unknown": "“{node}” collects from “{name}”, and no such node is directly inside"
    " it; name one of: {known}.",
    # Events that nodes wait for
    "event.type_unknown": "“{node}” waits for “{type}”, and no trigger of that name is installed;"
    " choose the trigger that tells of the event.",
    "event.key_unknown": "“{node}” waits for “{type}” by “{key}”, a key that such events do not"
    " carry. They carry: {known}.",
    "event.value_missing": "“{node}” waits for an event by “{key}”, and no trigger of the flow"
    " carries that key; give its value. Keys known: {known}.",
    # What expressions read
    "expression.not_before": "{place}: “{name}” does not come before this node, so its output"
    " cannot be read here; connect it so that it does.",
    "expression.inside_loop": "{place}: “{name}” is inside the loop “{box}”; read the loop's"
    " results instead.",
    "expression.own_output": "{place}: a node cannot read its own output.",
    "expression.not_in_loop": "{place}: “{name}” exists inside a loop only.",
    "expression.reads_disabled": "{place}: “{name}” is switched off, so it has no output.",
    # Alerts
    "alerts.reader_invalid": "“{found}” is neither an e-mail address nor a channel; write one such"
    " as ana@example.com or #alerts.",
    "alerts.channel_alone": "To reach “{found}”, alerts need the connection of a chat; choose one,"
    " or write an e-mail address.",
    "alerts.connection_unknown": "The alerts name a connection that is not here, or brings no"
    " messages; choose another of this workspace.",
}
