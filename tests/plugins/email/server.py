"""Real mail servers on loopback, honest and broken ones, with certificates of our own making."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tramo.model.connection import Connection
from tramo.outbound import CallContext, Outbound, TwinHouse
from tramo.sdk import plain
from tramo.testing import CountingIds, StandingClock, TaskSpawn
from tramo.testing.trial import KEY
from tramo_email import connector

email = connector.tramo_connector()
ACCOUNT = {
    "host": "mail.test",
    "port": 2525,
    "security": "none",
    "username": "shop",
    "password": "correct horse",
    "from_address": "shop@shop.example",
    "from_name": "Tienda Ñandú",
}


class _Here:
    """A resolver for which every name is this machine."""

    async def resolve(self, host: str) -> list[Any]:
        return [ip_address("127.0.0.1")]


class Live:
    """A live connection whose server has a name of its own and stands on this machine.

    Checks, pinning and sockets are the runtime's; `last` is the context of the last call.
    """

    def __init__(self, port: int, **account: Any) -> None:
        assert email.credential is not None
        self.credential = msgspec.convert(ACCOUNT | {"port": port} | account, email.credential)
        clock = StandingClock()
        self.outbound = Outbound(
            clock=clock,
            twins=TwinHouse(clock=clock, ids=CountingIds(), spawn=TaskSpawn()),
            private_hosts=[self.credential.host],  # type: ignore[attr-defined]
            resolver=_Here(),
        )
        self.last: CallContext = self.context()

    def context(self) -> CallContext:
        connection = Connection(id="conn_live", name="Live", connector="email")
        return self.outbound.context(
            email, connection, self.credential, key=KEY, now="2026-11-20T10:00:00Z"
        )

    async def send(self, params: Mapping[str, Any]) -> Any:
        action = email.actions["send@1"]
        assert action.run is not None
        self.last = self.context()
        return plain(await action.run(self.last, msgspec.convert(params, action.params)))


class Inbox:
    """What a real server received; refuses the people that `refuse` names."""

    def __init__(self, refuse: dict[str, str] | None = None) -> None:
        self.refuse = refuse or {}
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 kept"

    @property
    def messages(self) -> list[Any]:
        return [
            message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
            for envelope in self.envelopes
        ]


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == b"correct horse"
    return AuthResult(success=good and data.login == b"shop", handled=False)


@asynccontextmanager
async def real_server(
    inbox: Inbox, *, tls: ssl.SSLContext | None = None, implicit: bool = False, **options: Any
) -> AsyncIterator[int]:
    """Run aiosmtpd, an SMTP server that people use, and yield its port."""

    def answer() -> SMTP:
        return SMTP(
            inbox,
            hostname="mail.test",
            authenticator=_authenticate,
            auth_require_tls=bool(tls) and not implicit,
            tls_context=None if implicit else tls,
            loop=asyncio.get_running_loop(),
            **options,
        )

    server = await asyncio.get_running_loop().create_server(
        answer, "127.0.0.1", 0, ssl=tls if implicit else None
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def broken_server(
    after: str, then: Callable[[asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[int]:
    """Run a server that is fine until the client has said `after`, and then misbehaves."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        answers = {"EHLO": b"250 mail.test\r\n", "DATA": b"354 go on\r\n"}
        try:
            while line := await reader.readline():
                word = line.decode().split()[0].upper()
                if word == after:
                    await then(writer)
                    return
                writer.write(answers.get(word, b"250 fine\r\n"))
                if word == "DATA":
                    await reader.readuntil(b"\r\n.\r\n")
                    if after == "the message":
                        await then(writer)
                        return
                    writer.write(b"250 kept\r\n")
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Authority:
    """A certificate authority of our own, and server contexts with certificates from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tramo test authority")])
        self.certificate = self._sign(self.name, self.key.public_key(), None)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return a server's context with a certificate for `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._sign(name, key.public_key(), host)
        path = self.folder / f"{host}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context

    def _sign(self, name: x509.Name, key: Any, host: str | None) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime(2020, 1, 1))
            .not_valid_after(datetime.datetime(2099, 1, 1))
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=host is not None,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=host is None,
                crl_sign=host is None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        if host is not None:
            names = [x509.DNSName(host)]

            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())
