"""A secret is found in whatever form a message, an address or a vendor's echo carries it."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.outbound.redact import MASK, Redactor

SECRET = 'shpat_9f+/="ñ\\ 7<&x'
FORMS = {
    "plain": lambda s: s,
    "in json": lambda s: json.dumps({"token": s}),
    "in json as it is": lambda s: json.dumps({"token": s}, ensure_ascii=False),
    "in a query": lambda s: urlencode({"token": s}),
    "in a path": lambda s: quote(s, safe=""),
    "in a form": quote_plus,
    "escaped twice": lambda s: quote(quote(s, safe=""), safe=""),
    "in html": html.escape,
    "base64": lambda s: b64encode(s.encode()).decode(),
    "base64 for addresses": lambda s: urlsafe_b64encode(s.encode()).decode(),
    "basic sign-in": lambda s: b64encode(f"user:{s}".encode()).decode(),
    "basic sign-in of a longer name": lambda s: b64encode(f"users:{s}:x".encode()).decode(),
    "basic sign-in of a yet longer name": lambda s: b64encode(f"users2:{s}".encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "in an exception": lambda s: repr(ValueError(s)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [SECRET, "xoxb-1234567890-abcdef", "contraseña muy larga"])
def test_a_secret_is_masked_in_every_form(form, secret):
    seen = Redactor([secret]).text(f"before {FORMS[form](secret)} after")
    assert MASK in seen
    assert seen.startswith("before ")
    assert seen.endswith(" after")
    assert secret not in seen
    assert b64encode(secret.encode()).decode().rstrip("=")[4:-4] not in seen


def test_values_are_masked_at_any_depth_and_in_keys():
    redactor = Redactor(["topsecret"])
    seen = redactor.value({"a": ["topsecret", 1, None, {"xtopsecret": b"topsecret"}], "n": 1.5})
    assert seen == {"a": [MASK, 1, None, {f"x{MASK}": MASK}], "n": 1.5}


def test_a_secret_inside_another_leaves_no_end_behind():
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh") == MASK


def test_without_secrets_nothing_is_touched():
    for redactor in (Redactor(), Redactor(["", "abc"])):
        assert redactor.text("abc •") == "abc •"
        assert redactor.value({"a": 1}) == {"a": 1}


@given(st.text(min_size=8, max_size=60), st.sampled_from(sorted(FORMS)))
def test_no_secret_survives(secret, form):
    try:
        text = FORMS[form](secret)
    except UnicodeEncodeError:
        return
    assert text not in Redactor([secret]).text(text)
