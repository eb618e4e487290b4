"""Builds, checks and orders a flow, and compiles it to the plan that the engine walks. Pure.

`check` names everything wrong with a document, `load` makes the flow of a sound one, `version_id`
names its logic, `compile_plan` prepares it to run. networkx stays in this room, and so does what is
known of the document's JSON; how a run goes on is the engine's business.
"""

from tramo.graph.check import check
from tramo.graph.connection import check_connections
from tramo.graph.message import translate
from tramo.graph.plan import MissingType, Plan, PlanNode, compile_plan
from tramo.graph.version import load, version_id

__all__ = [
    "MissingType",
    "Plan",
    "PlanNode",
    "check",
    "check_connections",
    "compile_plan",
    "load",
    "translate",
    "version_id",
]
