"""Connections through their desk, in a whole house: what is kept, shown, tried and refused."""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

import pytest
from sqlalchemy import text
from tramo import sdk
from tramo.app.house import open_house
from tramo.app.setting import Settings
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.registry import Registry, discover
from tramo.vault import add_master_key, load_master_key

TOKEN = "post_0123456789"


class Account(sdk.Credential):
    office: Annotated[
        str, sdk.Meta(pattern="^[a-z]+$", title="Office", description="The office's short name.")
    ]
    token: Annotated[sdk.Secret, sdk.Meta(pattern="^post_", description="It begins with post_.")]
    signing: sdk.Secret | None = None
    sender: str = "me"
    copies: int = 1


class PostTwin(sdk.Twin):
    hosts = ("*.post.example",)

    @classmethod
    def demo_credential(cls):
        return {"office": "demo", "token": "post_demo_secret", "signing": "signing_demo_secret"}

    def fresh_state(self):
        return {"letters": ["welcome"]}

    @sdk.route("GET", "/me")
    async def me(self, request: sdk.TwinRequest) -> sdk.Response:
        if request.headers.get("authorization") != "Bearer post_demo_secret":
            return sdk.json_response({"error": f"bad {request.headers['authorization']}"}, 401)
        return sdk.json_response({"name": "Demo office"})

    @sdk.route("GET", "/letters")
    async def letters(self, request: sdk.TwinRequest) -> sdk.Response:
        return sdk.json_response(self.state["letters"])

    def happen(self, topic=None, payload=None):
        if topic not in (None, "LETTER"):
            raise ValueError(f"there is no topic {topic}")
        self.state["letters"].append("came")
        return sdk.Delivery(headers={"X-Key": "none"}, body=sdk.encode(payload or {"id": 1}))


def make(twin: type | None = PostTwin) -> sdk.Connector:
    connector = sdk.Connector(
        "post",
        title="Post",
        credential=Account,
        base_url="https://{office}.post.example/",
        auth=sdk.Bearer("token"),
    )
    if twin is not None:
        connector.twin(twin)

    @connector.test
    async def test(ctx: sdk.Context[Account]) -> sdk.Account:
        return sdk.Account(name=(await ctx.http.get("me")).json()["name"])

    @connector.choices("letters")
    async def letters(ctx: sdk.Context[Account], search: str) -> list[sdk.Choice]:
        found = (await ctx.http.get("letters")).json()
        return [sdk.Choice(value=name, label=name) for name in found if search in name]

    @connector.choices("broken")
    async def broken(ctx: sdk.Context[Account], search: str) -> list[sdk.Choice]:
        raise KeyError(ctx.credential.token)

    connector.webhook_trigger("letter_came", title="Letter came", topic="LETTER")
    connector.door(
        sdk.WebhookDoor(
            signature=sdk.HmacSignature(header="x-key", secret="signing"),
            read=lambda delivery: [],
        )
    )
    return connector


connector = make()
twinless = make(twin=None)


def installed(name: str = "connector") -> Registry:
    return discover(
        [
            EntryPoint("core", "tramo.nodes:connector", "tramo.connectors"),
            EntryPoint("post", f"tests.runtime.app.test_connection:{name}", "tramo.connectors"),
        ]
    )


@asynccontextmanager
async def opened(tmp_path: Path, name: str = "connector"):
    settings = Settings(data=tmp_path / "data", key_file=tmp_path / "config" / "key.toml")
    async with open_house(settings, registry=installed(name)) as house:
        yield house, Scope(workspace_id=house.workspace_id, actor="user_1")


GIVEN = {"office": "main", "token": TOKEN, "signing": "signing_0123456789"}


async def code_of(call: Any) -> TramoError:
    with pytest.raises(TramoError) as refused:
        await call
    return refused.value


