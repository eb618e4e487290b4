"""How bodies lie in the store: as they are, compressed, or in a file of their own.

A body says so itself, in its first byte, so that rows of before there was a choice read as what
they are: JSON begins with no control character. Compression is Zstandard with a lexicon: text that
bodies of Tramo often hold, so that a short one, which has hardly a repetition of its own, shrinks
too. A lexicon never changes once a release wrote with it; a better one gets a mark of its own.
This module knows nothing of tables, runs or files.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Final

from tramo.model.problem import TramoError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    import backports.zstd as zstd

PLAIN: Final = 0
"""What follows is the body; only where the body's own first byte could be taken for a mark."""
ZSTD_1: Final = 1
"""What follows is a Zstandard frame made with the first lexicon."""
BLOB: Final = 2
"""What follows is the id of the blob that the body is."""
MARKS: Final = 8
"""First bytes below this are marks, those of the future too."""

WORTHWHILE_BYTES: Final = 48
"""A shorter body gains less than the time it takes."""
LEVEL: Final = 1
"""The fastest level that still looks for matches thoroughly; higher ones gain 1 to 2 % on JSON of
orders and take twice as long."""

LEXICON_1: Final = (
    # The commerce model's words.
    b'"cancelled_at":null,"cancel_reason":null,"accepts_marketing":true,"orders_count":1,'
    b'"total_spent":0.00,"vendor":"","taxable":true,"requires_shipping":true,"handle":"",'
    b'"payment_status":"paid","fulfilment_status":null,"payment_methods":[],"language":"es",'
    b'"discount_codes":[],"subtotal":0.00,"discount":0.00,"shipping":0.00,"tax":0.00,'
    b'"total":0.00,"note":"","tags":["source":"web","test":false,"status":"active","kind":"",'
    b'"location_id":"","available":0,"order_id":"","refund":{"amount":0.00,"lines":[{'
    b'"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00+01:00",'
    b'"currency":"EUR","number":1,"order":{"id":"","name":"#","customer":{"id":"","email":"'
    b'@example.com","phone":"+","first_name":"","last_name":"","company":null,'
    b'"billing_address":{"shipping_address":{"line1":"","line2":null,"city":"","province":"",'
    b'"postcode":"","country_code":"line_items":[{"id":"","product_id":"","variant_id":"",'
    b'"sku":"","title":"","quantity":1,"price":"0.00","raw":{'
    # What vendors' answers and the web door are made of.
    b'"url":"https://","description":"","results":[],"items":[],"data":{"type":"","count":0,'
    b'"message":"","errors":[],"value":"","text":"","body":{"id":'
    b'},"headers":{"content-type":"application/json","content-length":"","accept":"*/*",'
    b'"accept-encoding":"gzip, deflate","user-agent":"","host":""},"query":{},"method":"POST"}'
    # The journal's words, the commonest last: what is near costs least.
    b',["x","step.timeout","took longer than "],["c","system"],["o","a",[]],["a","b",[],'
    b'"happened",null,"user_"],["q","b",[],"step.unknown_outcome",""],["p","b",[],""],["r","b",[],'
    b'["f","b",[],"","",{"failed",null,{"code":"","message":"","details":null}]'
    b',"never_repeat","keyed","repeatable","stored","pure","",{}],["d","b",[],"out",{"status":200,'
    b'"ok":true}],["s","b",[0],1,"pure","",{}],["i","a","else",{"port":"else"}],["i","a","out",{"'
    b'[[1790000000000,[["t","order"],["i","a","yes",{"port":"yes"}],["i","b","out",{"text":""}],'
    b'["e","succeeded",null,null]]]]'
)


class _Tools(threading.local):
    """A thread's own compressor and decompressor state: neither may be shared while at work."""

    def __init__(self) -> None:
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.dict_id_flag: 0,
            zstd.CompressionParameter.checksum_flag: 0,
        }
        self.compressor = zstd.ZstdCompressor(options=options, zstd_dict=_DICTIONARY)


_DICTIONARY: Final = zstd.ZstdDict(LEXICON_1, is_raw=True)
_tools = _Tools()


class Packed(bytes):
    """A body as it lies in the store."""


def pack(body: bytes) -> Packed:
    """Return a body as it is stored; one that is packed already stays as it is."""
    if type(body) is Packed:
        return body
    if len(body) >= WORTHWHILE_BYTES:
        frame = _tools.compressor.compress(body, zstd.ZstdCompressor.FLUSH_FRAME)
        if len(frame) < len(body):
            return Packed(b"%c%b" % (ZSTD_1, frame))
    if body and body[0] < MARKS:
        return Packed(b"%c%b" % (PLAIN, body))
    return Packed(body)


def refer(blob_id: str) -> Packed:
    """Return what is stored in place of a body that is a blob."""
    return Packed(b"%c%b" % (BLOB, blob_id.encode()))


def unpack(stored: bytes, blob: Callable[[str], bytes] | None = None) -> bytes:
    """Return a body as it was; `blob` reads those that are blobs.

    Raises TramoError for a damaged body, and for one of a newer Tramo.
    """
    if not stored or stored[0] >= MARKS:
        return stored
    mark, rest = stored[0], stored[1:]
    if mark == PLAIN:
        return rest
    if mark == BLOB and blob is not None:
        return blob(rest.decode())
    if mark != ZSTD_1:
        raise TramoError(
            "store.newer", f"Something was stored by a newer Tramo (as {mark}). Start that one."
        )
    try:
        return zstd.decompress(rest, _DICTIONARY)
    except zstd.ZstdError as error:
        raise TramoError(
            "store.damaged", f"Something stored cannot be read back: {error}."
        ) from None
