"""Values are judged as JSON Schema means it, and the advice for a wrong one is accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.values.fields import load_schema
from reconciler.values.patterns import pattern
from reconciler.values.validate import explain, gate


@pytest.fixture
def findings(workspace: Any) -> Callable[[str], list[dict[str, Any]]]:
    """The findings of `validate` about a manifest."""

    def validate(text: str) -> list[dict[str, Any]]:
        made = workspace(text)
        found: list[dict[str, Any]] = made.run("validate", "--format", "json").json["diagnostics"]
        return found

    return validate


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("phone", "+902324831234"),
        ("phone", "5551234"),
        ("phone", "-0"),
        ("type", "1.10"),
        ("type", "1e3"),
        ("type", "7204e4"),
        ("type", ".5"),
        ("type", "True"),
        ("type", "12345678901"),
        ("name", "007.5e1"),
    ],
)
def test_the_hint_has_the_text_of_the_file(findings: Any, field: str, written: str) -> None:
    """Not the converted value: `1.10` is not 1.1, and a plus is part of a telephone number. The
    next run accepts what the hint says."""
    text = f"provider: kobo-plm\nsuppliers:\n  S:\n    name: A\n    {field}: {written}\n"
    text = text.replace("    name: A\n", "") if field == "name" else text
    (finding,) = findings(text)
    assert f'"{written}"' in finding["detail"]
    quoted = re.search(r'Write it in quotes: (".*")', finding["detail"])
    assert quoted
    assert findings(text.replace(f": {written}\n", f": {quoted[1]}\n")) == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("styles: {S: {name: S, retail_price: true}}", 'Example: "89.00".'),
        ("components: {C: {name: C, currency: 978}}", 'Example: "USD".'),
        ("components: {C: {name: C, unit_price: yes}}", ""),
        ("webhooks: {W: {url: 'https://a', events: style.created}}", '["style.created"]'),
        (
            "webhooks: {W: {url: 'https://a', events: 'style.created, style.updated'}}",
            '["style.created", "style.updated"]',
        ),
        ("webhooks: {W: {url: 'https://a', events: style created}}", ""),
        ("suppliers: {S: {name: A, email: 5}}", "Example: "),
        ("suppliers: {S: {name: A, phone: &p 0555123}, T: {name: &n 12, phone: *n}}", "*n repeats"),
    ],
)
def test_no_hint_leads_to_the_next_error(findings: Any, text: str, detail: str) -> None:
    """Where quotes, a list or an omission would be refused, the hint is another one."""
    found = findings(f"provider: kobo-plm\n{text}\n")
    assert detail in found[-1]["detail"]
    for wrong in ('"true"', '"978"', '"yes"', "style created", "Remove the field", '"5"'):
        assert wrong not in found[-1]["detail"]


def test_what_must_be_there_is_not_to_be_removed(workspace: Any) -> None:
    """A null that is refused, where leaving the field out would be refused too."""
    made = workspace(
        "provider: inventora\n"
        "tasks: {t: {name: P, items: [{product: C, quantity: null, unitType: pieces}]}}\n"
    )
    (finding,) = made.run("validate", "--format", "json").json["diagnostics"]
    assert finding["summary"].startswith("items[0].quantity must be")
    assert "Remove" not in finding["detail"]


def test_a_value_from_a_variable_is_corrected_where_the_variable_is(workspace: Any) -> None:
    """Quotes around `${var.…}` would change nothing."""
    made = workspace(
        "provider: kobo-plm\nsuppliers: {S: {name: A, phone: '${var.phone}'}}\n",
        variables={"phone": 5551234},
    )
    (finding,) = made.run("validate", "--format", "json").json["diagnostics"]
    assert finding["summary"] == "phone must be text or null, is a number (5551234)"
    assert "${" not in finding["detail"]
    made.write("provider: kobo-plm\nsuppliers:\n  S:\n    name: A\n    phone: ${var.phone}\n")
    (finding,) = made.run("validate", "--format", "json").json["diagnostics"]
    assert "where it is declared in reconciler.yaml" in finding["detail"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("currency", "EUR\n"),
        ("currency", "eur"),
        ("unit_price", "\u0661\u0662"),
        ("unit_price", "1\n"),
        ("unit_price", "\uff11"),
    ],
)
def test_a_pattern_means_what_ecma_says(findings: Any, field: str, text: str) -> None:
    """`$` is the very end, and a digit is one of 0 to 9, as in the editor."""
    body = {"name": "C", field: text}
    (finding,) = findings(json.dumps({"provider": "kobo-plm", "components": {"C": body}}))
    assert finding["summary"].startswith(f"{field} has the wrong format")


@pytest.mark.parametrize(
    ("provider", "kind", "field", "good", "bad"),
    [
        ("kobo-plm", "projects", "start_date", "2024-02-29", ["2026-02-30", "2026-02-29"]),
        ("kobo-plm", "tasks", "due_date", "2026-04-30", ["2026-04-31", "2026-13-01"]),
        ("inventora", "tasks", "due", "2026-04-30T10:00:00Z", ["2026-04-31T10:00:00Z"]),
        ("kibo", "safety_stock_rules", "startDate", "2024-02-29T00:00:00Z", []),
        ("kibo", "safety_stock_rules", "endDate", "2024-02-29T00:00:00Z", ["2026-02-29T00:00:00Z"]),
        (
            "kibo",
            "price_list_entries",
            "startDate",
            "2026-01-01T23:59:59Z",
            ["2026-01-01T24:30:00Z", "2026-01-32T00:00:00Z", "2026-01-01T00:00:00Z\n"],
        ),
        ("kobiks", "products", "exp_date", "2024-02-29", ["2026-02-30", "2026-02-29"]),
        ("kobiks", "products", "exp_date", "29-02-2024", ["29-02-2026", "31-04-2026"]),
        ("kobiks", "products", "exp_date", "28-02-2100", ["29-02-2100", "2100-02-29"]),
    ],
)
def test_a_date_is_a_day_that_exists(
    provider: str, kind: str, field: str, good: str, bad: list[str]
) -> None:
    """No 30th of February reaches a vendor."""
    part = load_schema(f"{provider}/{kind}.json")["properties"][field]
    assert explain(part, good) == []
    assert gate(part)(good)
    for value in bad:
        assert explain(part, value)
        assert not gate(part)(value)


GOOD_URLS = [
    "https://a",
    "http://localhost:8080/x",
    "https://erp.example.com/hooks/kobo?x=1#y",
    "https://1.2.3.4:65535",
    "https://[::1]/",
    "https://user:word@h.example/x",
    "https://b\u00fccher.example",
    "https://a_b.c-d.example.",
    "https://3com.example/",
]
BAD_URLS = [
    "https://",
    "https://ex ample.com",
    "https://ex\u00a0ample.com",
    "https://h:99999/",
    "https://h:65536",
    "https://h:0/",
    "https://h:x/",
    "https://:80/",
    "https:///path",
    "https://?x",
    "https://user@/",
    "https://a..b/",
    "https://.a",
    "https://-a.example",
    "https://a-.example",
    "https://1.2.3.999/",
    "https://1.2.3/",
    "https://[::1",
    "https://a%20b.example",
    "https://*.example.com",
    "https://h/a b",
    "https://h/\n",
    "ftp://h/",
    " https://h/",
]


@pytest.mark.parametrize(("vendor", "kind", "field"), [
    ("kobo-plm", "webhooks", "url"),
    ("kibo", "event_subscriptions", "endpoint"),
])  # fmt: skip
def test_a_url_has_a_host_and_a_port_that_can_be(vendor: str, kind: str, field: str) -> None:
    """What no request could be sent to is refused, by the schema itself."""
    part = load_schema(f"{vendor}/{kind}.json")["properties"][field]
    assert [url for url in GOOD_URLS if not gate(part)(url) or explain(part, url)] == []
    assert [url for url in BAD_URLS if gate(part)(url) or not explain(part, url)] == []


def test_a_base_url_has_a_host_too(workspace: Any) -> None:
    """In reconciler.yaml as well."""
    made = workspace("")
    settings = json.loads((made.root / "reconciler.yaml").read_text("utf-8"))
    for url in ("https://", "https://a..b", "https://-a.example", "https://h:99999", "https://a,b"):
        settings["providers"]["kobo-plm"]["base_url"] = url
        (made.root / "reconciler.yaml").write_text(json.dumps(settings), "utf-8")
        shown = made.run("validate")
        assert shown.code == 1
        assert "base_url must be a URL" in shown.err


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        (r"^\d+$", ["1"], ["1\n", "\u0661"]),
        (r"^[\d-]+$", ["1-2"], ["\u0661"]),
        (r"^\w$", ["a"], ["\u00e9"]),
        (r"^[^@\s]+$", ["a"], ["a\u00a0b", "a\ufeff", "a\u2028"]),
        (r"^\S+$", ["a"], ["\u00a0", "\u3000"]),
        (r"^a.b$", ["axb"], ["a\nb", "a\u2028b"]),
        (r"^[$.]$", ["$", "."], ["a"]),
        (r"^\$\.\/$", ["$./"], ["x"]),
        (r"^[a[]$", ["[", "a"], ["b"]),
        (r"a|b$", ["ax", "b"], ["bx"]),
    ],
)
def test_patterns_are_those_of_ecma(text: str, yes: list[str], no: list[str]) -> None:
    """The part of the language that schemas use, read as a JavaScript engine reads it."""
    found = pattern(text)
    assert all(found.search(value) for value in yes)
    assert not any(found.search(value) for value in no)


def test_every_pattern_of_a_schema_is_read_alike_twice() -> None:
    """The compiled check and the messages agree about the examples and about a line break."""
    count = 0
    for path in sorted((Path(__file__).parents[1] / "schemas").glob("*/*.json")):
        for part in _parts(json.loads(path.read_text("utf-8"))):
            for example in part.get("examples", ()) if "pattern" in part else ():
                own = {key: part[key] for key in ("pattern", "format") if key in part}
                for value in (example, f"{example}\n", f" {example}", f"{example}\u0661"):
                    assert gate(own)(value) is (explain(own, value) == []), (path.name, value)
                    count += 1
    assert count > 100


def _parts(schema: Any) -> list[dict[str, Any]]:
    inner = schema.values() if isinstance(schema, dict) else schema
    if not isinstance(schema, (dict, list)):
        return []
    return [*([schema] if isinstance(schema, dict) else []), *(p for v in inner for p in _parts(v))]
