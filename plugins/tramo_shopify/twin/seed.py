"""The demo shop on its first day: what it sells, where it lies, who buys. Data, no behaviour."""

from __future__ import annotations

from typing import Final, NamedTuple


class Person(NamedTuple):
    """Somebody who may buy; without an address, somebody who has only signed up."""

    first: str
    last: str
    language: str
    country: str
    city: str | None = None
    province: str | None = None
    postcode: str | None = None
    street: str | None = None
    phone: str | None = None
    tags: str = ""


SHOP: Final = {"name": "Casa Lumina", "currency": "EUR", "country": "ES"}

LOCATIONS: Final = (
    ("Almacén Madrid", "ES", "Madrid"),
    ("Depozit Cluj", "RO", "Cluj-Napoca"),
    ("Loja Lisboa", "PT", "Lisboa"),
)

PRODUCTS: Final = (
    # title, vendor, kind, variants of (title, sku, price in EUR, stock)
    (
        "Oak table lamp",
        "Lumina",
        "Lighting",
        (("Small", "LAMP-OAK-S", "79.90", 40), ("Medium", "LAMP-OAK-M", "119.90", 24)),
    ),
    ("Linen cushion", "Casa", "Textiles", (("Sand", "CUSH-SAND", "24.50", 120),)),
    ("Hand-thrown mug", "Barro", "Kitchen", (("Blue", "MUG-BLUE", "10.10", 300),)),
    ("Wool throw", "Casa", "Textiles", (("Grey", "THROW-GREY", "64.00", 35),)),
    ("Walnut desk", "Nogal", "Furniture", (("140 cm", "DESK-140", "389.00", 6),)),
    ("Scented candle", "Lumina", "Home", (("Fig", "CANDLE-FIG", "18.75", 200),)),
    ("Ceramic vase", "Barro", "Home", (("Tall", "VASE-TALL", "42.30", 60),)),
)

CUSTOMERS: Final = (
    Person(
        "Lucía",
        "Fernández",
        "es",
        "ES",
        "Madrid",
        "Madrid",
        "28014",
        "Calle de Alcalá 21",
        "+34600112233",
        tags="vip",
    ),
    Person(
        "João",
        "Pereira",
        "pt-BR",
        "BR",
        "São Paulo",
        "São Paulo",
        "01310-100",
        "Avenida Paulista 900",
        "+5511987654321",
    ),
    Person(
        "Andrei",
        "Popescu",
        "ro",
        "RO",
        "Cluj-Napoca",
        "Cluj",
        "400001",
        "Strada Memorandumului 8",
        "+40721234567",
        tags="b2b",
    ),
    Person(
        "Emma",
        "Clarke",
        "en",
        "GB",
        "Leeds",
        "West Yorkshire",
        "LS1 4AP",
        "12 Park Row",
        "+447700900123",
    ),
    Person(
        "Ana",
        "Sousa",
        "pt-PT",
        "PT",
        "Lisboa",
        "Lisboa",
        "1200-192",
        "Rua do Alecrim 45",
        "+351912345678",
        tags="newsletter",
    ),
    Person(
        "Ioana",
        "Ionescu",
        "ro",
        "RO",
        "București",
        "București",
        "010071",
        "Calea Victoriei 101",
        "+40744556677",
        tags="vip, newsletter",
    ),
    Person(
        "Mateo",
        "Ruiz",
        "es",
        "ES",
        "Sevilla",
        "Sevilla",
        "41001",
        "Calle Sierpes 30",
        "+34611223344",
    ),
    Person(
        "Beatriz",
        "Oliveira",
        "pt-BR",
        "BR",
        "Curitiba",
        "Paraná",
        "80020-320",
        "Rua XV de Novembro 300",
        "+5541991234567",
        tags="b2b",
    ),
)

NEWCOMERS: Final = (
    Person("Elena", "Munteanu", "ro", "RO"),
    Person("Diego", "Santos", "es", "ES"),
    Person("Marina", "Costa", "pt-BR", "BR"),
    Person("Oliver", "Hughes", "en", "GB"),
)

CURRENCIES: Final = {
    # country -> currency in which its customers pay, and what one EUR is in it
    "ES": ("EUR", "1"),
    "PT": ("EUR", "1"),
    "RO": ("RON", "5.05"),
    "BR": ("BRL", "6.20"),
    "GB": ("GBP", "0.87"),
}

COUNTRY_NAMES: Final = {
    "ES": "Spain",
    "PT": "Portugal",
    "RO": "Romania",
    "BR": "Brazil",
    "GB": "United Kingdom",
}

TAX_RATES: Final = {"ES": "0.21", "PT": "0.23", "RO": "0.21", "BR": "0.17", "GB": "0.20"}
SHIPPING: Final = {"ES": "4.95", "PT": "6.90", "RO": "9.90", "BR": "19.90", "GB": "12.50"}
