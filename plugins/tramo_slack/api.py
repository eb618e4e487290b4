"""How Slack is called and how it refuses: one call, one table of error words.

Slack answers 200 even when it says no, so the word in `error` decides what kind of failure it is.
Requests travel as forms, the one encoding in which every method documents every argument.

Source of the words: the method pages under docs.slack.dev/reference/methods.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final

from tramo import sdk


class SlackBot(sdk.Credential):
    """The two secrets of a Slack app that is installed in a workspace."""

    bot_token: Annotated[
        sdk.Secret,
        sdk.Meta(
            title="Bot token",
            description="From “OAuth & Permissions” of your Slack app. It begins with xoxb-.",
            pattern="^xoxb-",
        ),
    ]
    signing_secret: Annotated[
        sdk.Secret,
        sdk.Meta(
            title="Signing secret",
            description="From “Basic Information” of your Slack app. It proves that an event "
            "comes from Slack.",
        ),
    ]


REFUSED_CREDENTIAL: Final = frozenset(
    [
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
    ]
)
"""The token does not work, whatever is asked with it."""

NOT_DONE: Final = frozenset(
    ["ratelimited", "rate_limited", "request_timeout", "team_added_to_org", "accesslimited"]
)
"""It may work later, and Slack did nothing: too many calls, or a body that was cut off."""

IN_DOUBT: Final = frozenset(["internal_error", "fatal_error", "service_unavailable"])
"""Slack's pages warn that some of the call may have happened before these."""

CURE: Final[Mapping[str, str]] = {
    "channel_not_found": "Slack knows no such channel, or the app may not see it. Check the name, "
    "and invite the app to the channel if it is private.",
    "not_in_channel": "The app is not in this channel: invite the app to the channel, by typing "
    "/invite and its name there.",
    "is_archived": "This channel is archived. Choose another, or bring it back in Slack.",
    "restricted_action": "A rule of the workspace keeps the app from posting here. "
    "Ask an administrator of the workspace.",
    "msg_too_long": "The text is too long for Slack. Shorten it.",
    "no_text": "The message is empty. Give it a text.",
    "invalid_blocks": "Slack does not accept these blocks. Try them in Slack's Block Kit Builder.",
    "invalid_blocks_format": "The blocks are not a list of Block Kit blocks.",
    "message_not_found": "Slack finds no such message. Take channel and message from the output of "
    "the node that posted it.",
    "cant_update_message": "Only messages that this app posted can be changed.",
    "edit_window_closed": "The workspace does not let messages be changed after this long.",
    "thread_not_found": "Slack finds no such thread in this channel.",
    "invalid_thread_ts": "This is not a thread's id. Take it from the output of the node that "
    "posted the first message.",
    "users_not_found": "Nobody in the workspace has this e-mail address.",
    "not_allowed_token_type": "This is not a bot token. Use the one that begins with xoxb-.",
}


def say_no(answer: Mapping[str, Any], retry_after_s: float | None = None) -> sdk.ActionError:
    """Return the error that an `ok: false` answer stands for."""
    word = str(answer.get("error") or "unknown_error")
    code = f"slack.{word}"
    details = {"error": word}
    if word in REFUSED_CREDENTIAL:
        return sdk.CredentialRefused(
            f"Slack does not accept the bot token ({word}). Put a new one into the connection.",
            code=code,
            details=details,
            params={"why": "slack.token"},
        )
    if word in NOT_DONE:
        return sdk.Transient(
            f"Slack asks to wait ({word}).",
            code=code,
            details=details,
            params={"why": "slack.wait"},
            retry_after_s=retry_after_s,
            settled=True,
        )
    if word in IN_DOUBT:
        return sdk.Transient(
            f"Slack failed, and does not say whether it did what was asked ({word}).",
            code=code,
            details=details,
            params={"why": "slack.in_doubt"},
        )
    if word == "missing_scope":
        needed = str(answer.get("needed") or "another scope")
        return sdk.Rejected(
            f"The Slack app lacks the permission {needed}. Add it under “OAuth & Permissions” and "
            "install the app again.",
            code=code,
            details={**details, "needed": needed},
        )
    return sdk.Rejected(CURE.get(word, f"Slack refused: {word}."), code=code, details=details)


async def call(
    ctx: sdk.Context[SlackBot],
    method: str,
    *,
    form: Mapping[str, str] | None = None,
    query: Mapping[str, str | int] | None = None,
) -> dict[str, Any]:
    """Call a method: with a form as a write, otherwise as a read.

    Raises what a refusal stands for.
    """
    if form is None:
        response = await ctx.http.get(method, query=query)
    else:
        response = await ctx.http.post(method, form=form)
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or "ok" not in answer:
        raise sdk.Transient("Slack's answer could not be read.", code="slack.unreadable")
    if not answer["ok"]:
        raise say_no(answer)
    return answer


async def pages(
    ctx: sdk.Context[SlackBot], method: str, query: Mapping[str, str | int], limit: int
) -> AsyncIterator[dict[str, Any]]:
    """Read a list page by page, at most `limit` pages."""
    cursor = ""
    for _ in range(limit):
        page = await call(ctx, method, query={**query, **({"cursor": cursor} if cursor else {})})
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def error_message(body: Any) -> str | None:
    """Find Slack's error word in the body of an HTTP error."""
    word = body.get("error") if isinstance(body, dict) else None
    return f"Slack refused: {word}." if isinstance(word, str) else None
