"""An imitation of a mail server with one inbox for everybody: it speaks SMTP and delivers nothing.

It refuses as servers do: unknown people (`nobody@…`), full boxes (`full@…`, a passing refusal),
hosts under `.invalid`, wrong passwords, messages above its size, commands out of turn. Not
imitated: encryption (a twin has no certificate that anybody would trust), bounces and answers.
"""

from __future__ import annotations

import base64
import binascii
import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final

from tramo import sdk

SIZE: Final = 15 * 1024 * 1024
INBOX_KEPT: Final = 500
RECIPIENTS: Final = 100
_PATH: Final = re.compile(r"(?:FROM|TO):\s*<(?P<address>[^<>\s]*)>(?P<options>.*)\Z", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+\Z")


@dataclass
class _Turn:
    """How far a conversation has come."""

    greeted: bool = False
    signed_in: bool = False
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)

    def reset(self) -> None:
        self.sender = None
        self.recipients = []


class MailTwin(sdk.Twin):
    """A mail server of a demo shop; without `hosts`, it stands for any mail server."""

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {
            "host": "mail.demo-shop.example",
            "port": 587,
            "security": "none",
            "username": "shop",
            "password": "demo-password",
            "from_address": "shop@demo-shop.example",
            "from_name": "Demo shop",
        }

    def fresh_state(self) -> dict[str, Any]:
        return {"inbox": []}

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Hold one conversation, until the client says goodbye or goes away."""
        turn = _Turn()
        try:
            await _say(writer, "220 mail.demo-shop.example ready")
            while (line := await _read_line(reader)) is not None:
                word, _, rest = line.partition(" ")
                answer = await self._obey(word.upper(), rest.strip(), turn, reader, writer)
                await _say(writer, answer)
                if word.upper() == "QUIT":
                    break
        except (IncompleteReadError, ConnectionError):
            pass  # The client hung up; there is nobody to tell.
        finally:
            writer.close()

    async def _obey(
        self, word: str, rest: str, turn: _Turn, reader: StreamReader, writer: StreamWriter
    ) -> str:
        """Carry out one command and return the answer to it."""
        if word in ("EHLO", "HELO"):
            return self._greet(word, rest, turn)
        if word == "AUTH":
            return await self._sign_in(rest, turn, reader, writer)
        if word == "MAIL":
            return self._take_sender(rest, turn)
        if word == "RCPT":
            return self._take_recipient(rest, turn)
        if word == "DATA":
            return await self._take_data(turn, reader, writer)
        if word == "RSET":
            turn.reset()
            return "250 2.0.0 forgotten"
        if word in ("NOOP", "VRFY"):
            return "250 2.0.0 fine" if word == "NOOP" else "252 2.0.0 send some mail to find out"
        if word == "QUIT":
            return "221 2.0.0 goodbye"
        return "500 5.5.2 unknown command"

    def _greet(self, word: str, rest: str, turn: _Turn) -> str:
        if not rest:
            return "501 5.5.4 say who you are"
        turn.greeted = True
        turn.reset()
        if word == "HELO":
            return "250 mail.demo-shop.example"
        offers = (f"SIZE {SIZE}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
        lines = ("mail.demo-shop.example", *offers)
        return "\r\n".join(
            f"250{' ' if at == len(lines) else '-'}{line}" for at, line in enumerate(lines, 1)
        )

    async def _sign_in(
        self, rest: str, turn: _Turn, reader: StreamReader, writer: StreamWriter
    ) -> str:
        if not turn.greeted:
            return "503 5.5.1 greet first"
        if turn.signed_in:
            return "503 5.5.1 already signed in"
        way, _, first = rest.partition(" ")
        if way.upper() not in ("PLAIN", "LOGIN"):
            return "504 5.5.4 no such way to sign in"
        try:
            if way.upper() == "PLAIN":
                given = _decoded(first or await _ask(reader, writer, ""))
                _, username, password = given.split("\0")
            else:
                username = _decoded(first or await _ask(reader, writer, "Username:"))
                password = _decoded(await _ask(reader, writer, "Password:"))
        except ValueError:
            return "501 5.5.2 not base64"
        if (username, password) != (self.credential["username"], self.credential["password"]):
            self.record("AUTH", "", "Sign-in refused: wrong user name or password", 535, b"")
            return "535 5.7.8 wrong user name or password"
        turn.signed_in = True
        return "235 2.7.0 welcome"

    def _take_sender(self, rest: str, turn: _Turn) -> str:
        path = _PATH.match(rest)
        if not turn.greeted or turn.sender is not None:
            return "503 5.5.1 bad sequence of commands"
        if path is None or not rest.upper().startswith("FROM:"):
            return "501 5.5.4 syntax: MAIL FROM:<address>"
        if self.credential.get("username") and not turn.signed_in:
            return "530 5.7.0 sign in first"
        for option in path["options"].split():
            name, _, value = option.upper().partition("=")
            if name not in ("SIZE", "BODY", "SMTPUTF8"):
                return "555 5.5.4 unknown option"
            if name == "SIZE" and not value.isdigit():
                return "501 5.5.4 syntax: SIZE=number"
            if name == "SIZE" and int(value) > SIZE:
                return "552 5.3.4 too large"
        if path["address"] and not _ADDRESS.match(path["address"]):
            return "553 5.1.3 not an address"
        turn.sender = path["address"]
        return "250 2.1.0 sender fine"

    def _take_recipient(self, rest: str, turn: _Turn) -> str:
        path = _PATH.match(rest)
        if turn.sender is None:
            return "503 5.5.1 name the sender first"
        if path is None or not rest.upper().startswith("TO:"):
            return "501 5.5.4 syntax: RCPT TO:<address>"
        if path["options"].strip():
            return "555 5.5.4 unknown option"
        address = path["address"]
        if not _ADDRESS.match(address):
            return "553 5.1.3 not an address"
        name, _, domain = address.lower().partition("@")
        if name == "nobody":
            return "550 5.1.1 no such person here"
        if domain.endswith(".invalid"):
            return "550 5.1.2 no such host"
        if name == "full":
            return "452 4.2.2 this box is full"
        if len(turn.recipients) >= RECIPIENTS:
            return "452 4.5.3 too many recipients"
        turn.recipients.append(address)
        return "250 2.1.5 recipient fine"

    async def _take_data(self, turn: _Turn, reader: StreamReader, writer: StreamWriter) -> str:
        if not turn.recipients:
            return "503 5.5.1 name recipients first"
        await _say(writer, "354 end with a dot on a line of its own")
        data = await _read_message(reader)
        sender, recipients = turn.sender or "", turn.recipients
        turn.reset()
        if data is None:
            return "552 5.3.4 too large"
        self._keep(sender, recipients, data)
        return f"250 2.0.0 kept as {len(self.state['inbox'])}"

    def _keep(self, sender: str, recipients: list[str], data: bytes) -> None:
        message = message_from_bytes(data, policy=policy.default)
        mail = {
            "at": self.clock.now_ms(),
            "from": sender,
            "to": recipients,
            "subject": str(message["Subject"] or ""),
            "message_id": str(message["Message-ID"] or ""),
            "headers": {name: str(value) for name, value in message.items()},
            "text": _body(message, "plain"),
            "html": _body(message, "html"),
            "attachments": [
                {
                    "name": part.get_filename(),
                    "type": part.get_content_type(),
                    "size": len(part.get_payload(decode=True) or b""),
                }
                for part in message.iter_attachments()
            ],
        }
        self.state["inbox"].append(mail)
        del self.state["inbox"][:-INBOX_KEPT]
        shown = {name: mail[name] for name in ("from", "to", "subject", "text", "attachments")}
        summary = f"Mail to {', '.join(recipients)}: {mail['subject']}"
        self.record("MAIL", "", summary, 250, sdk.encode(shown))


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else part.get_content()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from None


async def _ask(reader: StreamReader, writer: StreamWriter, question: str) -> str:
    await _say(writer, f"334 {base64.b64encode(question.encode()).decode()}")
    answer = await _read_line(reader)
    if answer is None:
        raise IncompleteReadError(b"", None)
    return answer


async def _say(writer: StreamWriter, text: str) -> None:
    writer.write(text.encode() + b"\r\n")
    await writer.drain()


async def _read_line(reader: StreamReader) -> str | None:
    """Return the next command, or None when the client has gone."""
    try:
        line = await reader.readuntil(b"\r\n")
    except (IncompleteReadError, LimitOverrunError):
        return None
    return line[:-2].decode("utf-8", "replace")


async def _read_message(reader: StreamReader) -> bytes | None:
    """Read up to the lonely dot; None for a message that turned out too large."""
    lines: list[bytes] = []
    size = 0
    while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
        line = line[1:] if line.startswith(b".") else line
        size += len(line)
        if size <= SIZE:
            lines.append(line)
    return b"".join(lines) if size <= SIZE else None
