"""Opens stored connections for those who act with them: the runner, the door, tests and choices.

The only place where a row, its secrets and its connector come together. What it opens it keeps in
memory until the row changes, so that a delivery costs no read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Row

from tramo.model.connection import Connection
from tramo.model.problem import TramoError
from tramo.model.scope import system_scope
from tramo.model.value import decode
from tramo.outbound import CallContext, Outbound
from tramo.registry import Registry
from tramo.sdk import Credential, Definition, Unavailable
from tramo.store import connection as store
from tramo.store.database import Database
from tramo.vault.key import load_master_key
from tramo.vault.vault import Vault, sealed_fields


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A connection with its secrets in the clear. It is never shown, stored or sent as a whole."""

    workspace_id: str
    connection: Connection
    definition: Definition
    credential: Credential | None
    secrets: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.connection.id

    @property
    def public(self) -> Mapping[str, Any]:
        return self.connection.public

    def __repr__(self) -> str:
        return f"Opened({self.connection.id})"


class Wanted(Protocol):
    """What a call says about the context it needs."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def connector(self) -> str: ...
    @property
    def connection_id(self) -> str | None: ...
    @property
    def needs_connection(self) -> bool: ...
    @property
    def key(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def language(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def now(self) -> str: ...
    @property
    def may_send(self) -> Callable[[], bool]: ...


class Keeper:
    """Opens connections, and makes contexts of them."""

    def __init__(
        self,
        *,
        database: Database,
        registry: Registry,
        outbound: Outbound,
        key_file: Path,
        force_twins: bool = False,
    ) -> None:
        self.database = database
        self._registry = registry
        self._outbound = outbound
        self._key_file = key_file
        self._force_twins = force_twins
        self._vault: Vault | None = None
        self._opened: dict[tuple[str, str], Opened] = {}
        self._by_address: dict[str, Opened] = {}
        self._changes = 0
        self.on_change: Callable[[], None] = lambda: None
        """Called when the row of a connection has changed."""

    # The key -----------------------------------------------------------------------------------

    async def unlock(self) -> None:
        """Make sure that what is sealed can be opened; called at the start.

        Raises TramoError when the key file, or a key that sealed something, is not there. Without
        anything sealed no key is asked for or made.
        """
        boxes = await self.database.read(store.all_boxes)
        if boxes:
            self._vault = self._load(sealed=True)
            self._check_keys(boxes)

    @property
    def vault(self) -> Vault:
        """The vault; its key file is made when the first secret is sealed."""
        if self._vault is None:
            self._vault = self._load(sealed=False)
        return self._vault

    def _load(self, *, sealed: bool) -> Vault:
        keys = load_master_key(self._key_file, sealed=sealed, data=self.database.folder)
        return Vault(keys)

    def _check_keys(self, boxes: list[Row[Any]]) -> None:
        lost = [row.id for row in boxes if not self.vault.has_key_of(row.sealed)]
        if lost:
            raise TramoError(
                "vault.key_missing",
                f"{len(lost)} of {len(boxes)} connections were sealed with a key that the key file"
                f" {self._key_file} does not hold. Put the right key file back.",
            )

    async def rewrap(self) -> int:
        """Seal everything under the newest key, row by row; return how many rows changed.

        May be stopped at any row and started again.
        """
        changed = 0
        for row in await self.database.read(store.all_boxes):
            new = self.vault.rewrap(row.workspace_id, row.id, row.version, row.sealed)
            if new is not None:
                changed += await self.database.write(
                    lambda c, row=row, new=new: store.replace_box(
                        c, row.workspace_id, row.id, old=row.sealed, new=new
                    )
                )
        return changed

    # Opening -------------------------------------------------------------------------------------

    async def open_connection(self, workspace_id: str, connection_id: str) -> Opened:
        """Return a connection that can be acted with; raises sdk.Unavailable when it cannot."""
        known = self._opened.get((workspace_id, connection_id))
        if known is not None:
            return known
        scope = system_scope(workspace_id)
        changes = self._changes
        row = await self.database.read(lambda c: store.get_connection(c, scope, connection_id))
        if row is None:
            raise Unavailable(
                "The connection that this node names is not there; choose another, or try the flow"
                " with twins.",
                code="connection.missing",
            )
        return self._keep(row, changes)

    async def by_address(self, address: str) -> Opened | None:
        """Return the connection behind a webhook address; None when there is none."""
        known = self._by_address.get(address)
        if known is not None:
            return known
        changes = self._changes
        row = await self.database.read(lambda c: store.find_by_address(c, address))
        if row is None:
            return None
        try:
            return self._keep(row, changes)
        except Unavailable as error:
            raise TramoError(error.code, error.message, status=503) from None

    def changed(self, workspace_id: str, connection_id: str) -> None:
        """Forget what is known of a connection whose row changed."""
        self._changes += 1
        known = self._opened.pop((workspace_id, connection_id), None)
        if known is not None and known.connection.address is not None:
            self._by_address.pop(known.connection.address, None)
        self.on_change()

    def forget(self) -> None:
        """Forget everything: other processes have changed rows, or the keys that open them."""
        self._changes += 1
        self._opened.clear()
        self._by_address.clear()
        self._vault = None

    def _keep(self, row: Row[Any], changes: int) -> Opened:
        opened = self._open(row)
        if changes != self._changes:
            return opened  # read while something changed: good for this call, not for the next
        self._opened[(row.workspace_id, row.id)] = opened
        self._by_address[row.address] = opened
        return opened

    def _open(self, row: Row[Any]) -> Opened:
        definition = self._definition(row.connector)
        try:
            secrets = self.vault.open(row.workspace_id, row.id, row.version, row.sealed)
        except TramoError as error:
            raise Unavailable(error.message, code=error.code) from None
        connection = connection_of(row)
        if self._force_twins and definition.twin is not None:
            connection = msgspec.structs.replace(connection, target="twin")
        return Opened(
            workspace_id=row.workspace_id,
            connection=connection,
            definition=definition,
            credential=_credential(definition, {**connection.public, **secrets}),
            secrets=secrets,
        )

    def _definition(self, connector: str) -> Definition:
        definition = self._registry.connectors.get(connector)
        if definition is None:
            raise Unavailable(
                f"The connector “{connector}” is not installed; install it.",
                code="connector.gone",
                params={"type": connector},
            )
        return definition

    # Contexts ------------------------------------------------------------------------------------

    async def open(self, call: Wanted) -> CallContext:
        """Return the context of one attempt; raises sdk.ActionError when there can be none."""
        opened = await self._opened_for(call.workspace_id, call.connector, call.connection_id)
        if opened is None and call.needs_connection:
            raise Unavailable(
                f"This node has no connection to {self._definition(call.connector).title}; choose"
                " the account it works with, or try the flow with twins.",
                code="connection.missing",
            )
        if opened is None:
            return self._outbound.context(
                self._definition(call.connector),
                key=call.key,
                attempt=call.attempt,
                language=call.language,
                timezone=call.timezone,
                now=call.now,
                may_send=call.may_send,
            )
        return self.context(
            opened,
            key=call.key,
            attempt=call.attempt,
            language=call.language,
            timezone=call.timezone,
            now=call.now,
            may_send=call.may_send,
        )

    def context(self, opened: Opened, **fields: Any) -> CallContext:
        """Return a context for an opened connection; `fields` as in Outbound.context."""
        return self._outbound.context(
            opened.definition, opened.connection, opened.credential, **fields
        )

    async def refused(self, call: Wanted) -> None:
        """Note that the vendor refuses a stored connection's credential, so that people see it."""
        if call.connection_id is None:
            return
        scope, connection_id = system_scope(call.workspace_id), call.connection_id

        def note(c: Any) -> None:
            row = store.get_connection(c, scope, connection_id)
            if row is not None:
                store.set_state(
                    c,
                    scope,
                    connection_id,
                    version=row.version,
                    state="refused",
                    account=row.account,
                    now=row.tested_at,
                )

        await self.database.write(note)

    async def learn(
        self, workspace_id: str, connection_id: str | None, type: str, output: Any
    ) -> None:
        """Let the twin behind a trigger's connection know what the trigger output."""
        if connection_id is None and not self._force_twins:
            return
        connector = type.partition(".")[0]
        opened = await self._opened_for(workspace_id, connector, connection_id)
        if opened is None or opened.connection.target != "twin":
            return
        fields = asdict(opened.credential) if opened.credential is not None else {}
        twin = self._outbound.twins.open(opened.id, opened.definition, fields)
        await twin.learn(type, output)

    async def _opened_for(
        self, workspace_id: str, connector: str, connection_id: str | None
    ) -> Opened | None:
        if not self._force_twins:
            if connection_id is None:
                return None
            opened = await self.open_connection(workspace_id, connection_id)
        else:
            opened = await self._twin_for(workspace_id, connector, connection_id)
        if opened is not None and opened.definition.id != connector:
            raise Unavailable(
                f"This node needs a connection to {connector}, and the one it names is to"
                f" {opened.definition.id}; choose another.",
                code="connection.mismatch",
            )
        return opened

    async def _twin_for(
        self, workspace_id: str, connector: str, connection_id: str | None
    ) -> Opened | None:
        """Return the stored connection, or a twin made up on the spot for a flow run by itself."""
        if connection_id is not None:
            try:
                return await self.open_connection(workspace_id, connection_id)
            except Unavailable as error:
                if error.code != "connection.missing":
                    raise
        definition = self._definition(connector)
        if definition.twin is None:
            return None
        name = connection_id or f"conn_{definition.id}"
        known = self._opened.get((workspace_id, name))
        if known is not None:
            return known
        fields = definition.twin.demo_credential()
        opened = Opened(
            workspace_id=workspace_id,
            connection=Connection(
                id=name, name=definition.title, connector=definition.id, target="twin"
            ),
            definition=definition,
            credential=_credential(definition, fields),
            secrets={},
        )
        self._opened[(workspace_id, name)] = opened
        return opened


def connection_of(row: Row[Any]) -> Connection:
    """Return what may be shown of a stored connection."""
    return Connection(
        id=row.id,
        name=row.name,
        connector=row.connector,
        target=row.target,
        state=row.state,
        account=row.account,
        tested_at=row.tested_at,
        address=row.address,
        public=decode(row.public),
        secret_fields=sealed_fields(row.sealed),
    )


def _credential(definition: Definition, fields: Mapping[str, Any]) -> Credential | None:
    if definition.credential is None:
        return None
    try:
        return msgspec.convert(dict(fields), definition.credential)
    except msgspec.ValidationError:
        # The validator's words may quote a value; a secret must not come out this way.
        raise Unavailable(
            f"The connection's fields do not fit the installed {definition.title} connector;"
            " open the connection and complete them.",
            code="connection.outdated",
        ) from None
