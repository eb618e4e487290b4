"""What is installed is offered; what is broken is named, with its reason, and stops nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tramo.registry import GROUP, Registry, discover
from tramo.registry.release import satisfies

GOOD = '''
from tramo import sdk

connector = sdk.Connector("{id}", title="Good", sdk="{sdk}")

@connector.action("go", title="Go", effect="pure")
async def go(ctx: sdk.Context, params: sdk.NoParams) -> None:
    """Go."""
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a module and return the entry point that names it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, source: str, attribute: str = "connector") -> EntryPoint:
        module = f"plugin_under_test_{name}"
        (tmp_path / f"{module}.py").write_text(source)
        return EntryPoint(name=name, value=f"{module}:{attribute}", group=GROUP)

    yield write
    for name in [name for name in sys.modules if name.startswith("plugin_under_test_")]:
        del sys.modules[name]


def good(id: str = "good", sdk: str = ">=1,<2") -> str:
    return GOOD.format(id=id, sdk=sdk)


def reasons(registry: Registry) -> dict[str, str]:
    return {broken.name: broken.reason for broken in registry.broken}


def test_a_connector_is_found_by_its_entry_point(plugin):
    registry = discover([plugin("good", good())])
    assert registry.broken == []
    assert list(registry.connectors) == ["good"]
    assert registry.node_type("good.go", 1) is registry.action("good.go", 1).manifest
    assert registry.node_type("good.go", 2) is None
    assert registry.trigger("good.go", 1) is None


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import a_module_that_is_not_there", ["a_module_that_is_not_there", "install"]),
        ("from tramo.sdk import NoSuchName", ["NoSuchName"]),
        ("1/0", ["ZeroDivisionError"]),
        ("raise SystemExit(3)", ["SystemExit"]),
        ("def broken(:", ["SyntaxError"]),
        ("class Odd(BaseException): pass\nraise Odd('no')", ["Odd", "no"]),
        ("connector = object()", ["not a connector", "sdk.Connector"]),
        ("other = 1", ["connector"]),
        (good("broken", sdk=">=2,<3"), [">=2,<3", "1.0", "matching release"]),
        (good("broken", sdk="any"), ["“any”", ">=1,<2"]),
        (good("Broken"), ["Broken.go", "lower-case"]),
        (
            "from tramo import sdk\n"
            "class Plugin:\n"
            "    @sdk.hookimpl\n"
            "    def tramo_connector(self): raise RuntimeError('half made')\n"
            "connector = Plugin()",
            ["RuntimeError", "half made"],
        ),
        (
            "from tramo import sdk\n"
            "class Plugin:\n"
            "    @sdk.hookimpl\n"
            "    def tramo_connector(self): return {'id': 'x'}\n"
            "connector = Plugin()",
            ["sdk.Definition"],
        ),
        (
            "from tramo import sdk\n"
            "connector = sdk.Connector('leaky', title='Leaky', auth=sdk.Bearer('token'))",
            ["credential", "base_url"],
        ),
    ],
)
def test_a_broken_plugin_is_listed_with_its_reason_and_stops_nothing(plugin, source, words):
    registry = discover([plugin("broken", source), plugin("good", good())])
    assert list(registry.connectors) == ["good"]
    assert list(reasons(registry)) == ["broken"]
    for word in words:
        assert word in reasons(registry)["broken"]
    assert "Traceback" not in reasons(registry)["broken"]


def test_a_connector_id_is_taken_once(plugin):
    registry = discover([plugin("first", good()), plugin("second", good())])
    assert registry.connectors["good"].package == "plugin_under_test_first"
    assert "already taken" in reasons(registry)["second"]


def test_choices_that_do_not_exist_are_refused(plugin):
    source = (
        "from typing import Annotated\n"
        "from tramo import sdk\n"
        "class P(sdk.Params):\n"
        "    channel: Annotated[str, sdk.Choices('channels')]\n"
        "connector = sdk.Connector('lost', title='Lost')\n"
        "@connector.action('go', title='Go')\n"
        "async def go(ctx: sdk.Context, params: P) -> None: ...\n"
    )
    registry = discover([plugin("lost", source)])
    assert "“channels”" in reasons(registry)["lost"]


def test_an_interrupt_of_the_keyboard_is_not_swallowed(plugin):
    with pytest.raises(KeyboardInterrupt):
        discover([plugin("halt", "raise KeyboardInterrupt")])


VERSIONS = '''
from tramo import sdk
connector = sdk.Connector("good", title="Good")
def rename(old):
    return {"to": old["channel"]}
for v in VERSIONS:
    @connector.action("go", title="Go", v=v, upgrade=rename if v == 3 else None)
    async def go(ctx: sdk.Context, params: sdk.NoParams) -> None:
        """Go."""
'''


def test_a_stored_version_runs_as_it_is_while_installed_and_is_upgraded_when_retired(plugin):
    both = discover([plugin("both", VERSIONS.replace("VERSIONS", "[2, 3]"))])
    assert both.newest("good.go").v == 3
    assert [manifest.v for manifest in both.node_types()] == [3]
    manifest, params = both.upgrade("good.go", 2, {"channel": "#a"})
    assert (manifest.v, params) == (2, {"channel": "#a"})

    retired = discover([plugin("retired", VERSIONS.replace("VERSIONS", "[3]"))])
    stored = {"channel": "#a"}
    manifest, params = retired.upgrade("good.go", 2, stored)
    assert (manifest.v, params) == (3, {"to": "#a"})
    assert stored == {"channel": "#a"}
    assert retired.upgrade("good.go", 1, {}) is None
    assert retired.upgrade("good.gone", 1, {}) is None
    assert retired.newest("good.gone") is None


@pytest.mark.parametrize(
    ("release", "wanted", "answer"),
    [
        ("1.0", ">=1,<2", True),
        ("1.10", ">=1.9", True),
        ("2.0", ">=1,<2", False),
        ("1.0", "==1", True),
        ("1.0", "==1.0.0", True),
        ("1.2", "!=1.2", False),
        ("1.2", " >1.1 , <=1.2 ", True),
        ("0.9", ">=1", False),
    ],
)
def test_a_release_lies_in_a_range_by_number_not_by_text(release, wanted, answer):
    assert satisfies(release, wanted) is answer


@pytest.mark.parametrize("wanted", ["", "1", "~=1.0", ">=1,", ">=1.x", "latest"])
def test_a_range_of_another_form_is_named(wanted):
    with pytest.raises(ValueError, match="not a range"):
        satisfies("1.0", wanted)


def test_looking_for_connectors_loads_nothing_heavy():
    code = (
        "import sys; from tramo.registry import discover; discover([]);"
        "heavy = {'aiohttp', 'sqlalchemy', 'litestar', 'networkx', 'cryptography', 'jinja2'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
