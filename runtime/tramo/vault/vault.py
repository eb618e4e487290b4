"""Seals the secret fields of connections, each box for one row at one version.

AES-256-GCM; the associated data name workspace, connection, version and the set of fields, so that
a box copied to another row, an old one put back, and one with a field left out do not open.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from tramo.model.problem import TramoError
from tramo.vault.key import MasterKeys

FORMAT: Final = 1
_NONCE_BYTES: Final = 12


class _Box(msgspec.Struct, frozen=True, array_like=True):
    """What lies in the database: readable but for `ciphertext`, and bound as a whole."""

    format: int
    key_id: str
    fields: tuple[str, ...]
    nonce: bytes
    ciphertext: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Box)
_secrets = msgspec.json.Decoder(dict[str, str])


class Vault:
    """Seals and opens. It keeps no secret but the keys, and gives none out by name."""

    def __init__(self, keys: MasterKeys) -> None:
        # Loaded here: the command line starts without cryptography.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.keys.items()}
        self._newest = keys.newest

    def seal(
        self, workspace_id: str, connection_id: str, version: int, fields: Mapping[str, str]
    ) -> bytes:
        """Return a box with these secret fields, for this version of this connection."""
        names = tuple(sorted(fields))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = _bound(self._newest, workspace_id, connection_id, version, names)
        ciphertext = self._ciphers[self._newest].encrypt(
            nonce, msgspec.json.encode(dict(fields)), bound
        )
        return _encoder.encode(_Box(FORMAT, self._newest, names, nonce, ciphertext))

    def open(
        self, workspace_id: str, connection_id: str, version: int, sealed: bytes
    ) -> dict[str, str]:
        """Return the secret fields.

        Raises TramoError for a box that is not whole or not of here.
        """
        from cryptography.exceptions import InvalidTag

        box = _unpack(sealed)
        cipher = self._ciphers.get(box.key_id)
        if cipher is None:
            raise TramoError(
                "vault.key_missing",
                f"The key {box.key_id}, which sealed this connection's secrets, is not in the key"
                " file. Put it back, or enter the secrets again.",
                status=500,
            )
        bound = _bound(box.key_id, workspace_id, connection_id, version, box.fields)
        try:
            plain = cipher.decrypt(box.nonce, box.ciphertext, bound)
        except (InvalidTag, ValueError):
            raise _broken() from None
        return _secrets.decode(plain)

    def rewrap(
        self, workspace_id: str, connection_id: str, version: int, sealed: bytes
    ) -> bytes | None:
        """Return the box sealed anew under the newest key; None when it already is."""
        if _unpack(sealed).key_id == self._newest:
            return None
        fields = self.open(workspace_id, connection_id, version, sealed)
        return self.seal(workspace_id, connection_id, version, fields)

    def has_key_of(self, sealed: bytes) -> bool:
        """Tell whether the key that sealed a box is at hand."""
        return _unpack(sealed).key_id in self._ciphers


def sealed_fields(sealed: bytes) -> tuple[str, ...]:
    """Return the names of the fields in a box, which may be shown, without opening it."""
    return _unpack(sealed).fields


def _unpack(sealed: bytes) -> _Box:
    try:
        box = _decoder.decode(sealed)
    except (msgspec.MsgspecError, ValueError):
        raise _broken() from None
    if box.format != FORMAT:
        raise _broken()
    return box


def _bound(
    key_id: str, workspace_id: str, connection_id: str, version: int, names: tuple[str, ...]
) -> bytes:
    """Return the associated data: JSON, so that no two places read the same."""
    return msgspec.json.encode([FORMAT, key_id, workspace_id, connection_id, version, names])


def _broken() -> TramoError:
    return TramoError(
        "vault.broken",
        "This connection's secrets do not open: the stored row was changed or mixed up."
        " Enter them again.",
        status=500,
    )
