"""What nodes need around them: a run's variables, or a web service behind the real client."""

from __future__ import annotations

from typing import Any

from tramo.expression import compile_value
from tramo.nodes import connector
from tramo.nodes.http_request import HttpAnswer, HttpRequest, WebAccount, send
from tramo.outbound.client import Account
from tramo.outbound.context import CallContext
from tramo.outbound.host import reach_of
from tramo.outbound.pause import Pause
from tramo.outbound.redact import Redactor
from tramo.ports.http import Request, Response


class StandingClock:
    def now_ms(self) -> int:
        return 1_795_000_000_000

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None: ...


class Service:
    """Answers requests in turn and remembers them."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers.pop(0)

    async def dial(self, host: str, port: int) -> Any:
        raise AssertionError("nothing here opens a socket")

    def context(self, account: WebAccount | None = None, key: str = "") -> CallContext:
        definition = connector.tramo_connector()
        clock = StandingClock()
        return CallContext(
            Account(
                id="core",
                definition=definition,
                credential=account,
                reach=reach_of(definition, {}),
                redactor=Redactor([account.secret] if account else []),
            ),
            connection_id="",
            http=self,
            dial=self.dial,
            clock=clock,
            pause=Pause(clock),
            user_agent="Tramo/test",
            key=key,
            attempt=1,
            language="en",
            timezone="UTC",
            now="2026-11-21T00:00:00Z",
        )


async def call(
    service: Service, params: HttpRequest, account: WebAccount | None = None, key: str = "0" * 32
) -> HttpAnswer:
    """Carry the action out once."""
    return await send(service.context(account, key), params)


class Compiler:
    """Compiles params as a version in Madrid does."""

    timezone = "Europe/Madrid"

    def __call__(self, template: Any, /) -> Any:
        return compile_value(template, timezone=self.timezone)


NOW = "2026-11-22T09:30:00.000Z"
RUN = {"id": "run_1", "origin": "run_1", "keys": {"order": "1001"}}


def settle(node: str, params: dict[str, Any], **env: Any) -> Any:
    """Build an inline node as a version does, and settle it once."""
    build = connector.tramo_connector().actions[f"{node}@1"].manifest.build
    assert build is not None
    return build(params, Compiler())({"now": NOW, "run": RUN, **env})
