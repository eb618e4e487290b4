"""Long answers of the API travel compressed to whoever takes them so, and say the same."""

from __future__ import annotations

import gzip

import pytest
from tramo.model.value import decode

PATH = "/api/v1/catalog"
FLOWS = "/api/v1/flows"


def flow_of(count: int) -> dict:
    nodes = [{"id": f"n{index}", "type": "core.log"} for index in range(count)]
    return {"format": 1, "id": "flow_long", "name": "Long", "nodes": nodes, "edges": []}


@pytest.mark.parametrize("path", [PATH, f"{FLOWS}/flow_long"])
async def test_a_long_answer_is_packed_for_who_takes_it_and_says_the_same(owner, path):
    await owner.call("POST", FLOWS, {"document": flow_of(200)})
    plain = await owner.call("GET", path)
    packed = await owner.call("GET", path, accept_encoding="gzip, br")
    assert plain.header("content-encoding") == ""
    assert packed.header("content-encoding") == "gzip"
    assert "Accept-Encoding" in packed.header("vary")
    assert len(packed.body) * 3 < len(plain.body)
    assert decode(gzip.decompress(packed.body)) == plain.json


@pytest.mark.parametrize("asked", ["identity", "gzip;q=0", "br"])
async def test_whoever_does_not_take_gzip_gets_none(owner, asked):
    answer = await owner.call("GET", PATH, accept_encoding=asked)
    assert answer.header("content-encoding") == ""
    assert answer.json["node_types"]


async def test_a_short_answer_goes_out_as_it_is(owner):
    answer = await owner.call("GET", "/api/v1/session", accept_encoding="gzip")
    assert answer.header("content-encoding") == ""
    assert answer.json["user"]


async def test_a_refusal_is_never_packed_away(owner):
    answer = await owner.call("GET", f"{FLOWS}/flow_none", accept_encoding="gzip")
    assert (answer.status, answer.code) == (404, "flow.unknown")


async def test_a_catalogue_that_is_known_is_not_sent_again_in_any_language(owner):
    for language in ("en", "ro"):
        asked = {"accept_encoding": "gzip", "accept_language": language}
        first = await owner.call("GET", PATH, **asked)
        again = await owner.call("GET", PATH, **asked, if_none_match=first.header("etag"))
        assert (again.status, again.body) == (304, b"")
        assert first.header("content-language") == language
