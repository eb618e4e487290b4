"""The operator's settings: what cannot be meant is refused at the start, in a sentence."""

from __future__ import annotations

import pytest
from tramo.app.setting import load_settings
from tramo.model.problem import TramoError

PLACES = {"TRAMO_DATA": "data", "TRAMO_KEY_FILE": "key.toml"}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("TRAMO_PORT", "web", "port number"),
        ("TRAMO_SLOTS", "many", "a number up to"),
        ("TRAMO_GRACE_S", "1.5", "whole number of seconds"),
        ("TRAMO_DELIVERY_MB", "11", "from 1 to 10"),
        ("TRAMO_DELIVERY_MB", "0", "from 1 to 10"),
        ("TRAMO_PUBLIC_URL", "flows.example.com", "https://flows.example.com"),
        ("TRAMO_PUBLIC_URL", "ftp://flows.example.com", "https://flows.example.com"),
        ("TRAMO_PUBLIC_URL", "https://flows.example.com/tramo", "nothing after it"),
        ("TRAMO_PUBLIC_URL", "https://flows.example.com:99999", "with a port"),
        ("TRAMO_PRIVATE_HOSTS", "erp.lan, http://10.0.0.7", "without http://"),
        ("TRAMO_PRIVATE_HOSTS", "10.0.0.7:8080", "without a port"),
        ("TRAMO_PRIVATE_HOSTS", "10.0.0.0/99", "“10.0.0.0/99”"),
        ("TRAMO_PRIVATE_HOSTS", "10.0.0.300", "“10.0.0.300”"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_with_its_cure(name, text, says) -> None:
    with pytest.raises(TramoError) as refused:
        load_settings({**PLACES, name: text})
    assert name in refused.value.message
    assert says in refused.value.message


def test_settings_are_read_as_they_are_meant() -> None:
    settings = load_settings(
        {
            **PLACES,
            "TRAMO_PUBLIC_URL": "https://flows.example.com:8443/",
            "TRAMO_PRIVATE_HOSTS": "erp.lan,10.0.0.0/8,[fd00::1],my_shop",
            "TRAMO_DELIVERY_MB": "10",
        }
    )
    assert settings.url == "https://flows.example.com:8443"
    assert settings.private_hosts == ("erp.lan", "10.0.0.0/8", "[fd00::1]", "my_shop")
    assert settings.delivery_mb == 10
