"""The demo shop's account on its first day: audiences, and who is in them. Data, no behaviour."""

from __future__ import annotations

from typing import Final, NamedTuple

ACCOUNT: Final = {"account_id": "8d3a3db4d97663a9074efcc16", "account_name": "Casa Lumina"}


class Person(NamedTuple):
    """Somebody in an audience, or about to join one."""

    first: str
    last: str
    email: str
    language: str
    country: str
    tags: tuple[str, ...] = ()
    status: str = "subscribed"
    spent: str = "0"


AUDIENCES: Final = (("a6b5da1054", "Casa Lumina"), ("57afe96172", "Casa Lumina B2B"))

FIELDS: Final = (
    # tag, name, type, whether a person must have it
    ("FNAME", "First name", "text", False),
    ("LNAME", "Last name", "text", False),
    ("COUNTRY", "Country", "text", False),
    ("SPENT", "Spent so far", "number", False),
)
B2B_FIELDS: Final = (*FIELDS, ("COMPANY", "Company", "text", True))

PEOPLE: Final = (
    Person(
        "Lucía", "Fernández", "lucia.fernandez@example.com", "es_ES", "ES", ("vip",), spent="420.10"
    ),
    Person("Mateo", "Ruiz", "mateo.ruiz@example.com", "es", "MX", ("newsletter",)),
    Person("João", "Pereira", "joao.pereira@example.com", "pt", "BR", spent="119.90"),
    Person("Ana", "Sousa", "ana.sousa@example.com", "pt_PT", "PT", ("newsletter",), spent="64.00"),
    Person("Andrei", "Popescu", "andrei.popescu@example.com", "ro", "RO", ("vip",), spent="389.00"),
    Person("Ioana", "Ionescu", "ioana.ionescu@example.com", "ro", "RO", ("vip", "newsletter")),
    Person("Emma", "Clarke", "emma.clarke@example.com", "en", "GB", ("newsletter",), spent="10.10"),
    Person("Oliver", "Hughes", "oliver.hughes@example.com", "en", "GB", status="unsubscribed"),
    Person("Carmen", "Vidal", "carmen.vidal@example.com", "es_ES", "ES", status="pending"),
    Person("Rui", "Matos", "rui.matos@example.com", "pt_PT", "PT", status="cleaned"),
)

NEWCOMERS: Final = (
    Person("Elena", "Marín", "elena.marin", "es_ES", "ES"),
    Person("Beatriz", "Lima", "beatriz.lima", "pt", "BR"),
    Person("Mihai", "Stan", "mihai.stan", "ro", "RO"),
    Person("Grace", "Turner", "grace.turner", "en", "GB"),
)

SUBJECT: Final = "Lámparas nuevas · Luminárias novas · Lămpi noi · New lamps"
