"""What palette and forms are made of, in the user's language; formulas tried as they run."""

from __future__ import annotations

import sys
from base64 import b64decode
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from tramo.app.catalog import CatalogDesk
from tramo.model.value import encode
from tramo.registry import discover

SOURCE = '''
from typing import Annotated
from tramo import sdk

class Account(sdk.Credential):
    api_token: Annotated[sdk.Secret, sdk.Meta(title="Token", description="From the settings.")]

connector = sdk.Connector("bakery", title="Bakery", summary="Bread.", credential=Account,
    base_url="https://bakery.example/", category="Food")

class Topping(sdk.Params):
    name: str
    grams: Annotated[int, sdk.Meta(title="Weight")] = 5

class Loaf(sdk.Params):
    kind: Annotated[str, sdk.Meta(title="Kind", description="Which bread.")]
    title: str = ""
    toppings: list[Topping] = []
    also: Topping | None = None

class Baked(sdk.Output):
    id: Annotated[str, sdk.Meta(description="Its number.")]

@connector.action("bake", title="Bake a loaf", effect="never_repeat", ports=("out", "burnt"),
    synonyms=("bread",))
async def bake(ctx: sdk.Context[Account], params: Loaf) -> Baked:
    """Bake one loaf."""

connector.webhook_trigger("sold", title="Loaf sold", topic="SOLD", summary="Starts at each sale.")
'''

