"""Coming in, staying in and being put out, as a browser sees it."""

from __future__ import annotations

import pytest
from tramo_web.asgi import Application
from tramo_web.front import Front

from tests.web.conftest import PASSWORD, sign_in
from tests.web.kit import Browser

SESSION = "/api/v1/session"


def account(link: dict[str, str], **changes: str) -> dict[str, str]:
    fields = {"name": "Ana", "email": "ana@example.com", "password": PASSWORD, "language": "es"}
    return {"token": link["url"].partition("#t=")[2], **fields, **changes}


async def test_nobody_is_told_whether_there_is_an_owner_yet(house, stranger):
    answer = await stranger.call("GET", SESSION)
    assert (answer.status, answer.code) == (401, "session.none")
    assert answer.json["params"] == {"owner_exists": False, "demo": False}
    assert answer.header("content-type") == "application/problem+json"


async def test_the_first_owner_comes_in_by_the_link(house, stranger):
    link = await house.accounts.make_link("owner")
    seen = await stranger.call(
        "POST", "/api/v1/links/redeem", {"token": link["url"].partition("#t=")[2]}
    )
    assert seen.json == {"purpose": "owner", "email": "", "role": "owner"}
    made = await stranger.call("POST", "/api/v1/accounts", account(link))
    assert made.status == 201
    assert made.json["role"] == "owner"
    assert made.json["user"]["language"] == "es"
    assert set(made.json) == {"user", "role", "workspace", "csrf", "version", "demo", "public_url"}
    cookie = made.header("set-cookie")
    for part in ("tramo_session=", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert (await stranger.call("GET", SESSION)).json["user"]["name"] == "Ana"
    again = await Browser(stranger.app).call("POST", "/api/v1/accounts", account(link))
    assert (again.status, again.code) == (410, "link.used")


async def test_signing_in_and_out(app, house, stranger):
    await sign_in(app, house, "editor")
    entered = await stranger.call(
        "POST", SESSION, {"email": "editor@example.com", "password": PASSWORD}
    )
    assert (entered.status, entered.json["role"]) == (200, "editor")
    held = stranger.cookie
    gone = await stranger.call("DELETE", SESSION)
    assert (gone.status, stranger.cookie) == (204, "")
    assert "Max-Age=0" in gone.header("set-cookie")
    assert (await stranger.call("GET", SESSION, cookie=held)).status == 401


async def test_a_planted_session_is_not_taken_over_by_signing_in(app, house, stranger):
    victim = await sign_in(app, house, "editor")
    planted = victim.cookie
    answer = await stranger.call(
        "POST", SESSION, {"email": "editor@example.com", "password": PASSWORD}, cookie=planted
    )
    assert answer.status == 200
    assert stranger.cookie != planted
    assert (await Browser(app).call("GET", SESSION, cookie=planted)).status == 401


async def test_a_cookie_that_comes_twice_is_nobodys(owner):
    tossed = f"{owner.cookie}; tramo_session=stranger"
    assert (await owner.call("GET", SESSION, cookie=tossed)).status == 401


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x_csrf_token": None}, "session.csrf"),
        ({"x_csrf_token": "wrong"}, "session.csrf"),
        ({"origin": "https://evil.example"}, "session.origin"),
        ({"origin": "null"}, "session.origin"),
        ({"origin": "http://127.0.0.1:9999"}, "session.origin"),
        ({"origin": "http://evil.127.0.0.1:8700"}, "session.origin"),
        ({"sec_fetch_site": "cross-site"}, "session.origin"),
        ({"sec_fetch_site": "same-site", "origin": None}, "session.origin"),
        ({"origin": None, "x_csrf_token": None}, "session.csrf"),
        ({"origin": None, "sec_fetch_site": None}, None),
    ],
)
async def test_a_write_comes_from_our_own_page_with_its_token(owner, headers, code):
    answer = await owner.call("PATCH", SESSION, {"language": "ro"}, **headers)
    assert answer.status == (403 if code else 200)
    if code:
        assert answer.code == code
    kept = (await owner.call("GET", SESSION)).json["user"]["language"]
    assert kept == ("en" if code else "ro")


async def test_the_token_of_another_session_is_not_enough(app, house, owner):
    editor = await sign_in(app, house, "editor")
    answer = await owner.call("PATCH", SESSION, {"language": "ro"}, x_csrf_token=editor.csrf)
    assert answer.code == "session.csrf"


