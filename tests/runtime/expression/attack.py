"""The attacks that broke other expression engines, run by test_attack in a process of its own.

Every line of output is one attack's outcome: the code it was refused with or `value`, its time and
the most memory it had in use. Data comes with the size a flow may really meet.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import tracemalloc
from decimal import Decimal
from typing import Any

from tramo.expression import ExpressionError, compile_expression, compile_text

MEGABYTE = "x" * 1_000_000
LONG = list(range(100_000))
SHORT = list(range(1_000))
DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]

DATA = {
    "order": {"id": 820982911946154508, "total": Decimal("10.10"), "name": "#1001"},
    "text": "x" * 10_000,
    "word": "ab" * 50,
    "megabyte": MEGABYTE,
    "emoji": "😀" * 300_000,
    "ligatures": "ŉ" * 900_000,
    "commas": "," * 1_000_000,
    "quotes": '"' * 900_000,
    "controls": "\x01" * 900_000,
    "brackets": "[" * 100_000,
    "long": LONG,
    "short": SHORT,
    "texts": ["y" * 10_000] * 1_000,
    "records": [{"a": n, "b": str(n)} for n in range(50_000)],
    "wide": {f"k{n}": n for n in range(100_000)},
    "deep": DEEP,
    "huge": 10**39,
    "digits": "9" * 100_000,
    "zero": Decimal("0E+999999999"),
}

LOOPS = "".join(f"{{% for v{n} in short %}}" for n in range(6))
ENDS = "{% endfor %}" * 6

EXPRESSIONS: dict[str, str] = {
    # What could reach Python
    "class": "order.__class__",
    "class by key": 'order["__class__"]',
    "class of a text": '""["__class__"]',
    "mro": "().__class__.__mro__",
    "subclasses": "''.__class__.__base__.__subclasses__()",
    "globals": "lipsum.__globals__",
    "attr filter": 'order | attr("__class__")',
    "map to a dunder": '[order] | map("__class__")',
    "method": "order.items()",
    "method of a text": '"x".upper()',
    "format method": '"{0.__class__}".format(order)',
    "format filter": '"%1000000000d" | format(1)',
    "percent format": '"%1000000000d" % 1',
    "self": "self",
    "cycler": "cycler('a')",
    "namespace": "namespace(a=1)",
    "lipsum": "lipsum(1000000)",
    "range": "range(10**9)",
    "dict": "dict(a=1)",
    "joiner": "joiner(',')",
    "fullwidth dunder": "order.\uff3f\uff3fclass\uff3f\uff3f",
    "homoglyph name": "\u043erder.id",
    "ligature name": "\ufb01le",
    "zero width": "or\u200bder",
    "lambda": "lambda: 1",
    "walrus": "(x := 1)",
    "star": "[*long]",
    "call with stars": "'x' | replace(*long)",
    "nul": "\x00",
    # What grows
    "repeat a text": "'x' * 10000000000",
    "repeat a list": "[0] * 10000000000",
    "power": "10 ** 10 ** 10",
    "large product": "*".join(["huge"] * 200),
    "large literal": "9" * 9_000,
    "large exponent": "1e999999999",
    "pad": "'x' | pad(10000000000)",
    "pad in turns": "'x' | pad(900000) | pad(900000) ~ ('x' | pad(900000)) ~ ('x' | pad(900000))",
    "replace": "megabyte | replace('x', megabyte)",
    "replace empty": "megabyte | replace('', 'yyyyyyyyyy')",
    "replace in turns": "text" + " | replace('x', 'xx')" * 60,
    "join": "texts | join(megabyte)",
    "join large items": "texts | join",
    "concatenate": " ~ ".join(["megabyte"] * 500),
    "concatenate small ones": " ~ ".join(["text"] * 900),
    "list of texts": "[" + ", ".join(["(megabyte | upper)"] * 300) + "]",
    "list of pads": "[" + ", ".join(["('x'|pad(999999))"] * 300) + "]",
    "json of one text often": "[" + ", ".join(["megabyte"] * 900) + "] | json",
    "json of escapes": "controls | json",
    "json in turns": "quotes" + " | json" * 60,
    "json of a wide object": "wide | json | json | json | json",
    "json of depth": "deep | json",
    "text of depth": "deep ~ ''",
    "equal depth": "deep == [deep]",
    "equal depth to itself": "deep == deep",
    "split": "commas | split(',')",
    "split into spaces": "emoji | split",
    "split often": "[" + ", ".join(["(text | split('x'))"] * 400) + "]",
    "upper of ligatures": "ligatures | upper | upper",
    "escape": "quotes | escape | escape",
    "url encode": "emoji | url_encode",
    "entries": "wide | entries",
    "chunk": "long | chunk(1)",
    "chunks of chunks": "long" + " | chunk(1)" * 60,
    "lists added": " + ".join(["long"] * 900),
    "slices": "[" + ", ".join(["long[:]"] * 900) + "]",
    "slice of texts": "[" + ", ".join(["megabyte[1:]"] * 600) + "]",
    "from_json": "('[' ~ megabyte ~ ']') | from_json",
    "from_json brackets": "brackets | from_json",
    "from_json digits": "digits | from_json",
    "number of digits": "digits | number",
    "zero with an exponent": "zero ~ (zero | json) ~ (zero + 1) ~ (zero | round) ~ (zero == 0)",
    "date pattern": "'2026-11-21' | date('" + "y" * 5_000 + "')",
    "date far away": "'2026-11-21' | add_days(99999999999999999999)",
    "date at the edge": "'9999-12-31T23:59:59Z' | in_zone('Pacific/Kiritimati')",
    "zone path": "'2026-11-21T00:00:00Z' | in_zone('../../../etc/passwd')",
    "merge": "wide" + " | merge(wide)" * 60,
    # What takes long
    "sort": "long | reverse | sort | sort | sort | sort | sort",
    "sort records": "records" + " | sort('b')" * 60,
    "unique": "records" + " | unique('b')" * 60,
    "in a long list": " or ".join(["(0 - 1) in long"] * 500),
    "in a long text": " or ".join(["'xxxxxxxxxxxxxxxxxxxxxxxxy' in megabyte"] * 200),
    "equal lists": " and ".join(["long == long"] * 500),
    "like": "megabyte | like('*x*x*x*x*x*x*x*x*y')",
    "like of stars": "megabyte | like('" + "*x" * 2_000 + "y')",
    "strip_html": "(megabyte | replace('x', '<')) | strip_html",
    "squeeze": "(megabyte | replace('x', ' ')) | squeeze" + " | squeeze" * 50,
    "slug": "emoji | slug | slug",
    "hash": "[" + ", ".join(["(megabyte | hash)"] * 400) + "]",
    "sum": " + ".join(["(long | sum)"] * 300),
    "find": "records | find('b', 'nothing')" + " | default(records | find('b', 'nothing'))" * 60,
    # What is deep
    "sum of 100,000": "+".join(["1"] * 100_000),
    "sum of 4,999": "+".join(["1"] * 4_999),
    "or of 1,400": " or ".join(["false"] * 1_400),
    "not 100,000": "not " * 100_000 + "true",
    "not 2,000": "not " * 2_000 + "true",
    "minus 9,000": "-" * 9_000 + "1",
    "brackets 4,000": "(" * 4_000 + "1" + ")" * 4_000,
    "brackets 30": "(" * 30 + "1" + ")" * 30,
    "lists 4,000": "[" * 4_000 + "]" * 4_000,
    "choices": "1 if true else " * 600 + "1",
    "filters": "text" + " | trim" * 1_400,
    "fields": "order" + ".a" * 4_000,
    "subscripts": "order" + "[order]" * 1_000,
    "comparisons": "1 < " * 2_000 + "1",
}

TEXTS: dict[str, str] = {
    "nested loops": LOOPS + "x" + ENDS,
    "nested empty loops": LOOPS + ENDS,
    "loop without text": "{% for a in long %}{% for b in long %}{% endfor %}{% endfor %}",
    "filtered loop": "{% for a in long if false %}{% endfor %}" * 200,
    "heavy body": "{% for a in long %}" + "{{ a }}" * 10_000 + "{% endfor %}",
    "doubling": "{% for a in short %}{{ text }}{{ text }}{% endfor %}",
    "one text often": "{{ megabyte }}" * 5_000,
    "emoji often": "{{ emoji }}" * 5_000,
    "filter in a loop": "{% for a in long %}{{ megabyte | upper }}{% endfor %}",
    "sort in a loop": "{% for a in long %}{{ (long | sort)[0] }}{% endfor %}",
    "json in a loop": "{% for a in short %}{{ records | json }}{% endfor %}",
    "in in a loop": "{% for a in long %}{{ a in long }}{% endfor %}",
    "small turns": "{% for a in long %}{{ a }}{% endfor %}",
    "nested text": "{% for a in short %}{% for b in short %}ab{% endfor %}{% endfor %}",
    "blocks inside blocks": "{% if true %}" * 5_000 + "{% endif %}" * 5_000,
    "loop over a text": "{% for a in megabyte %}{% endfor %}",
    "loop over an object": "{% for a in wide %}{% endfor %}",
    "recursive loop": "{% for a in short recursive %}{{ loop(short) }}{% endfor %}",
    "cycle": "{% for a in short %}{{ loop.cycle('a') }}{% endfor %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "call": "{% call m() %}{% endcall %}",
    "set": "{% set a = 'x' %}",
    "set block": "{% set a %}x{% endset %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "from": "{% from 'os' import system %}",
    "extends": "{% extends 'base' %}",
    "block": "{% block a %}{% endblock %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "with": "{% with a = 1 %}{% endwith %}",
    "autoescape": "{% autoescape false %}{% endautoescape %}",
    "do": "{% do order.clear() %}",
    "print": "{% print order %}",
    "raw": "{% raw %}{{ order.__class__ }}{% endraw %}",
    "raw without end": "{% raw %}" + "{% endraw" * 10_000,
    "open marks": "{{" * 40_000,
    "open comments": "{#" * 40_000,
    "spaces": "{{" + " " * 90_000 + "}}",
}


def _evaluate(compiled: Any) -> str:
    try:
        return f"value:{type(compiled(DATA)).__name__}"
    except ExpressionError as error:
        str(error)
        return error.code


def _attack(make: Any, source: str) -> dict[str, Any]:
    """Return what came of an attack, with its evaluation's processor time and peak of memory."""
    try:
        compiled = make(source)
    except ExpressionError as error:
        return {"outcome": error.code, "seconds": 0.0, "bytes": 0}
    started = time.process_time()
    outcome = _evaluate(compiled)
    took = time.process_time() - started
    # A second time for the memory: while the tracer runs, the time would be its own.
    tracemalloc.start()
    _evaluate(compiled)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"outcome": outcome, "seconds": took, "bytes": peak}


def main() -> None:
    limit = 1_000_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    compile_expression("1 | money('EUR')")(DATA)
    compile_expression("'2026-11-21' | date")(DATA)
    for make, attacks in ((compile_expression, EXPRESSIONS), (compile_text, TEXTS)):
        for name, source in attacks.items():
            row = {"name": name, **_attack(make, source)}
            sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