SPANISH = """
"action.bake.title.title" = "Nombre"
"category.Food" = "Comida"

[connector]
title = "Panadería"

[credential.api_token]
title = "Clave"

[action.bake]
title = "Hornear un pan"
summary = "Hornea un pan."
synonyms = "pan horno"
port.burnt = "quemado"
kind.title = "Tipo"
kind.description = "Qué pan."
toppings.grams.title = "Peso"
output.id.description = "Su número."

[trigger.sold]
title = "Pan vendido"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "bakery_under_test"
    (package / "locales").mkdir(parents=True)
    (package / "__init__.py").write_text(SOURCE)
    (package / "icon.svg").write_text("<svg/>")
    (package / "locales" / "es.toml").write_text(SPANISH)
    (package / "locales" / "ro.toml").write_text("not = [toml")
    monkeypatch.syspath_prepend(str(tmp_path))
    group = "tramo.connectors"
    yield CatalogDesk(
        discover(
            [
                EntryPoint("bakery", "bakery_under_test:connector", group),
                EntryPoint("oven", "no_such_oven:connector", group),
                EntryPoint("core", "tramo.nodes:connector", group),
            ]
        )
    )
    sys.modules.pop("bakery_under_test", None)


def named(catalog: dict, type: str) -> dict:
    return next(item for item in catalog["node_types"] if item["type"] == type)


async def test_a_type_is_found_by_its_title_in_every_language_whichever_is_spoken(desk):
    bake = named(await desk.catalog("en"), "bakery.bake")
    assert {"Hornear un pan", "horno", bake["title"]} <= set(bake["synonyms"])


async def test_texts_come_in_the_language_asked_and_in_english_where_one_is_missing(desk):
    catalog = await desk.catalog("es")
    bake = named(catalog, "bakery.bake")
    assert (bake["title"], bake["summary"]) == ("Hornear un pan", "Hornea un pan.")
    assert bake["category"] == "Comida"
    assert bake["synonyms"][:3] == ["bread", "pan", "horno"]
    assert bake["ports"] == [
        {"name": "out", "title": "out"},
        {"name": "burnt", "title": "quemado"},
    ]
    loaf = bake["params_schema"]["$defs"]["Loaf"]["properties"]
    assert (loaf["kind"]["title"], loaf["kind"]["description"]) == ("Tipo", "Qué pan.")
    assert loaf["title"]["title"] == "Nombre"
    topping = bake["params_schema"]["$defs"]["Topping"]["properties"]
    assert (topping["grams"]["title"], topping["name"]["title"]) == ("Peso", "Name")
    assert (
        bake["output_schema"]["$defs"]["Baked"]["properties"]["id"]["description"] == "Su número."
    )
    sold = named(catalog, "bakery.sold")
    assert (sold["title"], sold["summary"]) == ("Pan vendido", "Starts at each sale.")
    connector = next(item for item in catalog["connectors"] if item["id"] == "bakery")
    assert (connector["title"], connector["summary"]) == ("Panadería", "Bread.")
    account = connector["credential_schema"]["$defs"]["Account"]["properties"]["api_token"]
    assert (account["title"], account["description"]) == ("Clave", "From the settings.")
    assert account["x-tramo"] == {"secret": True, "widget": "secret"}


async def test_fields_of_data_are_called_by_words_that_all_connectors_share():
    desk = CatalogDesk(discover())
    said = []
    for language in ("en", "es", "pt", "ro"):
        known = named(await desk.catalog(language), "shopify.order_created")["output_schema"]
        order, item = (known["$defs"][name]["properties"] for name in ("Order", "LineItem"))
        said.append((order["created_at"]["title"], item["sku"]["title"]))
    assert said == [
        ("Created at", "SKU"),
        ("Fecha de creación", "SKU"),
        ("Data de criação", "SKU"),
        ("Data creării", "SKU"),
    ]


async def test_one_language_does_not_leak_into_another(desk):
    spanish = encode(await desk.catalog("es"))
    english = named(await desk.catalog("en"), "bakery.bake")
    assert english["title"] == "Bake a loaf"
    loaf = english["params_schema"]["$defs"]["Loaf"]["properties"]
    assert loaf["toppings"]["title"] == "Toppings"
    for language in ("ro", "pt", "xx", ""):  # unreadable, absent and unknown texts are English
        assert named(await desk.catalog(language), "bakery.bake") == english
    assert encode(await desk.catalog("es")) == spanish


async def test_a_node_type_says_all_that_the_editor_needs(desk):
    bake = named(await desk.catalog(), "bakery.bake")
    shown = {name: bake[name] for name in ("kind", "effect", "connection", "inline", "source", "v")}
    assert shown == {
        "kind": "action",
        "effect": "never_repeat",
        "connection": "required",
        "inline": False,
        "source": None,
        "v": 1,
    }
    assert b64decode(bake["icon"].removeprefix("data:image/svg+xml;base64,")) == b"<svg/>"
    assert named(await desk.catalog(), "bakery.sold")["source"] == "webhook"
    branch = named(await desk.catalog(), "core.branch")
    assert (branch["kind"], branch["inline"]) == ("control", True)
    assert branch["own_ports"] == "/rules/*/port"
    encode(await desk.catalog())


async def test_a_broken_connector_is_shown_with_its_reason(desk):
    oven = next(item for item in (await desk.catalog())["connectors"] if item["id"] == "oven")
    assert not oven["available"]
    assert "no_such_oven" in oven["reason"]


async def test_the_filters_are_listed_with_examples_that_hold(desk):
    filters = (await desk.catalog())["filters"]
    assert len(filters) >= 40
    for each in filters:
        assert each["summary"]
        assert each["examples"], each["name"]


async def test_a_formula_is_tried_exactly(desk):
    env = {"order": {"id": 820982911946154508, "total": Decimal("10.10")}}
    answer = await desk.evaluate({"$expr": "order.total + 0.005"}, env)
    assert encode(answer) == b'{"ok":true,"value":10.105}'
    answer = await desk.evaluate(
        {"id": {"$expr": "order.id"}, "t": {"$text": "{{ order.id }}!"}}, env
    )
    assert answer["value"] == {"id": 820982911946154508, "t": "820982911946154508!"}
    assert await desk.evaluate("as it is", {}) == {"ok": True, "value": "as it is"}


@pytest.mark.parametrize(
    ("template", "code", "place"),
    [
        ({"$expr": "order.totl"}, "expression.unknown_field", ("/$expr", 1)),
        ({"$expr": "1 +"}, "expression.ends_early", ("/$expr", 1)),
        ({"a": [{"$text": "x\n{{ order.total > 'a' }}"}]}, None, ("/a/0/$text", 2)),
        ({"$expr": "1 / 0"}, "expression.division_by_zero", ("/$expr", 1)),
    ],
)
async def test_a_formula_that_fails_says_where_and_why(desk, template, code, place):
    answer = await desk.evaluate(template, {"order": {"total": 1}})
    assert not answer["ok"]
    problem = answer["problems"][0]
    assert (problem.path, problem.line) == place
    assert code is None or problem.code == code
    assert problem.message.endswith((".", "?"))


async def test_a_node_type_whose_package_is_missing_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def code() -> dict[str, Any]:
        catalog = await CatalogDesk(discover()).catalog("es")
        return next(each for each in catalog["node_types"] if each["type"] == "core.code")

    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    missing = await code()
    assert (missing["available"], missing["title"]) == (False, "Código")
    assert missing["reason"].endswith('ejecuta pip install "tramo[code]" e inicia Tramo de nuevo.')