async def test_a_connection_shows_everything_but_its_secrets(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "  Main office ", "live", GIVEN)
        listed = await house.connections.list(scope)
        assert listed["items"] == [made]
        assert made["name"] == "Main office"
        assert made["public"] == {"office": "main", "sender": "me", "copies": 1}
        assert made["secret_fields"] == ["signing", "token"]
        assert (made["state"], made["account"], made["tested_at"]) == ("untested", None, None)
        assert made["address"].startswith("http://127.0.0.1:8700/in/")
        assert len(made["address"].rpartition("/")[2]) >= 43
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes(), file
            assert b"signing_0123456789" not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("credential", "codes"),
    [
        ({}, {"/credential/office": "field_missing", "/credential/token": "field_missing"}),
        (
            {"office": "Not Fine", "token": "xoxb", "colour": 1},
            {
                "/credential/colour": "field_unknown",
                "/credential/office": "field_invalid",
                "/credential/token": "field_invalid",
            },
        ),
        ({**GIVEN, "copies": "many"}, {"/credential/copies": "field_invalid"}),
        ({**GIVEN, "token": ""}, {"/credential/token": "field_missing"}),
        ({**GIVEN, "token": ["post_x"]}, {"/credential/token": "field_invalid"}),
    ],
)
async def test_every_field_that_does_not_fit_is_named_with_its_cure(tmp_path, credential, codes):
    async with opened(tmp_path) as (house, scope):
        refused = await code_of(house.connections.create(scope, "post", "A", "live", credential))
        assert refused.status == 422
        found = {problem.path: problem.code for problem in refused.problems}
        assert found == {path: f"connection.{code}" for path, code in codes.items()}
        words = " ".join(problem.message for problem in refused.problems)
        assert "xoxb" not in words
        if "/credential/token" in codes:
            assert "It begins with post_." in words
        assert (await house.connections.list(scope))["items"] == []


async def test_text_from_the_command_line_becomes_the_fields_own_kind(tmp_path):
    async with opened(tmp_path) as (house, scope):
        given = {**GIVEN, "copies": "3", "signing": ""}
        made = await house.connections.create(scope, "post", "A", "live", given)
        assert made["public"]["copies"] == 3
        assert made["secret_fields"] == ["token"]


@pytest.mark.parametrize(
    ("connector", "name", "target", "path"),
    [
        ("nope", "A", "live", "/connector"),
        ("post", " ", "live", "/name"),
        ("post", "A" * 201, "live", "/name"),
        ("post", "A", "both", "/target"),
    ],
)
async def test_what_cannot_be_a_connection_is_refused(tmp_path, connector, name, target, path):
    async with opened(tmp_path) as (house, scope):
        refused = await code_of(house.connections.create(scope, connector, name, target, GIVEN))
        assert (refused.status, refused.path) == (422, path)


