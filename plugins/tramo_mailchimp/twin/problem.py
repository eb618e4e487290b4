"""A refusal in Mailchimp's own form: a problem document with a title that says what kind it is."""

from __future__ import annotations

from typing import Any, Final

from tramo import sdk

TYPE: Final = "https://mailchimp.com/developer/marketing/docs/errors/"
INVALID: Final = (
    "The resource submitted could not be validated. For field-specific details, see the 'errors' "
    "array."
)


class Problem(Exception):
    """A problem document in the making."""

    def __init__(
        self, status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors

    def answer(self) -> sdk.Response:
        """Return it as the vendor sends it."""
        document: dict[str, Any] = {
            "type": TYPE,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": "00000000-0000-4000-8000-000000000000",
        }
        if self.errors is not None:
            document["errors"] = self.errors
        kind = {"content-type": "application/problem+json; charset=utf-8"}
        return sdk.json_response(document, self.status, kind)


def missing() -> Problem:
    """Return what Mailchimp says of anything that is not there."""
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def invalid(field: str, message: str) -> Problem:
    """Return what Mailchimp says of a field that it cannot take."""
    return Problem(400, "Invalid Resource", INVALID, [{"field": field, "message": message}])
