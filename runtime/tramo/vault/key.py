"""The master keys: a file of the operator's, outside the data, that nobody else can read.

    [[key]]
    id = "k1f0c9ab27d4e"
    secret = "…"

Several keys may stand in it. New things are sealed under the last; the others still open what they
sealed, until everything is rewrapped and they can be taken out.
"""

from __future__ import annotations

import os
import secrets
import stat
import tomllib
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from tramo.model.problem import TramoError

KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class MasterKeys(msgspec.Struct, frozen=True):
    """The keys of a file, in its order; the last one seals."""

    keys: dict[str, bytes]

    @property
    def newest(self) -> str:
        return next(reversed(self.keys))

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self.keys)})"


def load_master_key(path: Path, *, sealed: bool = False, data: Path | None = None) -> MasterKeys:
    """Return the keys of a file, made with one fresh key at the first use.

    `sealed` says that something is already sealed: then a missing file is never replaced, because a
    new key would open nothing. `data` is the folder that the file must not lie in.

    Raises TramoError.
    """
    if data is not None and path.resolve().is_relative_to(data.resolve()):
        raise TramoError(
            "vault.key_beside_data",
            f"The key file {path} lies inside the data folder {data}, so whoever copies the data"
            " has the key too. Move it out and name it in TRAMO_KEY_FILE.",
        )
    try:
        return _read(path)
    except FileNotFoundError:
        if sealed:
            raise TramoError(
                "vault.key_missing",
                f"The connections' secrets are sealed, and their key file {path} is not there."
                " Put the file back, or name its place in TRAMO_KEY_FILE.",
            ) from None
    _create(path)
    return _read(path)


def add_master_key(path: Path) -> str:
    """Add a fresh key to the file, which seals from the next start on; return its id."""
    keys = dict(_read(path).keys)
    fresh_id, secret = _fresh()
    keys[fresh_id] = secret
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    _write(beside, keys)
    beside.replace(path)
    _sync_folder(path.parent)
    return fresh_id


def _read(path: Path) -> MasterKeys:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & _OTHERS:
                raise TramoError(
                    "vault.key_readable",
                    f"Others than its owner may read the key file {path}."
                    f" Close it with: chmod 600 {path}",
                )
            document = tomllib.loads(file.read().decode())
        keys = _keys(document)
    except PermissionError:
        raise TramoError(
            "vault.key_unreadable", f"The key file {path} cannot be read; check who owns it."
        ) from None
    except IsADirectoryError:
        raise _damaged(path) from None
    except (ValueError, KeyError, TypeError):
        raise _damaged(path) from None
    if not keys:
        raise _damaged(path)
    return MasterKeys(keys)


def _keys(document: dict[str, Any]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in document["key"]:
        secret = b64decode(entry["secret"], validate=True)
        if len(secret) != KEY_BYTES or not isinstance(entry["id"], str) or entry["id"] in keys:
            raise ValueError(entry["id"])
        keys[entry["id"]] = secret
    return keys


def _damaged(path: Path) -> TramoError:
    return TramoError(
        "vault.key_damaged",
        f"The key file {path} does not hold keys in the form Tramo writes;"
        " put the right file back from your backup.",
    )


def _create(path: Path) -> None:
    """Make the file appear whole, or leave the one of a process that was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_id, secret = _fresh()
    beside = path.with_name(f"{path.name}.{key_id}")
    _write(beside, {key_id: secret})
    try:
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink()
    _sync_folder(path.parent)


def _fresh() -> tuple[str, bytes]:
    return f"k{secrets.token_hex(6)}", secrets.token_bytes(KEY_BYTES)


def _write(path: Path, keys: dict[str, bytes]) -> None:
    """Write a file that did not exist, closed to others from its first byte on."""
    text = (
        "# Tramo's master keys. Without this file the connections' secrets are lost. Back it up.\n"
    )
    for key_id, secret in keys.items():
        text += f'\n[[key]]\nid = "{key_id}"\nsecret = "{b64encode(secret).decode()}"\n'
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
