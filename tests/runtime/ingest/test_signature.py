"""A secret in a delivery's address: what it lets in and what it keeps out."""

from __future__ import annotations

import pytest
from tramo.ingest.signature import is_genuine
from tramo.sdk import Delivery, QuerySecret

RECIPE = QuerySecret(secret="webhook_secret", name="secret")


def delivered(**query: str) -> Delivery:
    return Delivery(
        headers={"secret": "s3cret", "x-secret": "s3cret"}, body=b"secret=s3cret", query=query
    )


def test_a_delivery_that_knows_the_secret_is_genuine_whenever_it_comes() -> None:
    assert is_genuine(RECIPE, "s3cret", delivered(secret="s3cret"), 0)
    assert is_genuine(RECIPE, "s3cret", delivered(secret="s3cret", more="1"), 9_999_999_999_999)
    assert is_genuine(RECIPE, "sécret", delivered(secret="sécret"), 0)


@pytest.mark.parametrize(
    "query", [{}, {"secret": ""}, {"secret": "S3CRET"}, {"Secret": "s3cret"}, {"secret": "s3cret "}]
)
def test_a_secret_anywhere_but_in_its_parameter_lets_nothing_in(query: dict[str, str]) -> None:
    assert not is_genuine(RECIPE, "s3cret", delivered(**query), 0)


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_nothing_is_genuine(secret: str | None) -> None:
    assert not is_genuine(RECIPE, secret, delivered(secret=""), 0)
    assert not is_genuine(RECIPE, secret, delivered(), 0)
