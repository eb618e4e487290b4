"""The committed schemas are the ones the code makes, and real documents fit them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tramo.app.catalog import CatalogDesk
from tramo.graph.schema import NAMES, main, schema, spell, write
from tramo.model.run import RunDocument, Step, StepError
from tramo.model.value import encode
from tramo.registry import discover

FOLDER = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_fresh(name: str) -> None:
    committed = (FOLDER / f"{name}.schema.json").read_text("utf-8")
    assert committed == spell(schema(name)), "run: python -m tramo.graph.schema --write schemas"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_valid_schema(name: str) -> None:
    assert jsonschema_rs.meta.is_valid(schema(name))


def test_no_schema_is_committed_that_nothing_makes() -> None:
    assert {path.name for path in FOLDER.glob("*.schema.json")} == {
        f"{name}.schema.json" for name in NAMES
    }


def test_writing_gives_the_committed_files(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


def test_the_command_prints_one_and_refuses_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flow"]) == 0
    assert json.loads(capsys.readouterr().out) == schema("flow")
    assert main(["nothing"]) == 2


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_fits_the_schema_of_flows(path: Path) -> None:
    validator = jsonschema_rs.validator_for(schema("flow"))
    validator.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (("nodes", 0, "id"), "loop"),
        (("nodes", 0, "colour"), "red"),
        (("nodes", 1, "params"), {"a": {"$expr": 5}}),
        (("nodes", 1, "params"), {"a": [{"$text": "x", "other": 1}]}),
        (("format",), 2),
    ],
)
def test_the_schema_of_flows_refuses_what_check_refuses(pointer: Any, value: Any) -> None:
    document = json.loads((FOLDER / "examples" / "hello.json").read_text("utf-8"))
    at = document
    for step in pointer[:-1]:
        at = at[step]
    at[pointer[-1]] = value
    assert not jsonschema_rs.validator_for(schema("flow")).is_valid(document)


def test_a_run_document_fits_its_schema() -> None:
    failed = Step(node="b", iteration=(3, 0), state="failed", error=StepError("x.y", "No."))
    done = Step(node="a", state="succeeded", attempts=1, effect="pure", port="out", output=None)
    run = RunDocument(
        id="run_1", flow="flow_1", version="0" * 64, state="failed", steps=[done, failed]
    )
    jsonschema_rs.validator_for(schema("run")).validate(json.loads(encode(run)))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_catalogue_fits_its_schema(language: str) -> None:
    catalog = await CatalogDesk(discover()).catalog(language)
    validator = jsonschema_rs.validator_for(schema("catalog"))
    validator.validate(json.loads(encode(catalog)))
