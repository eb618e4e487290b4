"""The message itself: nothing can be smuggled into it, and the same effect is the same bytes."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo import sdk
from tramo_email.address import read_address
from tramo_email.message import ATTACHED_BYTES, Email, Letter, write_letter
from tramo_email.session import _as_data
from tramo_email.text import read_text

SENDER = Address("Shop", "shop", "shop.example")
KEY = "5f3c8a1b2d4e6f708192a3b4c5d6e7f8"
GOOD: dict[str, Any] = {"to": ["ana@example.com"], "subject": "Hello", "text": "Hi"}


def write(**over: Any) -> Letter:
    params = msgspec.convert(GOOD | over, Email)
    return write_letter(params, sender=SENDER, key=KEY, now="2026-11-20T10:00:00Z")


def parsed(letter: Letter) -> Any:
    return message_from_bytes(letter.data, policy=policy.default)


INJECTIONS = ["\r\nBcc: evil@example.com", "\nBcc: evil@example.com", "\r.\r\n", "\x00", "\u2028x"]


@pytest.mark.parametrize("poison", INJECTIONS)
@pytest.mark.parametrize(
    ("over", "place"),
    [
        (lambda p: {"subject": f"Hello{p}"}, "subject"),
        (lambda p: {"to": ["ana@example.com", f"b@example.com{p}"]}, "to[1]"),
        (lambda p: {"to": [f"Ana{p} <ana@example.com>"]}, "to[0]"),
        (lambda p: {"cc": [f"ana@example.com{p}"]}, "cc[0]"),
        (lambda p: {"bcc": [f"ana{p}@example.com"]}, "bcc[0]"),
        (lambda p: {"reply_to": f"x@example.com{p}"}, "reply_to"),
        (lambda p: {"attachments": [{"name": f"a{p}.txt", "content": ""}]}, "attachments[0].name"),
    ],
)
def test_a_line_break_in_a_header_is_refused_with_its_place(
    over: Any, place: str, poison: str
) -> None:
    with pytest.raises(sdk.BadParams) as refusal:
        write(**over(poison))
    assert refusal.value.details == {"place": place}
    assert refusal.value.message.startswith(place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@@example.com",
        "a b@example.com",
        "ana@exa mple.com",
        "ana@-example.com",
        "ana@example..com",
        ".ana@example.com",
        "an..a@example.com",
        "ana@example.com, ben@example.com",
        "ana@example.com; ben@example.com",
        "Ana <ana@example.com> <ben@example.com>",
        "Ana <ana@example.com",
        '"a@b"@example.com',
        "<>",
        "ana@[127.0.0.1]",
        "a" * 65 + "@example.com",
        "ana@" + "a" * 64 + ".com",
    ],
)
def test_what_is_not_an_address_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(sdk.BadParams) as refusal:
        read_address(text, "to[0]")
    assert refusal.value.code == "email.address"
    assert "to[0]" in refusal.value.message


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("ana@example.com", "", "ana@example.com"),
        (" Ana Torres <ana@example.com> ", "Ana Torres", "ana@example.com"),
        ('"Torres, Ana" <ana@example.com>', "Torres, Ana", "ana@example.com"),
        ("Íñigo <i+shop@büro.example>", "Íñigo", "i+shop@xn--bro-hoa.example"),
        ("root@localhost", "", "root@localhost"),
    ],
)
def test_an_address_is_read_with_its_name(text: str, name: str, spec: str) -> None:
    address = read_address(text, "to[0]")
    assert (address.display_name, address.addr_spec) == (name, spec)


ANY_TEXT = st.text(max_size=80)


@given(subject=ANY_TEXT, name=ANY_TEXT, text=st.text(max_size=300), html=ANY_TEXT)
def test_no_text_at_all_adds_a_header_or_a_recipient(
    subject: str, name: str, text: str, html: str
) -> None:
    try:
        letter = write(
            subject=subject, to=[f"{name} <ana@example.com>"], text=text or "x", html=html
        )
    except sdk.BadParams:
        return
    message = parsed(letter)
    assert letter.recipients == ("ana@example.com",)
    assert [one.addr_spec for one in message["To"].addresses] == ["ana@example.com"]
    expected = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
    mime = {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert expected <= set(message.keys()) <= expected | mime
    assert not letter.needs_utf8
    assert letter.data.isascii()


@given(st.binary(max_size=400))
def test_no_message_can_end_itself_before_its_end(data: bytes) -> None:
    sent = _as_data(data)
    assert sent.endswith(b"\r\n.\r\n") or sent == b".\r\n"
    lines = sent.split(b"\r\n")
    assert lines.index(b".") == len(lines) - 2
    assert all(b"\r" not in line and b"\n" not in line for line in lines)


def test_the_same_effect_is_the_same_bytes_and_another_is_not() -> None:
    files = [{"name": "a.txt", "content": "x"}]
    first, second = (write(html="<p>Hi</p>", attachments=files) for _ in range(2))
    assert first.data == second.data
    params = msgspec.convert(GOOD, Email)
    other = write_letter(params, sender=SENDER, key="0" * 32, now="2026-11-20T10:00:00Z")
    assert other.message_id != first.message_id


def test_nobody_gets_the_message_twice_and_hidden_copies_stay_hidden() -> None:
    letter = write(cc=["ANA@example.com", "ben@example.com"], bcc=["cy@example.com"])
    assert letter.recipients == ("ANA@example.com", "ben@example.com", "cy@example.com")
    assert b"cy@example.com" not in letter.data


def test_html_alone_gets_a_text_beside_it() -> None:
    message = parsed(write(text="", html="<h1>Hello</h1><p>See <a href='https://x.example'>it</a>"))
    assert message.get_body(("plain",)).get_content().split() == (
        ["Hello", "See", "it", "(https://x.example)"]
    )
    assert message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<style>p{}</style><script>x()</script><p>1 &lt; 2&nbsp;&euro;</p>", "1 < 2 €"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("plain", "plain"),
        ("<p>unclosed <b>tags", "unclosed tags"),
    ],
)
def test_html_reads_as_a_person_would_read_it_out(html: str, text: str) -> None:
    assert read_text(html) == text


def test_a_message_needs_a_text() -> None:
    with pytest.raises(sdk.BadParams, match="empty"):
        write(text="  ")


@pytest.mark.parametrize(
    ("attachment", "place"),
    [
        ({"name": "a", "content": "not base64!", "encoding": "base64"}, "attachments[0].content"),
        ({"name": "a", "content": "", "type": "csv"}, "attachments[0].type"),
        ({"name": "a", "content": "", "type": "text/csv\r\nX: y"}, "attachments[0].type"),
        ({"name": "a", "content": "", "type": "multipart/mixed"}, "attachments[0].type"),
        ({"name": "a", "content": "x" * (ATTACHED_BYTES + 1)}, "attachments[0]"),
    ],
)
def test_an_attachment_that_cannot_be_sent_is_named(attachment: dict[str, str], place: str) -> None:
    with pytest.raises(sdk.BadParams) as refusal:
        write(attachments=[attachment])
    assert refusal.value.details == {"place": place}
