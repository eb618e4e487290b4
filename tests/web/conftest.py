"""One open house and its application, and people in every role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tramo.app.house import House, open_house
from tramo.app.setting import load_settings
from tramo.model.scope import Role, Scope
from tramo.registry import Registry, discover
from tramo_web.asgi import Application, build_app

from tests.web.kit import Browser, fast_passwords

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture
async def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> AsyncIterator[House]:
    monkeypatch.setattr("tramo.app.account.Passwords", fast_passwords)
    settings = load_settings(
        {}, data=tmp_path / "data", key_file=tmp_path / "key.toml", synchronous="OFF"
    )
    async with open_house(settings, registry=registry) as house:
        yield house


@pytest.fixture
def editor_folder(tmp_path: Path) -> Path:
    """A small built editor."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    page = '<meta name="csp-nonce" content="__CSP_NONCE__"><script src="/assets/index-1.js">'
    (folder / "index.html").write_text(page)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "index-1.js").write_text("let a = 1")
    (folder / "assets" / "index-1.js.gz").write_bytes(b"packed")
    (folder / "assets" / "secret.py").write_text("no")
    return folder


@pytest.fixture
def app(house: House, editor_folder: Path) -> Application:
    return build_app(house, static=editor_folder, ping_s=0.05)


@pytest.fixture
def stranger(app: Application) -> Browser:
    return Browser(app)


@pytest.fixture
async def owner(app: Application, house: House) -> Browser:
    return await sign_in(app, house, "owner")


async def sign_in(app: Application, house: House, role: Role) -> Browser:
    """Return the browser of a signed-in person with a role."""
    browser = Browser(app)
    if role == "owner":
        user = await house.accounts.ensure_owner(name="Olga", email="owner@example.com")
        answer = await browser.enter(await house.accounts.make_link("sign_in", user_id=user))
        assert answer.status == 200
        return browser
    scope = Scope(house.accounts.workspace_id, "test")
    link = await house.accounts.invite(scope, f"{role}@example.com", role)
    account = {
        "token": link["url"].partition("#t=")[2],
        "name": role,
        "email": f"{role}@example.com",
        "password": PASSWORD,
        "language": "es",
    }
    answer = await browser.call("POST", "/api/v1/accounts", account)
    assert answer.status == 201, answer.body
    return browser
