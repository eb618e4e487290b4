"""Every refusal as problem+json in the reader's language, and nothing of ours in it."""

from __future__ import annotations

from typing import Any, Final

from tramo.model.problem import TramoError
from tramo.model.value import encode

from tramo_web.sentence import say, tell

MEDIA_TYPE: Final = "application/problem+json"


def problem_body(error: TramoError, language: str) -> bytes:
    """Return the JSON that tells a client about an error."""
    body: dict[str, Any] = {
        "code": error.code,
        "params": error.params,
        "path": error.path,
        "message": say(error.code, error.message, error.params, language),
    }
    if error.problems:
        body["problems"] = [tell(problem, language) for problem in error.problems]
    return encode(body)


def problem_headers(error: TramoError) -> dict[str, str]:
    """Return the headers that go with an error's status."""
    headers: dict[str, str] = {}
    retry_after = error.params.get("retry_after_s", 5 if error.status == 503 else None)
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if error.code == "token.refused":
        headers["www-authenticate"] = "Bearer"
    return headers


def unknown_address() -> TramoError:
    """Say that there is nothing here."""
    return TramoError("request.unknown_address", "There is nothing at this address.", status=404)


def unexpected(reference: str) -> TramoError:
    """Make the error that stands for a fault of ours."""
    return TramoError(
        "server.error",
        f"Something went wrong on our side. The log has the details under {reference}.",
        status=500,
        params={"reference": reference},
    )
