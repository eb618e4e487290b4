"""Versions and people in one flow, over the API: nobody's work is overwritten in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import document
from tests.web.conftest import sign_in
from tests.web.kit import Browser

API = "/api/v1"
FLOW = f"{API}/flows/flow_test"
HOOK = {"id": "hook", "type": "core.webhook"}


def named(name: str) -> dict[str, Any]:
    return document([HOOK], []) | {"name": name}


async def create(browser: Browser) -> str:
    answer = await browser.call("POST", f"{API}/flows", {"document": named("One")})
    assert answer.status == 201, answer.body
    return answer.json["etag"]


async def join(browser: Browser, tab: str, wish: str = "edit") -> dict[str, Any]:
    answer = await browser.call("POST", f"{FLOW}/presence", {"tab": tab, "wish": wish})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.fixture
async def editor(app, house, owner) -> Browser:
    return await sign_in(app, house, "editor")


async def test_only_who_edits_saves(owner, editor):
    etag = await create(owner)
    await join(owner, "tab_of_olga")
    said = await join(editor, "tab_of_ed")
    assert [(one["name"], one["edits"]) for one in said["people"]] == [
        ("Olga", True),
        ("editor", False),
    ]
    save = f"{FLOW}/draft?tab=tab_of_ed"
    refused = await editor.call("PUT", save, named("Two"), if_match=etag, accept_language="es")
    assert (refused.status, refused.code) == (423, "flow.being_edited")
    assert "Olga está editando" in refused.json["message"]
    nameless = await editor.call("PUT", f"{FLOW}/draft", named("Two"), if_match=etag)
    assert nameless.status == 423
    borrowed = await editor.call("PUT", f"{FLOW}/draft?tab=tab_of_olga", named("Two"))
    assert borrowed.status == 423, "a tab's name is no key"
    kept = await owner.call("PUT", f"{FLOW}/draft?tab=tab_of_olga", named("Mine"), if_match=etag)
    assert kept.status == 200, kept.body
    await join(editor, "tab_of_ed", "take")
    late = await owner.call("PUT", f"{FLOW}/draft?tab=tab_of_olga", named("Late"))
    assert late.json["params"]["by"] == "editor"
    stale = await editor.call("PUT", save, named("Two"), if_match=etag)
    assert stale.status == 412, "the ETag is looked at all the same"


async def test_a_tab_that_was_closed_holds_nobody_up(owner, editor):
    await create(owner)
    await join(owner, "tab_of_olga")
    assert (await owner.call("DELETE", f"{FLOW}/presence/tab_of_olga")).status == 204
    said = await join(editor, "tab_of_ed")
    assert [one["name"] for one in said["people"]] == ["editor"]
    assert said["people"][0]["edits"] is True


async def test_programs_are_not_locked_out_and_overwrite_nothing(app, owner):
    etag = await create(owner)
    made = await owner.call("POST", f"{API}/tokens", {"name": "Deploy", "role": "editor"})
    program = Browser(app, token=made.json["token"])
    assert (await program.call("PUT", f"{FLOW}/draft", named("Two"))).status == 200
    await join(owner, "tab_of_olga")
    blind = await program.call("PUT", f"{FLOW}/draft", named("Three"))
    assert (blind.status, blind.code) == (428, "flow.say_what_you_read")
    stale = await program.call("PUT", f"{FLOW}/draft", named("Three"), if_match=etag)
    assert stale.status == 412
    fresh = (await program.call("GET", FLOW)).header("etag")
    assert (await program.call("PUT", f"{FLOW}/draft", named("3"), if_match=fresh)).status == 200
    late = await owner.call("PUT", f"{FLOW}/draft?tab=tab_of_olga", named("4"), if_match=fresh)
    assert late.status == 412, "who edits is told that somebody else saved"
    assert (await program.call("POST", f"{FLOW}/presence", {"tab": "tab_of_it"})).status == 403


async def test_versions_have_numbers_names_and_authors(owner):
    await create(owner)
    first = await owner.call("POST", f"{FLOW}/publish")
    assert (first.json["number"], first.json["waiting"]) == (1, None)
    await owner.call("PUT", f"{FLOW}/draft", named("Renamed"))
    second = await owner.call("POST", f"{FLOW}/publish", {"name": "Before Christmas"})
    assert second.json["number"] == 2
    assert second.json["version"] == first.json["version"], "a name is no logic"
    assert (await owner.call("PATCH", f"{FLOW}/versions/1", {"name": "First"})).status == 204
    answer = await owner.call("GET", f"{FLOW}/versions")
    shown = [(v["number"], v["name"], v["author"], v["live"]) for v in answer.json["items"]]
    assert shown == [(2, "Before Christmas", "Olga", True), (1, "First", "Olga", False)]
    page = await owner.call("GET", f"{FLOW}/versions?limit=1")
    following = await owner.call("GET", f"{FLOW}/versions?limit=1&cursor={page.json['next']}")
    assert [v["number"] for v in following.json["items"]] == [1]
    for number, name in ((1, "One"), (2, "Renamed")):
        one = await owner.call("GET", f"{FLOW}/versions/{number}")
        assert one.json["document"]["name"] == name
    whole = await owner.call("GET", f"{FLOW}/versions/{first.json['version']}")
    assert whole.json["document"]["name"] == "One"
    assert (await owner.call("PATCH", f"{FLOW}/versions/9", {"name": "No"})).status == 404
    assert (await owner.call("GET", f"{FLOW}/versions/9")).status == 404
    assert (await owner.call("GET", FLOW)).json["published"]["number"] == 2


async def test_what_waits_is_counted_before_anybody_publishes(owner):
    await create(owner)
    never = await owner.call("GET", f"{FLOW}/waiting")
    assert never.code == "flow.never_published"
    await owner.call("POST", f"{FLOW}/publish")
    looked = await owner.call("GET", f"{FLOW}/waiting?version=draft")
    assert looked.json == {"runs": 0, "looked_at": 0, "may_move": 0, "stay": []}
    settled = await owner.call("POST", f"{FLOW}/waiting", {"fate": "move"})
    assert settled.json == {"fate": "move", "done": 0, "stay": [], "next": None}
    wrong = await owner.call("POST", f"{FLOW}/publish", {"waiting": "forget"})
    assert (wrong.status, wrong.json["path"]) == (400, "/waiting")
