"""How bodies lie in the store: smaller, and the same again."""

from __future__ import annotations

import hashlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.model.problem import TramoError
from tramo.store.codec import LEXICON_1, MARKS, WORTHWHILE_BYTES, pack, refer, unpack

from tests.bench.order import ORDER

SEGMENT = (
    b'[[1795307993223,[["t","hook"],["i","order","out",{"id":820982911946154508,"name":"#2047",'
    b'"total":189.85,"items":6}],["i","check","vip",{"port":"vip"}],["i","vip","out",{"tag":"vip"}]'
    b',["i","answer","out",{"text":"#2047 is vip"}],["e","succeeded",null,null]]]]'
)

PACKED = (
    "28b52ffd600200dd0300f2c4111790a70e86e20d848980cbff8744096d64857c4648bb1331a3fd308b0a48b4"
    "c3311c04fb827d718153a89050e11678e799456de4e52ceb99aeeda83d38c2bf5a2b1155e26e90701200058b"
    "01a8cad9960c740c4786a2d10381cf0b600faa198f99c23a8b025fcce50128b7545031c4172b5d3703e17e05"
    "20"
)
"""`SEGMENT` as the first release of this codec stored it (2026-11-22)."""


@given(st.binary(max_size=5_000))
def test_every_body_reads_back_byte_for_byte(body):
    packed = pack(body)
    assert unpack(packed) == body
    assert len(packed) <= len(body) + 1
    assert pack(packed) is packed


def test_an_order_shrinks_to_a_third_and_a_journal_segment_to_less_than_two_thirds():
    assert len(pack(ORDER)) * 3 < len(ORDER)
    assert len(pack(SEGMENT)) * 5 < len(SEGMENT) * 3


def test_what_gains_nothing_stays_as_it_is():
    noise = b"{" + hashlib.sha512(b"noise").digest()
    for body in (b"", b"{}", b'{"at":"2026-11-22"}', noise[: WORTHWHILE_BYTES + 10]):
        assert pack(body) == body


def test_what_was_written_before_bodies_were_packed_is_still_read():
    for body in (b"", b"{}", b"null", b"[1]", b'"text"', b"-1", b" {}", b"\n{}"):
        assert unpack(body) == body


@given(st.binary(max_size=60), st.integers(0, MARKS))
def test_bytes_that_look_like_a_mark_are_no_mark(body, first):
    assert unpack(pack(bytes([first]) + body)) == bytes([first]) + body


def test_a_blob_is_asked_for_by_its_id():
    assert unpack(refer("blob_run_1_ff"), lambda blob_id: blob_id.encode()) == b"blob_run_1_ff"


def test_the_first_lexicon_never_changes_because_stored_bodies_need_it():
    assert (
        hashlib.sha256(LEXICON_1).hexdigest()
        == "8776cf3f410763b99f8b81c9ac92a1544c3f44bd969499e4b36948c428214bf8"
    )
    assert unpack(b"\x01" + bytes.fromhex(PACKED)) == SEGMENT


def test_a_body_of_a_newer_tramo_and_a_damaged_body_are_told_apart():
    with pytest.raises(TramoError) as newer:
        unpack(b"\x07...")
    with pytest.raises(TramoError) as damaged:
        unpack(pack(ORDER)[:-20])
    assert (newer.value.code, damaged.value.code) == ("store.newer", "store.damaged")


def test_threads_pack_side_by_side():
    wrong: list[int] = []

    def work(number: int) -> None:
        for step in range(200):
            body = ORDER + b"%d-%d" % (number, step)
            if unpack(pack(body)) != body:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
