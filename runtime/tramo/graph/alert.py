"""Whether a flow's alerts find their readers."""

from __future__ import annotations

import re
from typing import Final

from tramo.graph.draft import Draft
from tramo.graph.report import Report

_ADDRESS: Final = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]+\Z")
_CHANNEL: Final = re.compile(r"#?[^\s@,;<>\"#]{1,100}\Z")


def check_alerts(draft: Draft, report: Report) -> None:
    """Report readers that are none, and channels without the connection that reaches them."""
    alerts = draft.settings.get("alerts", {})
    for index, reader in enumerate(alerts.get("to", ())):
        path = ("alerts", "to", index)
        if _ADDRESS.match(reader):
            continue
        if not _CHANNEL.match(reader):
            report.add(path, "alerts.reader_invalid", found=reader[:60])
        elif not alerts.get("connection"):
            report.add(path, "alerts.channel_alone", found=reader[:60])
