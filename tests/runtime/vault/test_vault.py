"""Secrets open in their own place only, and the key is guarded as well as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.model.problem import TramoError
from tramo.vault import MasterKeys, Vault, add_master_key, load_master_key, sealed_fields

KEYS = MasterKeys({"k1": bytes(range(32))})
PLACE = ("ws_1", "conn_1", 1)
SECRETS = {"token": "shpat_0123456789", "signing": "whsec_ñ"}


def test_what_is_sealed_opens_in_its_place_and_is_not_readable():
    vault = Vault(KEYS)
    box = vault.seal(*PLACE, SECRETS)
    assert vault.open(*PLACE, box) == SECRETS
    assert sealed_fields(box) == ("signing", "token")
    for secret in SECRETS.values():
        assert secret.encode() not in box
    assert vault.open(*PLACE, vault.seal(*PLACE, {})) == {}


@pytest.mark.parametrize(
    "place",
    [("ws_2", "conn_1", 1), ("ws_1", "conn_2", 1), ("ws_1", "conn_1", 2), ("ws_1conn_1", "", 1)],
    ids=["another workspace", "another row", "an old version put back", "names run together"],
)
def test_a_box_does_not_open_anywhere_else(place):
    vault = Vault(KEYS)
    box = vault.seal(*PLACE, SECRETS)
    with pytest.raises(TramoError, match="do not open") as refused:
        vault.open(*place, box)
    assert refused.value.code == "vault.broken"


def parts(box: bytes) -> list:
    return msgspec.msgpack.decode(box)


@pytest.mark.parametrize(
    "change",
    [
        lambda box: [*box[:2], ["token"], *box[3:]],
        lambda box: [*box[:2], ["token", "signing"], *box[3:]],
        lambda box: [*box[:2], [], *box[3:]],
        lambda box: [*box[:3], bytes(12), box[4]],
        lambda box: [*box[:3], b"", box[4]],
        lambda box: [*box[:4], box[4][:-1]],
        lambda box: [*box[:4], box[4][:-12]],
        lambda box: [*box[:4], b""],
        lambda box: [2, *box[1:]],
        lambda box: box[:3],
    ],
    ids=["a field less", "fields swapped", "no fields", "another nonce", "no nonce", "a short tag",
         "half a tag", "nothing", "another format", "a torn box"],
)  # fmt: skip
def test_a_box_that_was_touched_does_not_open(change):
    vault = Vault(KEYS)
    touched = msgspec.msgpack.encode(change(parts(vault.seal(*PLACE, SECRETS))))
    with pytest.raises(TramoError, match="do not open"):
        vault.open(*PLACE, touched)


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data):
    vault = Vault(KEYS)
    box = bytearray(vault.seal(*PLACE, SECRETS))
    at = data.draw(st.integers(0, len(box) - 1))
    box[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(TramoError):
        vault.open(*PLACE, bytes(box))


def test_no_nonce_comes_twice():
    vault = Vault(KEYS)
    boxes = [vault.seal(*PLACE, SECRETS) for _ in range(10_000)]
    assert len({parts(box)[3] for box in boxes}) == 10_000
    assert len({parts(box)[4] for box in boxes}) == 10_000


def test_another_key_opens_nothing_and_says_which_is_missing():
    box = Vault(KEYS).seal(*PLACE, SECRETS)
    with pytest.raises(TramoError, match="k1") as refused:
        Vault(MasterKeys({"k2": bytes(32)})).open(*PLACE, box)
    assert refused.value.code == "vault.key_missing"
    with pytest.raises(TramoError, match="do not open"):
        Vault(MasterKeys({"k1": bytes(32)})).open(*PLACE, box)


def test_rotation_can_stop_at_any_row_and_go_on():
    old = Vault(KEYS)
    rows = {n: old.seal("ws_1", f"conn_{n}", n, {"token": f"secret {n}"}) for n in range(5)}
    both = Vault(MasterKeys({**KEYS.keys, "k2": bytes(32)}))
    for stop in (2, 5):  # killed after two rows, then started again
        for n in range(stop):
            rows[n] = both.rewrap("ws_1", f"conn_{n}", n, rows[n]) or rows[n]
    new = Vault(MasterKeys({"k2": bytes(32)}))
    assert [new.open("ws_1", f"conn_{n}", n, rows[n])["token"] for n in rows] == [
        f"secret {n}" for n in rows
    ]
    assert both.rewrap("ws_1", "conn_0", 0, rows[0]) is None
    assert not old.has_key_of(rows[0])
    assert new.has_key_of(rows[0])


# The key file -----------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "key.toml"


def test_the_first_start_makes_a_key_that_nobody_else_may_read(key_file):
    keys = load_master_key(key_file)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.parent.stat().st_mode & 0o077 == 0
    assert load_master_key(key_file).keys == keys.keys
    assert [len(key) for key in keys.keys.values()] == [32]
    assert repr(keys.keys[keys.newest]) not in repr(keys)


def test_two_first_starts_at_once_end_with_one_key(key_file):
    code = (
        "import sys; from pathlib import Path; from tramo.vault import load_master_key;"
        "print(load_master_key(Path(sys.argv[1])).newest)"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(key_file)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({start.communicate()[0] for start in starts}) == 1
    assert {start.returncode for start in starts} == {0}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_file_that_others_may_read_is_refused(key_file, mode):
    load_master_key(key_file)
    key_file.chmod(mode)
    with pytest.raises(TramoError, match="chmod 600") as refused:
        load_master_key(key_file)
    assert refused.value.code == "vault.key_readable"


def test_with_something_sealed_a_missing_key_is_never_replaced(key_file):
    with pytest.raises(TramoError, match="TRAMO_KEY_FILE") as refused:
        load_master_key(key_file, sealed=True)
    assert refused.value.code == "vault.key_missing"
    assert not key_file.exists()


def test_a_key_never_lies_beside_the_data(tmp_path):
    data = tmp_path / "data"
    for path in (data / "key.toml", data / "a" / "key.toml", tmp_path / "x" / ".." / "data" / "k"):
        with pytest.raises(TramoError, match="inside the data folder"):
            load_master_key(path, data=data)
    link = tmp_path / "link"
    data.mkdir()
    link.symlink_to(data)
    with pytest.raises(TramoError, match="inside the data folder"):
        load_master_key(link / "key.toml", data=data)
    load_master_key(tmp_path / "data2" / "key.toml", data=data)


@pytest.mark.parametrize(
    "text",
    ["", "not toml", "key = 1", "[[key]]\nid = 'a'", "[[key]]\nid = 'a'\nsecret = 'c2hvcnQ='",
     "[[key]]\nid = 1\nsecret = '" + "A" * 43 + "='", "[[key]]\nid = 'a'\nsecret = '***'",
     "\udcff"],
)  # fmt: skip
def test_a_damaged_key_file_is_named(key_file, text):
    load_master_key(key_file)
    key_file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TramoError, match="backup") as refused:
        load_master_key(key_file)
    assert refused.value.code == "vault.key_damaged"


def test_a_new_key_seals_and_the_old_one_still_opens(key_file):
    before = load_master_key(key_file)
    box = Vault(before).seal(*PLACE, SECRETS)
    fresh = add_master_key(key_file)
    after = load_master_key(key_file)
    assert list(after.keys) == [before.newest, fresh]
    assert after.newest == fresh
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert Vault(after).open(*PLACE, box) == SECRETS
    assert parts(Vault(after).seal(*PLACE, SECRETS))[1] == fresh
    assert os.listdir(key_file.parent) == ["key.toml"]
