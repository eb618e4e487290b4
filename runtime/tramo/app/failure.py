"""Failures of runs in the reader's language, by their code and the params they were raised with.

The product's own sentences lie in `locales/`, those of a connector in its package under `error.`,
by the code without the connector's id. English is what was raised, and needs no catalogue. What
lacks a sentence, or what a sentence needs, is told by nobody here: whoever shows it does so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tramo.app.formula import tell_evaluation
from tramo.app.text import LANGUAGES, texts
from tramo.registry import Registry

_OWN: Final = "tramo.app"
_KINDS: Final = ("kind", "wanted", "other")
WHY: Final = "why"
"""The param that tells several reasons of one code apart; with a dot it is a connector's."""
WORDS: Final = "words"
"""The param that holds what the other side wrote, as it wrote it."""
ITEM_FAILED: Final = "loop.item_failed"


def tell_failure(registry: Registry, error: Mapping[str, Any], language: str) -> str | None:
    """Return what a failure says in a language; None in English, and where no sentence fits."""
    if language == "en" or language not in LANGUAGES:
        return None
    code, params, details = error["code"], error.get("params") or {}, error.get("details")
    if code == ITEM_FAILED and isinstance(details, Mapping):
        return _item(registry, params, details, language)
    if code.startswith("expression."):
        said = tell_evaluation(code, params, language)
        field = details.get("field") if isinstance(details, Mapping) else None
        return f"{field}: {said}" if said and field else said
    shown = {**_plain(details), **params}
    package, keys = _places(registry, code, str(shown.get(WHY, "")))
    known = texts(package, language)
    key = next((key for key in keys if key in known), None)
    if key is None:
        return known.get(f"{code}.plain")
    kinds = texts(_OWN, language)
    for name in _KINDS:
        if name in shown:
            shown[name] = kinds.get(f"kind.{shown[name]}", shown[name])
    try:
        return known[key].format_map(shown)
    except (KeyError, IndexError, ValueError, AttributeError):
        return known.get(f"{key}.plain") or known.get(f"{code}.plain")


def tell_with_words(registry: Registry, error: Mapping[str, Any], language: str) -> str:
    """Return a failure as a text of its own: our sentence, and what the other side wrote."""
    said = tell_failure(registry, error, language)
    if said is None:
        return str(error.get("message", ""))
    words = (error.get("params") or {}).get(WORDS)
    return f"{said}\n\n{words}" if words else said


def tell_in_all(registry: Registry, error: Mapping[str, Any]) -> dict[str, str]:
    """Return a failure by language, in each that is not English."""
    if "code" not in error:
        return {}
    others = (language for language in LANGUAGES if language != "en")
    return {language: tell_with_words(registry, error, language) for language in others}


def _places(registry: Registry, code: str, why: str) -> tuple[str, tuple[str, ...]]:
    """Return whose catalogue says a code, and the keys under which it may stand there."""
    named = why if "." in why else code
    owner, _, rest = named.partition(".")
    definition = registry.connectors.get(owner)
    if definition is not None and owner != "core":
        return definition.package, (f"error.{rest}", "error.other")
    return _OWN, (f"{code}.{why}", code) if why else (code,)


def _item(
    registry: Registry, params: Mapping[str, Any], details: Mapping[str, Any], language: str
) -> str | None:
    """Say which item of a loop failed, counted from one, and why."""
    inner = {"code": str(details.get("code")), "params": params}
    said = tell_failure(registry, inner, language)
    if said is None:
        return None
    item = ".".join(str(int(index) + 1) for index in details.get("iteration", ()))
    return texts(_OWN, language)[ITEM_FAILED].format(item=item, said=said)


def _plain(details: Any) -> dict[str, Any]:
    if not isinstance(details, Mapping):
        return {}
    return {str(key): it for key, it in details.items() if not isinstance(it, Mapping | list)}
