"""Tramo's own notices as mail, against the twin."""

from __future__ import annotations

from tramo import sdk
from tramo.testing import Trial
from tramo_email import connector

NOTICE = sdk.Notice(
    to="ana@example.com",
    subject="¿Reembolsar\r\n80,10 €?",
    text="El cliente escribe: <b>ya</b>\ny espera.\n\nGracias.",
    links=(sdk.NoticeLink("Sí", "https://t.example/answer/a?port=yes&x=1"),),
    language="es",
)


async def test_a_notice_is_mailed_as_text_and_with_buttons() -> None:
    trial = Trial(connector)
    await trial.notify(NOTICE)
    (mail,) = trial.twin.state["inbox"]
    assert mail["to"] == ["ana@example.com"]
    assert mail["subject"] == "¿Reembolsar 80,10 €?"
    assert "Sí: https://t.example/answer/a?port=yes&x=1" in mail["text"]
    assert 'href="https://t.example/answer/a?port=yes&amp;x=1"' in mail["html"]
    assert "&lt;b&gt;ya&lt;/b&gt;" in mail["html"], "customers' text is no markup"
    assert 'lang="es"' in mail["html"]


async def test_two_attempts_carry_one_message_id() -> None:
    trial = Trial(connector)
    await trial.notify(NOTICE)
    await trial.notify(NOTICE, attempt=2)
    first, second = trial.twin.state["inbox"]
    assert first["message_id"] == second["message_id"]