async def test_signing_in_from_a_strangers_page_is_refused(app, house, stranger):
    await sign_in(app, house, "editor")
    form = {"email": "editor@example.com", "password": PASSWORD}
    answer = await stranger.call("POST", SESSION, form, origin="https://evil.example")
    assert answer.code == "session.origin"
    simple = await stranger.call("POST", SESSION, form, content_type="text/plain")
    assert (simple.status, simple.code) == (415, "request.content_type")


async def test_guessing_gets_the_same_answer_and_then_a_pause(app, house, stranger):
    await sign_in(app, house, "editor")
    bodies = []
    for email in ("editor@example.com", "nobody@example.com"):
        answer = await stranger.call("POST", SESSION, {"email": email, "password": "x" * 12})
        assert answer.status == 401
        bodies.append(answer.body)
    assert bodies[0] == bodies[1]
    for _ in range(4):
        await stranger.call("POST", SESSION, {"email": "editor@example.com", "password": "x"})
    slowed = await stranger.call(
        "POST", SESSION, {"email": "editor@example.com", "password": PASSWORD}
    )
    assert (slowed.status, slowed.code) == (429, "session.slow_down")
    assert int(slowed.header("retry-after")) >= 1
    elsewhere = await stranger.call(
        "POST",
        SESSION,
        {"email": "editor@example.com", "password": PASSWORD},
        address="198.51.100.9",
    )
    assert elsewhere.status == 200


async def test_a_member_who_is_removed_is_out_at_once(app, house, owner):
    editor = await sign_in(app, house, "editor")
    members = (await owner.call("GET", "/api/v1/members")).json["items"]
    gone = next(item["id"] for item in members if item["email"] == "editor@example.com")
    assert (await owner.call("DELETE", f"/api/v1/members/{gone}")).status == 204
    assert (await editor.call("GET", SESSION)).status == 401
    assert (await owner.call("DELETE", f"/api/v1/members/{gone}")).status == 404


async def test_a_token_acts_without_cookie_and_csrf_and_has_no_session(app, owner):
    made = (await owner.call("POST", "/api/v1/tokens", {"name": "ci", "role": "viewer"})).json
    bearer = Browser(app, token=made["token"])
    assert (await bearer.call("GET", "/api/v1/flows")).status == 200
    assert (await bearer.call("POST", "/api/v1/flows", {"name": "x"})).code == "session.role"
    assert (await bearer.call("GET", SESSION)).code == "session.required"
    assert (await owner.call("DELETE", f"/api/v1/tokens/{made['id']}")).status == 204
    refused = await bearer.call("GET", "/api/v1/flows")
    assert (refused.status, refused.code) == (401, "token.refused")
    assert refused.header("www-authenticate") == "Bearer"


async def test_the_language_of_the_reader_is_spoken(stranger):
    said = {
        language: (await stranger.call("GET", SESSION, accept_language=language)).json["message"]
        for language in ("en", "es-MX,es;q=0.9", "pt-BR", "ro", "de, fr;q=0.5", "es;q=0, en")
    }
    assert len({said["en"], said["es-MX,es;q=0.9"], said["pt-BR"], said["ro"]}) == 4
    assert said["de, fr;q=0.5"] == said["es;q=0, en"] == said["en"]


def test_behind_tls_the_cookie_is_bound_to_the_host():
    front = Front(public_url="https://tramo.example")
    assert front.cookie == "__Host-tramo"
    assert front.is_secure


async def test_behind_tls_the_cookie_is_secure(house, editor_folder):
    front = Front(host="127.0.0.1", public_url="https://tramo.example")
    app = Application(lambda: None, front, static=editor_folder)
    app.enter(house)
    browser = Browser(app, host="tramo.example")
    user = await house.accounts.ensure_owner(name="O", email="o@example.com")
    link = await house.accounts.make_link("sign_in", user_id=user)
    answer = await browser.call(
        "POST",
        "/api/v1/links/redeem",
        {"token": link["url"].partition("#t=")[2]},
        origin="https://tramo.example",
    )
    cookie = answer.header("set-cookie")
    assert cookie.startswith("__Host-tramo=")
    assert "; Secure" in cookie
    assert answer.header("strict-transport-security")
