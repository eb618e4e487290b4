"""Stored connections are opened in one place: for their workspace and connector, or not."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.app.port import SystemClock, SystemIds, TaskSpawn
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.outbound import Outbound, TwinHouse
from tramo.registry import discover
from tramo.runner.attempt import Call
from tramo.store import account
from tramo.store import connection as store
from tramo.store.database import open_database
from tramo.vault.keeper import Keeper

SECRET = "swordfish_0123"


class Account(sdk.Credential):
    shop: str
    token: sdk.Secret


class ShopTwin(sdk.Twin):
    hosts = ("shop.example",)

    @classmethod
    def demo_credential(cls):
        return {"shop": "demo", "token": "demo_token"}

    @sdk.route("GET", "/me")
    async def me(self, request: sdk.TwinRequest) -> sdk.Response:
        return sdk.json_response({"token": request.headers["authorization"]})


shop = sdk.Connector(
    "shop",
    title="Shop",
    credential=Account,
    base_url="https://shop.example/",
    auth=sdk.Bearer("token"),
)
shop.twin(ShopTwin)
plain = sdk.Connector("plain", title="Plain")


@asynccontextmanager
async def keeping(tmp_path: Path, *, force_twins: bool = False, connectors=("shop", "plain")):
    found = [
        EntryPoint(name, f"tests.runtime.vault.test_keeper:{name}", "tramo.connectors")
        for name in connectors
    ]
    clock = SystemClock()
    database = await open_database(tmp_path / "data")
    twins = TwinHouse(clock=clock, ids=SystemIds(), spawn=TaskSpawn())
    outbound = Outbound(clock=clock, twins=twins)
    keeper = Keeper(
        database=database,
        registry=discover(found),
        outbound=outbound,
        key_file=tmp_path / "config" / "key.toml",
        force_twins=force_twins,
    )
    try:
        await keeper.unlock()
        yield keeper
    finally:
        await outbound.close()
        await database.close()


async def put(keeper: Keeper, id: str = "conn_1", target: str = "twin", **fields: Any) -> None:
    """Store a connection as the desk would."""
    scope = Scope("ws_1", "user_1")
    sealed = keeper.vault.seal("ws_1", id, 1, {"token": SECRET})

    def write(c: Any) -> None:
        if account.first_workspace(c) is None:
            account.add_workspace(c, workspace_id="ws_1", name="W", now=1)
        store.add_connection(
            c,
            scope,
            connection_id=id,
            name="Shop",
            connector="shop",
            target=target,
            address=f"address_{id}",
            public=encode(fields or {"shop": "mine"}),
            sealed=sealed,
            now=1,
        )

    await keeper.database.write(write)


CALL = Call(
    run_id="run_1",
    flow_id="flow_1",
    workspace_id="ws_1",
    connector="shop",
    connection_id="conn_1",
    needs_connection=True,
    key="k" * 32,
    attempt=2,
    language="es",
    timezone="Europe/Madrid",
    now="2026-01-01T00:00:00Z",
)


def call(**changes: Any) -> Call:
    return msgspec.structs.replace(CALL, **changes)


async def test_a_call_gets_its_connections_context(tmp_path):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
        ctx = await keeper.open(CALL)
        assert ctx.credential == Account(shop="mine", token=SECRET)
        assert (ctx.connection_id, ctx.key, ctx.attempt) == ("conn_1", "k" * 32, 2)
        assert (ctx.language, ctx.timezone, ctx.now) == (CALL.language, CALL.timezone, CALL.now)
        assert (await ctx.http.get("me")).json() == {"token": f"Bearer {SECRET}"}


async def test_an_opened_connection_never_shows_its_secret(tmp_path):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
        opened = await keeper.open_connection("ws_1", "conn_1")
        for shown in (repr(opened), f"{opened}", repr(opened.credential), repr([opened])):
            assert SECRET not in shown


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"connection_id": "conn_9"}, "connection.missing"),
        ({"workspace_id": "ws_2"}, "connection.missing"),
        ({"connector": "plain"}, "connection.mismatch"),
        ({"connector": "gone", "connection_id": None}, "connector.gone"),
    ],
    ids=["deleted", "another workspace's", "another connector's", "not installed"],
)
async def test_a_connection_that_cannot_be_used_is_no_context(tmp_path, changes, code):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
        await keeper.open(CALL)  # known already: the answer must not come from memory
        with pytest.raises(sdk.Unavailable) as refused:
            await keeper.open(call(**changes))
        assert refused.value.code == code


async def test_a_node_without_a_connection_gets_a_bare_context(tmp_path):
    async with keeping(tmp_path) as keeper:
        bare = {"connector": "plain", "connection_id": None}
        ctx = await keeper.open(call(**bare, needs_connection=False))
        assert (ctx.credential, ctx.connection_id) == (None, "")
        assert not (tmp_path / "config").exists()
        with pytest.raises(sdk.Unavailable, match="has no connection to Plain; choose") as refused:
            await keeper.open(call(**bare))
        assert refused.value.code == "connection.missing"


async def test_fields_that_no_longer_fit_are_asked_for_without_being_quoted(tmp_path):
    async with keeping(tmp_path) as keeper:
        await put(keeper, shop="mine", old_field="x")
        with pytest.raises(sdk.Unavailable, match="complete them") as refused:
            await keeper.open(CALL)
        assert refused.value.code == "connection.outdated"
        assert SECRET not in str(refused.value)


async def test_an_uninstalled_connector_is_named(tmp_path):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
    async with keeping(tmp_path, connectors=("plain",)) as keeper:
        with pytest.raises(sdk.Unavailable, match="“shop” is not installed"):
            await keeper.open(CALL)
        with pytest.raises(TramoError, match="“shop” is not installed") as refused:
            await keeper.by_address("address_conn_1")
        assert refused.value.status == 503  # the vendor tries again later


async def test_a_delivery_finds_its_connection_by_address(tmp_path):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
        found = await keeper.by_address("address_conn_1")
        assert (found.workspace_id, found.id) == ("ws_1", "conn_1")
        assert found.secrets == {"token": SECRET}
        assert found.public == {"shop": "mine"}
        assert await keeper.by_address("address_conn_2") is None
        scope = Scope("ws_1", "user_1")
        await keeper.database.write(lambda c: store.delete_connection(c, scope, "conn_1", 2))
        keeper.changed("ws_1", "conn_1")
        assert await keeper.by_address("address_conn_1") is None
        with pytest.raises(sdk.Unavailable):
            await keeper.open(CALL)


async def test_what_was_read_while_it_changed_is_not_remembered(tmp_path, monkeypatch):
    async with keeping(tmp_path) as keeper:
        await put(keeper)
        read = keeper.database.read

        async def slow_read(function: Any) -> Any:
            row = await read(function)
            keeper.changed("ws_1", "conn_1")  # somebody saves between the read and its use
            return row

        monkeypatch.setattr(keeper.database, "read", slow_read)
        before = await keeper.open_connection("ws_1", "conn_1")
        monkeypatch.undo()
        assert await keeper.open_connection("ws_1", "conn_1") is not before


async def test_forced_twins_replace_every_account_and_need_none(tmp_path):
    async with keeping(tmp_path, force_twins=True) as keeper:
        for connection_id in (None, "conn_of_somebody"):
            ctx = await keeper.open(call(connection_id=connection_id))
            assert (await ctx.http.get("me")).json() == {"token": "Bearer demo_token"}
        await put(keeper, target="live")
        ctx = await keeper.open(CALL)
        assert (await ctx.http.get("me")).json() == {"token": f"Bearer {SECRET}"}
        bare = call(connector="plain", connection_id=None, needs_connection=False)
        assert (await keeper.open(bare)).credential is None
