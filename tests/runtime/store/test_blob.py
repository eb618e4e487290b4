"""Big values as files: durable before they are named, whole again, gone with their owner."""

from __future__ import annotations

import errno
import os
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.model.problem import TramoError
from tramo.store.blob import CHUNK_BYTES, BlobFolder, BlobMissing
from tramo.store.commit import StoreUnavailable

RUN = "run_1a200b1f887065805339ee4602b9e"


@pytest.fixture
def blobs(tmp_path):
    return BlobFolder(tmp_path / "blobs")


def files(blobs: BlobFolder) -> list[str]:
    folder = blobs.place(RUN)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@given(st.binary(max_size=3_000), st.integers(0, 900))
def test_every_value_reads_back_byte_for_byte(tmp_path_factory, body, times):
    blobs = BlobFolder(tmp_path_factory.mktemp("blobs"))
    value = body * times
    assert blobs.get_now(blobs.put_now(RUN, value)) == value


async def test_a_big_value_lies_in_small_chunks_and_takes_less_room_than_it_is_long(blobs):
    value = b'{"sku":"TAZ-AZU-02","quantity":3},' * 100_000
    blob_id = await blobs.put(RUN, value)
    sizes = [len(chunk) for chunk in blobs.chunks(blob_id)]
    assert max(sizes) == CHUNK_BYTES
    assert sum(sizes) == len(value)
    assert sum(path.stat().st_size for path in blobs.place(RUN).iterdir()) < len(value) / 10
    assert await blobs.get(blob_id) == value


async def test_the_same_value_of_a_run_is_stored_once(blobs):
    first = await blobs.put(RUN, b"x" * 100_000)
    second = await blobs.put(RUN, b"x" * 100_000)
    other = await blobs.put("run_other", b"x" * 100_000)
    assert first == second != other
    assert len(files(blobs)) == 1


async def test_a_list_of_pages_is_stored_and_read_item_by_item_in_little_memory(blobs):
    async def pages():
        for page in range(30):
            yield [
                {"id": 820982911946154508 + page * 1_000 + n, "price": Decimal("1.10")}
                for n in range(1_000)
            ]

    tracemalloc.start()
    blob_id, count = await blobs.put_items(RUN, pages())
    total = 0
    for number, item in enumerate(blobs.items(blob_id)):
        assert item["id"] == 820982911946154508 + number
        total += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == count == 30_000
    assert str(item["price"]) == "1.10"
    assert peak < 16 * CHUNK_BYTES


async def test_an_empty_list_is_a_list(blobs):
    async def pages():
        yield []

    blob_id, count = await blobs.put_items(RUN, pages())
    assert (list(blobs.items(blob_id)), count) == ([], 0)


async def test_a_blob_goes_with_its_owner_and_nobody_elses(blobs):
    mine, other = await blobs.put(RUN, b"mine"), await blobs.put("evt_1", b"other")
    assert sorted(blobs.owners()) == ["evt_1", RUN]
    blobs.drop(RUN)
    blobs.drop(RUN)
    with pytest.raises(BlobMissing):
        await blobs.get(mine)
    assert await blobs.get(other) == b"other"
    assert list(blobs.owners()) == ["evt_1"]


@pytest.mark.parametrize("blob_id", ["blob_run_x_../../tramo.lock", "blob_..", "", "blob_run_1_ff"])
async def test_an_id_names_nothing_outside_the_folder(blobs, blob_id):
    with pytest.raises(BlobMissing):
        await blobs.get(blob_id)


async def test_a_full_disk_is_an_answer_to_come_back_and_leaves_nothing_behind(blobs, monkeypatch):
    sync = os.fsync

    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreUnavailable, match="No space left"):
        await blobs.put(RUN, b"x" * 100_000)
    assert files(blobs) == []
    monkeypatch.setattr(os, "fsync", sync)
    assert await blobs.get(await blobs.put(RUN, b"x" * 100_000)) == b"x" * 100_000


async def test_a_blob_that_was_cut_off_is_refused_not_shown_in_part(blobs):
    blob_id = await blobs.put(RUN, os.urandom(50_000))
    path = blobs.place(RUN) / blob_id.rpartition("_")[2]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(TramoError) as caught:
        await blobs.get(blob_id)
    assert caught.value.code == "store.damaged"


async def test_a_broken_stream_leaves_nothing_behind(blobs):
    async def pages():
        yield [{"text": "x" * 2 * CHUNK_BYTES}, {"text": "y"}]
        raise RuntimeError("the vendor hung up")

    with pytest.raises(RuntimeError):
        await blobs.put_items(RUN, pages())
    assert files(blobs) == []
