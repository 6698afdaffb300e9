"""Text from a vendor that is made to deceive: no command prints it as it is.

Neither the reader's terminal nor a CI runner obeys a name, whatever it is made of: control, format
and bidi characters come escaped, and no line begins with or holds a runner's command. In JSON the
same holds, and a program still reads the very values.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from reconciler.cli import terminal
from reconciler.http.decoding import DEEPEST, strict_json
from reconciler.sandbox import Options
from reconciler.values.text import dotted, json_text
from reconciler.yaml12 import parse, writer

from .vendors import running

OBEYED = re.compile(r"^\s*::|##\w*\[")
PIECES = [
    "a", "ş", " ", "\n", "\r", "\t", "\0", "\x07", "\x1b[2J", "\x1b]0;t\x07", "\x7f", "\x85",
    "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff", "\U000e0041", "\ud800", "\udc00", "\u00a0",
    "::", "::set-env name=A::", "::error::", "##vso[task.setvariable]", "##[error]", "##", "[",
    "${env.HOME}", "$${", "${", "}", "/", '"', "'", "\\", "\\u202e", ": ", "- ", "#", "&a", "*a",
    "!t", "%", "|", ">", "{", "?", "<<", "null", "1e3", "</script>", "`", "x" * 700,
]  # fmt: skip
NASTY = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
COMMANDS = [
    "plan", "plan --format json", "plan --destroy", "plan --destroy --format json", "drift",
    "drift --format json", "validate --online --format json", "import --kind suppliers --dry-run",
    "graph --all", "graph --all --format dot", "state list", "state list --format json", "doctor",
    "history --details", "history --details --format json", "-vv plan", "doctor --format json",
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_workspace: Callable[..., Any]) -> Any:
    """A workspace with one vendor, whose suppliers are what a test says."""
    with running(Options(port=0, rate=0, data="empty", vendors=("kobo-plm",))) as sandbox:
        yield new_workspace(tmp_path_factory.mktemp("shop"), sandbox)


def afresh(shop: Any, suppliers: list[dict[str, Any]]) -> None:
    """Nothing declared, nothing owned, and these suppliers at the vendor."""
    for folder in ("manifests", ".reconciler"):
        shutil.rmtree(shop.root / folder, ignore_errors=True)
    (shop.root / "manifests").mkdir()
    shop.write("")
    show(shop, suppliers)


def show(shop: Any, suppliers: list[dict[str, Any]], *more: dict[str, Any]) -> None:
    """Let the vendor answer these suppliers, in JSON's own escapes."""
    meta = {"total": len(suppliers), "current_page": 1, "per_page": 100, "last_page": 1}
    body = json.dumps({"data": suppliers, "meta": meta, **meta})
    bodies = {"*/suppliers": body}
    bodies |= {f"*/suppliers/{row['id']}": json.dumps({"data": row}) for row in suppliers}
    rules = (
        {"method": "GET", "path": path, "fault": {"status": 200, "body": text}}
        for path, text in bodies.items()
    )
    shop.sandbox.faults([*rules, *more])


def harmless(result: Any) -> Any:
    """Both streams of a command can be shown anywhere."""
    for line in (*result.out.split("\n"), *result.err.split("\n")):
        assert line.isprintable(), ascii(line)
        assert not OBEYED.search(line), line
        line.encode()
    return result


def look(shop: Any, address: str | None) -> None:
    """Run everything that shows something."""
    for command in COMMANDS:
        result = harmless(shop.run(*command.split()))
        # What drifted is not destroyed, and a plan that leaves something out is not 0.
        assert result.code in ((0, 1) if "--destroy" in command else (0,)), (command, result)
        if "json" in command:
            json.loads(result.out)
    if address is not None:
        harmless(shop.run("state", "show", address))
        harmless(shop.run("state", "show", address, "--format", "json"))
        harmless(shop.run("plan", "--target", address))


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(NASTY, min_size=1, max_size=6))
@example(names=["\u202eevil", "\x1b]0;t\x07", "x\r::set-env name=A::b", "a\n::error::\nb\n"])
@example(names=["::stop-commands::t", "##vso[task.x]y", "##[error]q", "${secret.x}", "\ud800x"])
@example(names=["a\0b", "x" * 5000, "same", "same", "a b", "a\u00a0b", "a\u200bb"])
def test_no_output_can_be_obeyed_and_names_survive_an_import(shop: Any, names: list[str]) -> None:
    """Whatever suppliers are called: every output is harmless, what is imported is valid, and
    nothing differs afterwards."""
    assume(all(name.strip() for name in names))
    survive(shop, names)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_two_thousand_names_cannot_be_obeyed(shop: Any, seed: int) -> None:
    """A hundred at once, each of up to six pieces that mean something to somebody."""
    dice = random.Random(seed)
    names = ["".join(dice.choices(PIECES, k=dice.randint(1, 6))) for _ in range(100)]
    survive(shop, [name if name.strip() else f"{name}x" for name in names])


