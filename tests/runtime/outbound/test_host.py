"""A connection reaches the hosts its connector names, and a field of it can change nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.outbound.host import reach_of
from tramo.outbound.url import read_url
from tramo.sdk import BadParams, Definition


def definition(base_url: str | None, *hosts: str) -> Definition:
    return Definition(
        id="shop",
        title="Shop",
        summary="",
        version="1",
        package="shop",
        sdk=">=1",
        base_url=base_url,
        hosts=hosts,
    )


SHOP = definition("https://{shop}.myshopify.com/admin/", "cdn.shopify.com", "*.files.example")
OWN = definition("{address}/wp-json/wc/v3/")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://demo.myshopify.com/admin/x", True),
        ("https://DEMO.myshopify.com./else", True),
        ("https://cdn.shopify.com/x", True),
        ("https://a.files.example/x", True),
        ("https://a.b.files.example/x", False),
        ("https://files.example/x", False),
        ("http://demo.myshopify.com/admin/x", False),
        ("https://demo.myshopify.com:8443/", False),
        ("https://cdn.shopify.com:444/", False),
        ("https://other.myshopify.com/", False),
        ("https://myshopify.com/", False),
        ("https://demo.myshopify.com.evil.example/", False),
        ("https://evil.example/?demo.myshopify.com", False),
    ],
)
def test_only_the_connections_hosts_are_reached(url, allowed):
    assert reach_of(SHOP, {"shop": "Demo"}).allows(read_url(url)) is allowed


@pytest.mark.parametrize(
    "shop",
    [
        "evil.com/", "evil.com#", "evil.com?", "a.b", "a@b", "user:pw@evil.com/", "", None, "-a",
        "a-", "a\r\nHost: b", "a b", "{shop}", "a%2eb", "ä", "a:1", "a" * 64, "..", "127.0.0.1/",
        "a\\b",
    ],
)  # fmt: skip
def test_a_field_that_would_change_the_host_is_refused_by_name(shop):
    with pytest.raises(BadParams, match="“shop”") as refused:
        reach_of(SHOP, {"shop": shop})
    assert refused.value.details == {"field": "shop"}


@given(st.text(max_size=30))
def test_no_text_in_a_field_leads_a_secret_to_another_domain(shop):
    try:
        reach = reach_of(SHOP, {"shop": shop})
    except BadParams:
        return
    assert reach.base.host == f"{shop.lower()}.myshopify.com"
    assert reach.base.target == "/admin/"


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://shop.example", "https://shop.example/wp-json/wc/v3/"),
        ("https://shop.example/store/", "https://shop.example/store/wp-json/wc/v3/"),
        ("http://wms.local:8080", "http://wms.local:8080/wp-json/wc/v3/"),
    ],
)
def test_a_shop_on_its_owners_server_has_its_address_in_a_field(address, base):
    reach = reach_of(OWN, {"address": address})
    assert str(reach.base) == base
    assert reach.allows(read_url(base + "orders"))
    assert not reach.allows(read_url("https://other.example/"))


@pytest.mark.parametrize(
    "address",
    ["shop.example", "ftp://shop.example", "https://u:p@shop.example", "https://a?b", "https://a#b",
     "https://2130706433", "javascript:alert(1)", "https://", "//shop.example"],
)  # fmt: skip
def test_an_address_field_that_is_no_plain_address_is_refused(address):
    with pytest.raises(BadParams):
        reach_of(OWN, {"address": address})


def test_host_and_port_may_be_fields_of_their_own():
    erp = definition("https://{host}:{port}/api/{company}/")
    reach = reach_of(erp, {"host": "erp.example", "port": 8443, "company": "a/../b c"})
    assert str(reach.base) == "https://erp.example:8443/api/a%2F..%2Fb%20c/"
    for wrong in ({"port": "1@x"}, {"host": "a/b"}, {"host": "0x7f.1"}, {"company": ".."}):
        with pytest.raises(BadParams):
            reach_of(erp, {"host": "erp.example", "port": 8443, "company": "a", **wrong})


def test_a_mail_server_is_reached_at_its_field_only():
    reach = reach_of(definition(None, "{host}"), {"host": "Mail.example"})
    assert reach.allows_host("mail.example.")
    assert not reach.allows_host("other.example")


def test_a_connector_that_names_no_host_reaches_any():
    reach = reach_of(definition(None), {})
    assert reach.allows(read_url("http://anything.example:81/"))
    assert reach.allows_host("anything.example")
