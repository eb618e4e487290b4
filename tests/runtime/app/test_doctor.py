"""`tramo doctor`: every check names what it found and the cure, and looking changes nothing."""

from __future__ import annotations

import resource
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest
from tramo.app.doctor import Check, examine
from tramo.app.doctor import folder as folder_checks
from tramo.app.doctor import machine as machine_checks
from tramo.app.port import SystemClock
from tramo.store.examine import is_affected

from tests.kit import opened, settings, twin
from tests.postgres import postgres_url
from tests.redis import redis_server

pytestmark = pytest.mark.sqlite


async def looked(folder: Path, **fields) -> dict[str, Check]:
    checks = await examine(settings(folder, **{"port": free_port(), **fields}), SystemClock())
    return {check.name: check for check in checks}


def machine(folder: Path, clock: SystemClock | None = None) -> dict[str, Check]:
    found = machine_checks.look_at_machine(settings(folder), clock or SystemClock())
    return {check.name: check for check in found}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def bad(checks: dict[str, Check]) -> dict[str, str]:
    assert all(check.cure for check in checks.values() if check.level != "ok")
    return {name: check.level for name, check in checks.items() if check.level == "error"}


async def test_a_new_installation_is_well_and_nothing_is_made_by_looking(tmp_path):
    assert bad(await looked(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


async def test_beside_a_running_server_everything_is_looked_at_and_nothing_is_changed(tmp_path):
    async with opened(tmp_path) as house:
        await twin(house, "slack", bot_token="xoxb-1")
        before = sorted((path, path.stat().st_size) for path in (tmp_path / "data").rglob("*"))
        checks = await looked(tmp_path)
        after = sorted((path, path.stat().st_size) for path in (tmp_path / "data").rglob("*"))
    assert bad(checks) == {}
    assert "open in process" in checks["server"].message
    assert "is whole" in checks["database"].message
    assert "opens all 1 connections" in checks["master key"].message
    assert before == after
    assert "No Tramo has" in (await looked(tmp_path))["server"].message


async def test_a_damaged_database_is_an_error_that_names_the_backup(tmp_path):
    async with opened(tmp_path) as house:
        await twin(house, "slack", bot_token="xoxb-1")
    path = tmp_path / "data" / "tramo.sqlite3"
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\xff" * 4096
    path.write_bytes(raw)
    checks = await looked(tmp_path)
    assert bad(checks) == {"database": "error"}
    assert "is damaged" in checks["database"].message
    assert "tramo restore" in checks["database"].cure


async def test_a_log_that_is_gone_after_a_kill_is_an_error(tmp_path):
    async with opened(tmp_path):
        shutil.copytree(tmp_path / "data", tmp_path / "killed", dirs_exist_ok=True)
    (tmp_path / "killed" / "tramo.sqlite3-wal").unlink()
    checks = await examine(settings(tmp_path, data=tmp_path / "killed"), SystemClock())
    (found,) = [check for check in checks if check.name == "database"]
    assert found.level == "error"
    assert "tramo.sqlite3-wal is missing" in found.message


async def test_a_database_that_is_gone_from_beside_its_blobs_is_an_error(tmp_path):
    async with opened(tmp_path):
        pass
    (tmp_path / "data" / "blobs").mkdir(exist_ok=True)
    (tmp_path / "data" / "tramo.sqlite3").unlink()
    checks = await looked(tmp_path)
    assert bad(checks) == {"folder": "error"}
    assert "tramo restore" in checks["folder"].cure


@pytest.mark.parametrize("trouble", ["missing", "open", "damaged", "another", "beside"])
async def test_a_master_key_that_will_not_do_is_an_error(tmp_path, trouble):
    async with opened(tmp_path) as house:
        await twin(house, "slack", bot_token="xoxb-1")
    path = tmp_path / "keys" / "key.toml"
    fields = {}
    match trouble:
        case "missing":
            path.unlink()
        case "open":
            path.chmod(0o644)
        case "damaged":
            path.write_text("key")
        case "another":
            async with opened(tmp_path / "other") as house:
                await twin(house, "slack", bot_token="xoxb-1")
            path = tmp_path / "other" / "keys" / "key.toml"
            fields["key_file"] = path
        case "beside":
            fields["key_file"] = path.rename(tmp_path / "data" / "key.toml")
    checks = await looked(tmp_path, **fields)
    assert bad(checks) == {"master key": "error"}


async def test_a_port_that_something_else_listens_on_is_an_error(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        checks = await looked(tmp_path, port=other.getsockname()[1])
    assert bad(checks) == {"port": "error"}
    assert "--port" in checks["port"].cure


async def test_what_is_shared_and_cannot_be_reached_is_told_without_its_password(tmp_path):
    port = free_port()
    checks = await looked(
        tmp_path,
        database=f"postgresql://u:hush@127.0.0.1:{port}/x",
        redis=f"redis://:hush@127.0.0.1:{port}/0",
    )
    assert bad(checks) == {"postgresql": "error"}
    assert checks["redis"].level == "warn", "Redis gone costs time and nothing else"
    assert "database" not in checks
    assert not any("hush" in f"{check.message}{check.cure}" for check in checks.values())


async def test_a_shared_database_and_redis_are_looked_at(tmp_path):
    with postgres_url() as database, redis_server(tmp_path / "redis") as redis:
        checks = await looked(tmp_path, database=database, redis=redis.url)
    assert bad(checks) == {}
    assert "fsync off" in checks["postgresql"].message, "as the tests' own server is set"
    assert checks["database clock"].level == "ok"
    assert "Redis" in checks["redis"].message


@pytest.mark.parametrize(
    ("kind", "level"),
    [("ext4", "ok"), ("nfs4", "warn"), ("fuse.sshfs", "warn"), ("cifs", "warn"), ("tmpfs", "warn"),
     ("overlay", "warn"), (None, "ok")],
)  # fmt: skip
def test_a_disk_that_may_not_keep_its_word_is_warned_of(tmp_path, monkeypatch, kind, level):
    monkeypatch.setattr(folder_checks, "_file_system", lambda _: kind)
    checks = {check.name: check for check in folder_checks.look_at_folder(tmp_path)}
    assert checks["disk kind"].level == level


@pytest.mark.parametrize(("most", "level"), [(4_096, "ok"), (512, "warn"), (64, "error")])
def test_few_open_files_are_warned_of_and_too_few_are_an_error(tmp_path, monkeypatch, most, level):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    assert machine(tmp_path)["open files"].level == level


def test_a_clock_in_another_century_is_an_error(tmp_path):
    class Old(SystemClock):
        def now_ms(self) -> int:
            return 0

    assert machine(tmp_path, Old())["clock"].level == "error"


@pytest.mark.parametrize(
    ("version", "affected"),
    [((3, 6, 9), False), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
     ((3, 45, 0), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False),
     ((3, 54, 0), False)],
)  # fmt: skip
def test_the_sqlites_with_the_fault_are_known(version, affected):
    assert is_affected(version) is affected
    assert sqlite3.sqlite_version_info > (3, 7, 0)
