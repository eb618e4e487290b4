"""All of Tramo that a connector may import.

    from tramo import sdk

`tramo.sdk` carries a version of its own (`SDK_VERSION`); a removal takes two minor releases.
"""

from msgspec import Meta

from tramo.engine.instant import rfc3339
from tramo.model.effect import Effect
from tramo.model.event import Key
from tramo.model.moment import moment_ms
from tramo.model.node_type import Compile, Env, Formula, Settle, Settled
from tramo.model.pause import Ask, Exit, Hold, Match, Pause
from tramo.model.value import decode, encode, plain
from tramo.ports.http import Response
from tramo.sdk import commerce
from tramo.sdk.auth import Auth, Basic, Bearer, Header, NoAuth
from tramo.sdk.connector import SDK_VERSION, Connector, NoParams
from tramo.sdk.context import Context, HttpClient
from tramo.sdk.definition import (
    Account,
    Action,
    Choice,
    Definition,
    DidNotHappen,
    Happened,
    Notice,
    NoticeLink,
    Page,
    Polled,
    ProbeResult,
    Trigger,
    Unknown,
)
from tramo.sdk.error import (
    ActionError,
    BadParams,
    CredentialRefused,
    Rejected,
    Transient,
    Unavailable,
)
from tramo.sdk.hookspec import TramoSpec, hookimpl
from tramo.sdk.param import (
    Choices,
    Credential,
    Duration,
    Html,
    LongText,
    Money,
    Output,
    Params,
    Personal,
    Secret,
    hint,
    json_schema,
    resolve_schema,
    secret_fields,
)
from tramo.sdk.stored import Store, Tables
from tramo.sdk.twin import LedgerEntry, Twin, TwinRequest, json_response, route
from tramo.sdk.webhook import (
    Delivery,
    HmacSignature,
    Incoming,
    QuerySecret,
    Reply,
    WebhookDoor,
)

__all__ = [
    "SDK_VERSION",
    "Account",
    "Action",
    "ActionError",
    "Ask",
    "Auth",
    "BadParams",
    "Basic",
    "Bearer",
    "Choice",
    "Choices",
    "Compile",
    "Connector",
    "Context",
    "Credential",
    "CredentialRefused",
    "Definition",
    "Delivery",
    "DidNotHappen",
    "Duration",
    "Effect",
    "Env",
    "Exit",
    "Formula",
    "Happened",
    "Header",
    "HmacSignature",
    "Hold",
    "Html",
    "HttpClient",
    "Incoming",
    "Key",
    "LedgerEntry",
    "LongText",
    "Match",
    "Meta",
    "Money",
    "NoAuth",
    "NoParams",
    "Notice",
    "NoticeLink",
    "Output",
    "Page",
    "Params",
    "Pause",
    "Personal",
    "Polled",
    "ProbeResult",
    "QuerySecret",
    "Rejected",
    "Reply",
    "Response",
    "Secret",
    "Settle",
    "Settled",
    "Store",
    "Tables",
    "TramoSpec",
    "Transient",
    "Trigger",
    "Twin",
    "TwinRequest",
    "Unavailable",
    "Unknown",
    "WebhookDoor",
    "commerce",
    "decode",
    "encode",
    "hint",
    "hookimpl",
    "json_response",
    "json_schema",
    "moment_ms",
    "plain",
    "resolve_schema",
    "rfc3339",
    "route",
    "secret_fields",
]