def survive(shop: Any, names: list[str]) -> None:
    """Show, import and own suppliers with these names."""
    rows = [
        {"id": number, "code": name, "name": name, "payment_terms": name}
        for number, name in enumerate(names, 1)
    ]
    afresh(shop, rows)
    look(shop, None)
    imported = harmless(shop.run("import", "--kind", "suppliers"))
    assert imported.code == 0, imported
    written = (shop.root / "manifests" / "kobo-plm" / "suppliers.yaml").read_text("utf-8")
    assert all(line.isprintable() and not OBEYED.search(line) for line in written.splitlines())
    result = shop.run("plan")
    assert result.last == "No changes. Your vendors match the manifests.", result
    owned = shop.run("state", "list", "--format", "json").json["resources"]
    assert len(owned) == len(names)
    assert sorted(one["id"] for one in owned) == sorted(str(row["id"]) for row in rows)
    show(shop, [{**row, "name": "::error::\u202e" + row["name"]} for row in rows])
    look(shop, owned[0]["address"])


@pytest.mark.parametrize("status", [403, 404, 422])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_refusal_can_be_obeyed(shop: Any, status: int, form: str) -> None:
    """What a vendor says no with is quoted, as an outcome, in the history and in doctor's words."""
    evil = "no\r\n::set-env name=A::b\n##vso[task.x]\x1b[31m\u202e\ud800"
    afresh(shop, [])
    shop.write("provider: kobo-plm\nsuppliers: {S-1: {name: x}}\n")
    said = {"message": evil, "errors": {f"{evil}1": [evil]}}
    fault = {"status": status, "body": json.dumps(said)}
    show(shop, [], {"method": "POST", "path": "*/suppliers", "fault": fault})
    result = harmless(shop.run("-v", "apply", "--auto-approve", "--format", form))
    assert result.code in (1, 4)
    assert "set-env" in result.out + result.err
    harmless(shop.run("history", "--details"))
    harmless(shop.run("history", "--details", "--format", "json"))
    shop.sandbox.faults([{"method": "GET", "path": "*", "fault": fault}])
    harmless(shop.run("plan", "--format", form))
    harmless(shop.run("doctor", "--format", form))


def test_no_id_can_be_obeyed(shop: Any) -> None:
    """The id that a create answers is shown in the outcome and kept in the ledger."""
    afresh(shop, [])
    shop.write("provider: kobo-plm\nsuppliers: {S-1: {name: x}}\n")
    evil = "7\r\n::set-env::\x1b[31m\u202e\ud800##[x]"
    made = {"status": 201, "body": json.dumps({"data": {"id": evil, "code": "S-1", "name": "x"}})}
    show(shop, [], {"method": "POST", "path": "*/suppliers", "fault": made})
    harmless(shop.run("-vv", "apply", "--auto-approve"))
    for command in ("state list", "state list --format json", "history --details", "plan", "drift"):
        harmless(shop.run(*command.split()))


@given(NASTY)
def test_json_is_escaped_and_means_the_same(text: str) -> None:
    """JSON output holds only what can be seen, and a program reads the very text from it."""
    shown = json_text({text: [text]})
    assert shown.isprintable()
    assert not OBEYED.search(shown)
    shown.encode()
    assert json.loads(shown) == json.loads(json.dumps({text: [text]}))


@example("a\nb::c\n\x1b[31m::set-output\r")
@given(NASTY)
def test_whatever_is_printed_is_harmless(text: str) -> None:
    """Also where whoever prints it forgot to escape it: only its line ends are left as they are."""
    for line in terminal.harmless(text).split("\n"):
        assert line.isprintable()
        assert not OBEYED.search(line)


@example("###vso[x]")
@given(NASTY.filter(lambda text: not re.search("[\0\ud800-\udfff]", text)))
def test_a_manifest_is_escaped_and_means_the_same(text: str) -> None:
    """A manifest that is written holds only what can be seen, and is read as the same text."""
    written = writer.text({"a": {text: text}})
    for line in written.splitlines():
        assert line.isprintable()
        assert not OBEYED.search(line)
    assert parse(written.encode(), "x")[0].value == {"a": {text: text}}


@given(st.text(st.characters()))
def test_every_answer_is_text_that_can_be_stored(text: str) -> None:
    """A NUL and half of a surrogate pair become U+FFFD; all else stays as it is."""
    read = strict_json(json.dumps([text, {text: 1}]).encode())
    whole = json.loads(json.dumps(text))
    assert read[0] == re.sub("[\0\ud800-\udfff]", "\ufffd", whole)
    assert list(read[1]) == [read[0]]
    read[0].encode()


@given(st.integers(1, 2 * DEEPEST), st.sampled_from(["[{", "}]", "{{{", "][", "plain"]))
def test_deep_answers_are_refused(levels: int, text: str) -> None:
    """However deep an answer is nested, and whatever brackets stand in its texts."""
    content = f"{'[' * levels}{json.dumps(text)}{']' * levels}".encode()
    if levels > DEEPEST:
        with pytest.raises(ValueError, match="nested more than"):
            strict_json(content)
    else:
        assert text in str(strict_json(content))


@pytest.mark.parametrize(
    "content",
    [b'{"a": 1, "a": 1}', b'[{"x": {"a": 1, "b": 2, "a" : 3}}]', rb'{"a": 1, "\u0061": 2}'],
)
def test_a_member_that_comes_twice_is_refused(content: bytes) -> None:
    """JSON does not say which of the two counts, so that two readers could read two things."""
    with pytest.raises(ValueError, match="has the member 'a' twice"):
        strict_json(content)


def test_a_path_is_no_command_either() -> None:
    """What a runner would obey may come about where the name of a field meets a position."""
    assert dotted(("##", 0, "a")) == "#\\#[0].a"
    assert dotted(("##vso", "x")) == "##vso.x"
