"""What is read as a plain value, and how what is not says so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tramo.model.value import NotExact, decode, encode


def test_numbers_go_in_and_come_out_with_every_digit() -> None:
    raw = b'{"id":820982911946154508,"total":10.10}'
    value = decode(raw)
    assert value == {"id": 820982911946154508, "total": Decimal("10.10")}
    assert encode(value) == raw


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "This is not JSON: it ends too early"),
        (b'{"a":', "This is not JSON: it ends too early"),
        (b'{"a": 1,\n "b": NaN}', "This is not JSON: line 2, column 7 cannot be read"),
        ('{"ñ": x}'.encode(), "This is not JSON: line 1, column 7 cannot be read"),
        (b'"Espa\xf1a"', "This is not JSON: it is not UTF-8 text"),
        (b'{"a": 1e400}', "The number 1e400… is outside 10^±40"),
        (b'{"a": 0.%s}' % (b"1" * 41), "The number 0.1111"),
        (b'{"a": %s}' % (b"9" * 41), "A number has more than 40 digits"),
        (b'{"a": %s}' % (b"9" * 5000), "A number has more than 40 digits"),
        (b"[" * 100_000, "The JSON is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_persons_words(raw: bytes, said: str) -> None:
    with pytest.raises(NotExact) as refused:
        decode(raw)
    assert str(refused.value).startswith(said)
    assert not {"byte", "msgspec", "codec", "$"} & set(str(refused.value).split())


@pytest.mark.parametrize("before", range(9))
def test_a_long_integer_is_refused_wherever_in_the_text_it_begins(before: int) -> None:
    text = b'{"t":"%s","a":[-%s]}'
    assert decode(text % (b"x" * before, b"9" * 40))["a"] == [1 - 10**40]
    assert decode(text % (b"9" * (60 + before), b"9"))["t"] == "9" * (60 + before)
    with pytest.raises(NotExact, match="more than 40 digits"):
        decode(text % (b"x" * before, b"9" * 41))