async def test_a_twin_needs_no_password_and_is_tested_like_the_real_account(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        assert made["public"]["office"] == "demo"
        tested = await house.connections.test(scope, made["id"])
        assert tested == {
            "ok": True,
            "account": "Demo office",
            "code": None,
            "message": "Connected to Demo office.",
        }
        item = (await house.connections.list(scope))["items"][0]
        assert (item["state"], item["account"]) == ("ok", "Demo office")
        assert item["tested_at"].endswith("Z")


async def test_a_refused_credential_is_noted_and_its_secret_is_not_told(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(
            scope, "post", "Twin", "twin", {"token": "post_wrong_secret"}
        )
        tested = await house.connections.test(scope, made["id"])
        assert not tested["ok"]
        assert tested["code"] == "connection.refused"
        assert "post_wrong_secret" not in tested["message"]
        assert (await house.connections.get(scope, made["id"]))["state"] == "refused"


async def test_the_vendor_offers_choices_for_a_form(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        offered = await house.connections.choices(scope, made["id"], "letters", "wel")
        assert encode(offered) == b'{"items":[{"value":"welcome","label":"welcome"}]}'
        unknown = await code_of(house.connections.choices(scope, made["id"], "nope"))
        assert unknown.status == 404
        broken = await code_of(house.connections.choices(scope, made["id"], "broken"))
        assert broken.code == "connector.bug"
        assert "post_demo_secret" not in broken.message


async def test_secrets_that_are_not_given_again_stay(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        await house.connections.test(scope, made["id"])
        changed = await house.connections.update(
            scope, made["id"], "Renamed", {"sender": "us", "token": "", "signing": None}
        )
        assert changed["name"] == "Renamed"
        assert changed["public"]["sender"] == "us"
        assert changed["secret_fields"] == ["token"]
        assert changed["state"] == "untested"
        assert (await house.connections.test(scope, made["id"]))["ok"]
        await house.connections.update(scope, made["id"], credential={"token": "post_other"})
        assert not (await house.connections.test(scope, made["id"]))["ok"]


async def test_moving_a_connection_to_another_host_needs_its_secrets_again(tmp_path):
    """An editor who never saw the secret must not have it sent to a host of their own."""
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "A", "live", GIVEN)
        refused = await code_of(
            house.connections.update(scope, made["id"], credential={"office": "evil"})
        )
        assert {problem.path for problem in refused.problems} == {
            "/credential/token",
            "/credential/signing",
        }
        assert {problem.code for problem in refused.problems} == {"connection.secret_again"}
        assert (await house.connections.get(scope, made["id"]))["public"]["office"] == "main"
        moved = {**GIVEN, "office": "other"}
        changed = await house.connections.update(scope, made["id"], credential=moved)
        assert changed["public"]["office"] == "other"


async def test_a_connection_is_its_workspaces_own(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        stranger = Scope(workspace_id="ws_other", actor="user_2")
        viewer = Scope(workspace_id=scope.workspace_id, actor="user_3", role="viewer")
        desk, id = house.connections, made["id"]
        for call in (
            desk.get(stranger, id),
            desk.update(stranger, id, "Mine"),
            desk.delete(stranger, id),
            desk.test(stranger, id),
            desk.choices(stranger, id, "letters"),
            desk.twin(stranger, id),
            desk.twin_deliver(stranger, id),
        ):
            assert (await code_of(call)).status == 404
        assert (await desk.list(stranger))["items"] == []
        for call in (
            desk.create(viewer, "post", "A", "twin"),
            desk.update(viewer, id, "Mine"),
            desk.delete(viewer, id),
            desk.test(viewer, id),
            desk.twin_deliver(viewer, id),
        ):
            assert (await code_of(call)).status == 403
        assert (await desk.list(viewer))["items"] == [made]


async def test_a_deleted_connection_leaves_nothing_behind(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        await house.connections.twin_deliver(scope, made["id"])
        assert list((tmp_path / "data" / "twins").iterdir())
        await house.connections.delete(scope, made["id"])
        assert (await house.connections.list(scope))["items"] == []
        assert (await code_of(house.connections.get(scope, made["id"]))).status == 404
        assert (await code_of(house.connections.test(scope, made["id"]))).status == 404
        assert list((tmp_path / "data" / "twins").iterdir()) == []


FLOW = {
    "format": 1,
    "id": "flow_1",
    "name": "Letters",
    "nodes": [{"id": "came", "type": "post.letter_came"}],
    "edges": [],
}


async def test_a_connection_that_an_active_flow_uses_is_not_deleted(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        flow = {**FLOW, "nodes": [{**FLOW["nodes"][0], "connection": made["id"]}]}
        await house.flows.create(scope, flow, None)
        await house.flows.publish(scope, "flow_1", None)
        refused = await code_of(house.connections.delete(scope, made["id"]))
        assert (refused.code, refused.status) == ("connection.in_use", 409)
        assert "“Letters”" in refused.message
        await house.flows.pause(scope, "flow_1")
        await house.connections.delete(scope, made["id"])


async def test_a_twin_shows_its_ledger_and_sends_deliveries_to_the_door(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
        await house.connections.test(scope, made["id"])
        for kind in (None, "LETTER", "post.letter_came"):
            sent = await house.connections.twin_deliver(scope, made["id"], kind, {"id": 7})
            assert sent["status"] == 401  # this twin does not sign: the door is the real one
            assert "signature" in sent["body_text"]
        refused = await code_of(house.connections.twin_deliver(scope, made["id"], "NOPE"))
        assert refused.code == "twin.refused"
        seen = await house.connections.twin(scope, made["id"])
        assert seen["items"] == {"letters": ["welcome", "came", "came", "came"]}
        assert [(line["method"], line["path"], line["status"]) for line in seen["ledger"]] == [
            ("GET", "/me", 200)
        ]
        live = await house.connections.create(scope, "post", "Live", "live", GIVEN)
        assert (await code_of(house.connections.twin(scope, live["id"]))).code == "connection.live"


async def test_a_connector_without_a_twin_takes_no_twin_connection(tmp_path):
    async with opened(tmp_path, "twinless") as (house, scope):
        refused = await code_of(house.connections.create(scope, "post", "A", "twin"))
        assert refused.code == "connection.no_twin"


async def test_secrets_open_again_after_a_restart_and_after_a_new_key(tmp_path):
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
    add_master_key(tmp_path / "config" / "key.toml")
    async with opened(tmp_path) as (house, scope):
        assert (await house.connections.test(scope, made["id"]))["ok"]
        assert await house.keeper.rewrap() == 1
        assert await house.keeper.rewrap() == 0
    async with opened(tmp_path) as (house, scope):
        assert (await house.connections.test(scope, made["id"]))["ok"]


async def test_a_house_without_the_key_of_its_secrets_does_not_start(tmp_path):
    key_file = tmp_path / "config" / "key.toml"
    async with opened(tmp_path):
        pass
    assert not key_file.exists()  # nothing sealed yet: no key is made
    async with opened(tmp_path) as (house, scope):
        made = await house.connections.create(scope, "post", "Twin", "twin")
    right = key_file.read_text()
    key_file.unlink()
    with pytest.raises(TramoError, match="TRAMO_KEY_FILE"):
        async with opened(tmp_path):
            pass
    assert not key_file.exists()
    load_master_key(key_file)  # somebody makes a new key in its place
    with pytest.raises(TramoError, match="does not hold"):
        async with opened(tmp_path):
            pass
    key_file.unlink()
    key_file.write_text(right)
    key_file.chmod(0o600)
    async with opened(tmp_path) as (house, scope):
        assert (await house.connections.test(scope, made["id"]))["ok"]


async def test_rows_swapped_in_the_database_do_not_open(tmp_path):
    async with opened(tmp_path) as (house, scope):
        one = await house.connections.create(scope, "post", "One", "twin")
        two = await house.connections.create(scope, "post", "Two", "twin")
        swap = text(
            "UPDATE connection SET sealed = (SELECT sealed FROM connection WHERE id = :two)"
            " WHERE id = :one"
        )
        await house.database.write(
            lambda c: c.execute(swap, {"one": one["id"], "two": two["id"]}).rowcount
        )
        refused = await code_of(house.connections.test(scope, one["id"]))
        assert refused.code == "vault.broken"
        given = {"token": "post_demo_secret"}
        await house.connections.update(scope, one["id"], credential=given)
        assert (await house.connections.test(scope, one["id"]))["ok"]


async def test_no_secret_leaves_the_house_by_any_answer(tmp_path, caplog):
    """Every answer of the desk, every log line and every file, searched for each secret."""
    caplog.set_level(0)
    secrets = {"token": "post_canary_7391", "signing": "canary_2846_signing"}
    seen: list[Any] = []
    async with opened(tmp_path) as (house, scope):
        desk = house.connections
        made = await desk.create(scope, "post", "Canary", "twin", secrets)
        id = made["id"]
        seen += [made, await desk.list(scope), await desk.get(scope, id)]
        seen += [await desk.test(scope, id), await desk.twin_deliver(scope, id)]
        seen += [await desk.update(scope, id, "Other"), await desk.twin(scope, id)]
        seen += [await house.catalog.catalog()]
        for call in (
            desk.choices(scope, id, "broken"),
            desk.choices(scope, id, "nope"),
            desk.update(scope, id, credential={"office": "evil"}),
            desk.update(scope, id, credential={"token": 1, "signing": {}}),
            desk.create(scope, "post", "", "live", secrets),
            desk.create(scope, "post", "A", "live", {**secrets, "office": secrets["token"]}),
            desk.twin_deliver(scope, id, "NOPE"),
        ):
            error = await code_of(call)
            seen += [error.message, error.params, error.problems, repr(error)]
        opened_one = await house.keeper.open_connection(scope.workspace_id, id)
        seen += [repr(opened_one), repr(house.keeper.context(opened_one)), caplog.text]
    text = b"".join(encode(item) for item in seen)
    files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    text += b"".join(file.read_bytes() for file in files)
    for secret in secrets.values():
        for form in (secret, secret.encode().hex(), b64encode(secret.encode()).decode()[:-4]):
            assert form.encode() not in text
