"""What Mailchimp's refusals become, and what happens when it is asked too much at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo.testing import Trial
from tramo_mailchimp.api import CURE, REFUSED_CREDENTIAL, refusal_of

from tests.plugins.mailchimp.scene import LUCIA, NOBODY, SHOP, fresh


@pytest.fixture
def trial() -> Trial:
    return fresh()


def problem(title: str, status: int = 400, **more: Any) -> sdk.Response:
    return sdk.json_response(
        {"title": title, "status": status, "detail": "Said so.", **more}, status
    )


@pytest.mark.parametrize("title", ["API Key Invalid", "API Key Missing", "User Disabled"])
def test_a_key_that_does_not_work_waits_for_a_new_one(title: str) -> None:
    error = refusal_of(problem(title, 403))
    assert isinstance(error, sdk.CredentialRefused)
    assert "API key" in error.message


def test_every_refusal_has_a_class_a_code_and_a_sentence() -> None:
    assert isinstance(refusal_of(sdk.Response(status=401)), sdk.CredentialRefused)
    for word in CURE:
        error = refusal_of(problem(word.replace("_", " ").title()))
        assert isinstance(error, sdk.Rejected)
        assert (error.code, error.message) == (f"mailchimp.{word}", CURE[word])
    assert not REFUSED_CREDENTIAL & CURE.keys()
    tomorrow = refusal_of(problem("A Title of Tomorrow!"))
    assert isinstance(tomorrow, sdk.Rejected)
    assert tomorrow.code == "mailchimp.a_title_of_tomorrow"
    assert tomorrow.message == "Mailchimp refused: Said so."


def test_fields_that_are_wrong_are_named_before_the_general_words() -> None:
    errors = [{"field": "FNAME", "message": "Please enter a value"}, {"message": "Odd"}]
    error = refusal_of(problem("Invalid Resource", errors=errors))
    assert error.message == "Mailchimp refused: FNAME: Please enter a value; Odd"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'"no"',
        b'{"title": 5, "errors": [5], "detail": {}}',
        b'{"errors": {}}',
    ],
)
def test_a_refusal_that_is_no_problem_document_is_still_a_refusal(body: bytes) -> None:
    error = refusal_of(sdk.Response(status=400, body=body))
    assert isinstance(error, sdk.Rejected)
    assert (error.code, error.message) == ("mailchimp.status_400", "Mailchimp refused.")


async def test_a_wrong_key_parks_the_connection_and_is_not_shown(trial: Trial) -> None:
    with pytest.raises(sdk.CredentialRefused) as refusal:
        await trial.test({"api_key": "stolen0123456789-us21"})
    assert refusal.value.code == "mailchimp.api_key_invalid"
    assert "stolen" not in refusal.value.message
    with pytest.raises(sdk.CredentialRefused) as moved:
        await trial.test({"api_key": "stolen0123456789-us6"})
    assert moved.value.code == "mailchimp.api_key_invalid"


async def test_a_request_goes_to_the_data_centre_of_the_key(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []

    async def note(request: Request) -> sdk.Response:
        urls.append(request.url)
        return sdk.json_response({"health_status": "", "account_name": "A", "account_id": "1"})

    monkeypatch.setattr(trial.twin, "send", note)
    account = await trial.test({"api_key": "0123456789abcdef-us6", "data_centre": "evil.example/"})
    assert account == sdk.Account(name="A", id="1")
    assert urls[0] == "https://us6.api.mailchimp.com/3.0/ping"
    assert urls[1].startswith("https://us6.api.mailchimp.com/3.0/?fields=")


async def test_the_account_is_known_by_its_name(trial: Trial) -> None:
    account = await trial.test()
    assert account == sdk.Account(name="Casa Lumina", id="8d3a3db4d97663a9074efcc16")


async def test_the_eleventh_request_at_once_is_sent_away_and_works_later(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in = asyncio.Event()

    async def wait(seconds: float) -> None:
        await let_in.wait()

    monkeypatch.setattr(trial.clock, "sleep", wait)
    people = [f"person{number}@example.com" for number in range(11)]
    calls = [
        asyncio.ensure_future(trial.run_action("upsert_member", {"audience": SHOP, "email": email}))
        for email in people
    ]
    await asyncio.sleep(0.05)
    let_in.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    away = [answer for answer in answers if isinstance(answer, BaseException)]
    (error,) = away
    assert isinstance(error, sdk.Transient)
    assert (error.code, error.settled) == ("vendor.rate_limited", True)
    for email in people:
        await trial.run_action("upsert_member", {"audience": SHOP, "email": email})
    assert len(trial.twin.people.members(SHOP)) == 10 + 11


async def test_an_answer_that_cannot_be_read_is_a_doubt(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry = trial.twin.send

    async def cut(request: Request) -> sdk.Response:
        await carry(request)
        return sdk.Response(status=200, body=b'{"id": "62e')

    monkeypatch.setattr(trial.twin, "send", cut)
    with pytest.raises(sdk.Transient) as doubt:
        await trial.run_action("upsert_member", NOBODY)
    assert not doubt.value.settled
    assert trial.last is not None
    assert trial.last.sent


@pytest.mark.parametrize("status", [500, 503, 408])
async def test_a_failure_of_mailchimps_is_a_doubt_for_a_write_and_none_for_a_read(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    async def fail(request: Request) -> sdk.Response:
        return problem("Internal Server Error", status)

    monkeypatch.setattr(trial.twin, "send", fail)
    with pytest.raises(sdk.Transient) as doubt:
        await trial.run_action("record_event", {**LUCIA, "name": "bought"})
    assert not doubt.value.settled
    with pytest.raises(sdk.Transient) as harmless:
        await trial.run_action("get_member", LUCIA)
    assert harmless.value.settled
