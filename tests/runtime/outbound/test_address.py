"""However an address is dressed up, only public ones and the operator's list are reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.outbound.address import AddressPolicy, is_global, literal_address
from tramo.outbound.failure import AddressRefused, BadAddress
from tramo.outbound.url import join_url, read_url
from tramo.ports.http import NotSent

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.0.9", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "2002:808:808::1", "2001::1", "2001:db8::1", "2001:10::1", "3fff::1", "100::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fe80::1%1", "fec0::1", "ff02::1", "4000::1",
    "5f00::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_public_is_refused(text):
    assert not is_global(ip_address(text))
    with pytest.raises(AddressRefused, match="TRAMO_PRIVATE_HOSTS"):
        AddressPolicy().check("shop.example", [ip_address("1.1.1.1"), ip_address(text)])


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_reached(text):
    AddressPolicy().check("shop.example", [ip_address(text)])


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0X7F000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1",
        "127.1", "127.0.1", "127.0.0.1.", "127.0.0.01", "127.0.0.256", "127.0.0.0x1",
        "1.2.3.4.5", "0", "0x", "evil.example.1", "8.8.8.8.", "134744072", "999.1.1.1",
    ],
)  # fmt: skip
def test_an_address_in_disguise_is_refused_before_anybody_is_asked(host):
    with pytest.raises(AddressRefused):
        literal_address(host)
    with pytest.raises(AddressRefused):
        read_url(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://a.example/", "ftp://a.example/", "//a.example/",
        "a.example/x", "http:///x", "http://", "http://user@a.example/",
        "http://user:pw@a.example/", "http://a b/", "http://a.example/\r\nHost: b",
        "http://a.example\\@b.example/", "http://a.example:99999/", "http://a.example:x/",
        "http://a.example:0/", "http://[::1", "http://[::1%25lo]/", "http://a%00b/",
        "http://a%2eb/", "http://[fe80::1%eth0]/", "http://.example/", "http://a..b/",
        "javascript:1", "unix:///run/docker.sock", "http://\u0000/", "http://-a.example/",
        "http://[v1.x]/",
    ],
)  # fmt: skip
def test_an_address_with_something_hidden_in_it_is_refused(url):
    with pytest.raises(NotSent):
        read_url(url)


def test_full_width_digits_and_dots_are_seen_for_what_they_are():
    assert literal_address(read_url("http://１２７。０。０。１/").host) == IPv4Address("127.0.0.1")
    with pytest.raises(AddressRefused):
        read_url("http://②①③０７０６４３３/")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("HTTPS://Shop.Example/A?b=c d".replace(" ", "%20"), "https://shop.example/A?b=c%20d"),
        ("https://shop.example", "https://shop.example/"),
        ("https://shop.example:443/x#part", "https://shop.example/x"),
        ("http://shop.example:8080/ñ?q=é", "http://shop.example:8080/%C3%B1?q=%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[2606:4700::1111]:8443/", "https://[2606:4700::1111]:8443/"),
        ("https://shop.example/a%2Fb?x=%2B", "https://shop.example/a%2Fb?x=%2B"),
    ],
)
def test_an_ordinary_address_keeps_its_meaning(url, shown):
    assert str(read_url(url)) == shown


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/next", "https://shop.example/next"),
        ("more?page=2", "https://shop.example/a/more?page=2"),
        ("//other.example/x", "https://other.example/x"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
    ],
)
def test_a_redirect_is_read_from_where_it_stands(location, leads_to):
    assert str(join_url(read_url("https://shop.example/a/b"), location)) == leads_to


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://a b/", "http://[", "data:,x"])
def test_a_redirect_to_nonsense_is_refused(location):
    with pytest.raises(BadAddress):
        join_url(read_url("https://shop.example/a"), location)


@pytest.mark.parametrize(
    ("entry", "host", "address", "allowed"),
    [
        ("wms.local", "wms.local", "10.0.0.5", True),
        ("WMS.local.", "wms.local", "10.0.0.5", True),
        ("wms.local", "evil.example", "10.0.0.5", False),
        ("wms.local", "sub.wms.local", "10.0.0.5", False),
        ("10.0.0.0/24", "erp.example", "10.0.0.5", True),
        ("10.0.0.0/24", "erp.example", "::ffff:10.0.0.5", True),
        ("10.0.0.0/24", "erp.example", "10.0.1.5", False),
        ("127.0.0.1", "localhost", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.2", False),
        ("[::1]", "::1", "::1", True),
        ("fd00::/8", "erp.example", "fd00::7", True),
        ("localhost", "localhost", "127.0.0.1", True),
    ],
)
def test_the_operators_list_opens_exactly_what_it_names(entry, host, address, allowed):
    assert AddressPolicy([entry]).allows(host, ip_address(address)) is allowed


def test_the_name_localhost_is_never_public():
    assert not AddressPolicy().allows("localhost.", ip_address("8.8.8.8"))
    assert not AddressPolicy().allows("a.localhost", ip_address("8.8.8.8"))


NOT_PUBLIC = [IPv4Network(text) for text in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16")]


@given(st.sampled_from(NOT_PUBLIC), st.integers(0, 2**32 - 1))
def test_every_ipv6_dress_of_a_private_address_is_refused(network, offset):
    address = network[offset % network.num_addresses]
    number = int(address)
    for dress in (
        number,
        0xFFFF << 32 | number,
        0x64FF9B << 96 | number,
        0x2002 << 112 | number << 80,
    ):
        assert not is_global(IPv6Address(dress))
    for spelling in (str(number), hex(number), f"0{number:o}"):
        with pytest.raises(AddressRefused):
            literal_address(spelling)


@given(st.text(min_size=1, max_size=40))
def test_any_text_is_an_address_or_is_refused(text):
    try:
        url = read_url(f"http://{text}")
    except NotSent:
        return
    assert read_url(str(url)) == url
