"""Workspaces of about 2 MB that are made to cost time or memory, as a pull request could have them.

`python -m benchmarks.hostile [NAME…]` runs `reconciler validate` in each, as a process, and prints
seconds, processor seconds, peak memory, exit code and the length of the output.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

SIZE = 2 * 1024 * 1024
# seconds and bytes after which a command is ended
LIMIT, MEMORY = 30, 3 * 1024**3
HEAD = "provider: kobo\n"
WORKSPACE = """name: acme
providers:
  kobo: {type: kobo-plm, api_key: "${env.KOBO_API_KEY}"}
  kobiks: {type: kobiks, email: ops@x.example, password: "${env.KOBIKS_PASSWORD}"}
"""

Files = Mapping[str, str]
CASES: dict[str, Callable[[int], Files]] = {}


def case(make: Callable[[int], Files]) -> Callable[[int], Files]:
    """Put a case into the table; it takes the size in bytes and gives the files."""
    CASES[make.__name__.replace("_", "-")] = make
    return make


def files(manifest: str, settings: str = "") -> Files:
    """A workspace with one manifest."""
    return {"reconciler.yaml": WORKSPACE + settings, "manifests/a.yaml": manifest}


def lines(size: int, line: Callable[[int], str], start: str = "", end: str = "") -> str:
    """As many lines as `size` bytes hold."""
    count = size // len(line(size // 20))
    return start + "".join(map(line, range(count))) + end


def webhook(number: int, more: str = "") -> str:
    """A webhook that is as it should be."""
    url = f"https://x.example/{number}"
    return f"  h{number}: {{url: '{url}', events: [style.created]{more}}}\n"


@case
def valid_objects(size: int) -> Files:
    """What an honest workspace of that size costs."""
    return files(lines(size, webhook, HEAD + "webhooks:\n"))


@case
def tiny_objects(size: int) -> Files:
    """As many objects as there can be, each of which lacks a field."""
    return files(lines(size, lambda n: f"  {n}: {{}}\n", HEAD + "webhooks:\n"))


@case
def empty_objects(size: int) -> Files:
    """The same without any body."""
    return files(lines(size, lambda n: f" {n}:\n", HEAD + "suppliers:\n"))


@case
def variable_in_text(size: int) -> Files:
    """A long variable, often in one text."""
    uses = "${var.x}" * (size // 16)
    settings = f"variables: {{x: '{'x' * (size // 2)}'}}\n"
    return files(f"{HEAD}suppliers:\n  S-1: {{name: '{uses}'}}\n", settings)


@case
def variable_in_many_objects(size: int) -> Files:
    """A long variable, once in each of many texts."""
    settings = f"variables: {{x: '{'x' * (size // 2)}'}}\n"
    text = lines(size // 2, lambda n: f"  S-{n}: {{name: 'a ${{var.x}}'}}\n", HEAD + "suppliers:\n")
    return files(text, settings)


@case
def variable_that_is_a_list(size: int) -> Files:
    """A long list, as the value of many fields."""
    entries = ", ".join(f"e{n}" for n in range(size // 16))
    text = lines(size // 2, lambda n: webhook(n, ", x: '${var.x}'"), HEAD + "webhooks:\n")
    return files(text.replace("[style.created]", "'${var.x}'"), f"variables: {{x: [{entries}]}}\n")


@case
def many_uses_of_one_variable(size: int) -> Files:
    """Marks in one object, each in a field of its own, at the end of a long list."""
    uses = ", ".join("'${var.x}'" for _ in range(size // 14))
    return files(
        f"{HEAD}webhooks:\n  h: {{url: x, events: [{uses}]}}\n", "variables: {x: style.created}\n"
    )


@case
def unknown_variables(size: int) -> Files:
    """Names that are like many variables."""
    names = lines(size // 2, lambda n: f"  variable_{n}: x\n", "variables:\n")
    text = lines(size // 2, lambda n: f"  S-{n}: {{name: '${{var.varable_{n}}}'}}\n")
    return files(f"{HEAD}suppliers:\n{text}", names)


@case
def unknown_fields_of_one_object(size: int) -> Files:
    """Names that are nearly those of fields."""
    return files(lines(size, lambda n: f"    payment_term{n}: x\n", f"{HEAD}suppliers:\n  S-1:\n"))


@case
def unknown_fields_of_many_objects(size: int) -> Files:
    """A few for each object, all different."""
    return files(
        lines(size, lambda n: f"  S-{n}: {{nam{n}: x, contct{n}: y}}\n", HEAD + "suppliers:\n")
    )


@case
def unknown_members(size: int) -> Files:
    """Members of the entries of a list that nobody knows."""
    return files(
        lines(size, lambda n: f"    - {{nam{n}: x}}\n", f"{HEAD}suppliers:\n  S:\n   contacts:\n")
    )


@case
def unknown_options(size: int) -> Files:
    """Words of the tool that there are not."""
    return files(lines(size, lambda n: f"  S-{n}: {{$protct{n}: true}}\n", HEAD + "suppliers:\n"))


@case
def unknown_kinds(size: int) -> Files:
    """Names that are nearly those of kinds."""
    return files(lines(size, lambda n: f"webhoks{n}: {{}}\n", HEAD))


@case
def unknown_providers(size: int) -> Files:
    """A document for each of many providers that there are not."""
    return files(lines(size, lambda n: f"---\nprovider: koboo{n}\n"))


@case
def documents(size: int) -> Files:
    """A document for each object."""
    return files(lines(size, lambda n: f"---\nprovider: kobo\nsuppliers: {{S-{n}: {{name: x}}}}\n"))


@case
def empty_documents(size: int) -> Files:
    """As many documents as there can be."""
    return files(lines(size, lambda n: "--- 1\n"))


@case
def nothing_but_marks(size: int) -> Files:
    """Documents with nothing in them."""
    return files(lines(size, lambda n: "---\n"))


@case
def aliases(size: int) -> Files:
    """Each object repeats a list, up to the budget of aliases."""
    events = ", ".join(["style.created"] * 100)
    start = f"{HEAD}webhooks:\n  a: {{url: 'https://x.example/', events: &e [{events}]}}\n"
    return files(
        lines(size, lambda n: f"  h{n}: {{url: 'https://x.example/{n}', events: *e}}\n", start)
    )


@case
def aliases_of_aliases(size: int) -> Files:
    """Ten of the one before, and so on."""
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 30):
        text += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n"
    return files(HEAD + text + "# " + "x" * (size - len(text)) + "\n")


@case
def alias_of_a_long_text(size: int) -> Files:
    """A text of half the size, which every object repeats."""
    start = f"{HEAD}suppliers:\n  S: {{name: &a '{'x' * (size // 2)}'}}\n"
    return files(lines(size // 2, lambda n: f"  S-{n}: {{name: *a}}\n", start))


@case
def small_files(size: int) -> Files:
    """A file for each object."""
    text = "provider: kobo\nsuppliers: {S-%d: {name: x}}\n"
    made = {f"manifests/{n}.yaml": text % n for n in range(size // 50)}
    return {"reconciler.yaml": WORKSPACE, **made}


@case
def empty_files(size: int) -> Files:
    """As many files as there can be."""
    made = {f"manifests/{n}.yaml": "#\n" for n in range(size // 20)}
    return {"reconciler.yaml": WORKSPACE, **made}


@case
def anchors(size: int) -> Files:
    """As many names and repetitions as there can be."""
    return files(
        lines(size, lambda n: f"  S-{n}: {{name: &a{n} x, notes: *a{n}}}\n", HEAD + "suppliers:\n")
    )


@case
def aliases_of_large_objects(size: int) -> Files:
    """The whole object is repeated under many keys, with something wrong in it."""
    members = ", ".join(f"f{n}: x" for n in range(1000))
    start = f"{HEAD}suppliers:\n  S: &s {{{members}}}\n"
    return files(lines(size, lambda n: f"  S-{n}: *s\n", start))


@case
def wrong_types(size: int) -> Files:
    """Each object has a value of the wrong type."""
    return files(
        lines(size, lambda n: f"  S-{n}: {{name: {n}, contacts: x}}\n", HEAD + "suppliers:\n")
    )


@case
def wrong_values(size: int) -> Files:
    """Each object has a value that is not one of those allowed."""
    return files(
        lines(
            size,
            lambda n: webhook(n).replace("style.created", f"style.createdd{n}"),
            HEAD + "webhooks:\n",
        )
    )


@case
def many_wrong_values(size: int) -> Files:
    """One list of values that are not allowed."""
    values = ", ".join(f"style.creatd{n}" for n in range(size // 20))
    return files(f"{HEAD}webhooks:\n  h: {{url: 'https://x.example/', events: [{values}]}}\n")


@case
def wrong_enumerations(size: int) -> Files:
    """Values that are like the ones of a long list."""
    return files(
        lines(size, lambda n: f"  S-{n}: {{name: x, currency: US{n}}}\n", HEAD + "suppliers:\n")
    )


@case
def equal_entries(size: int) -> Files:
    """A list without order with every entry often."""
    values = ", ".join(["style.created"] * (size // 15))
    return files(f"{HEAD}webhooks:\n  h: {{url: 'https://x.example/', events: [{values}]}}\n")


@case
def read_only_fields(size: int) -> Files:
    """Fields that only the vendor sets, in every object."""
    return files(
        lines(
            size, lambda n: f"  S-{n}: {{name: x, id: 5, created_at: x}}\n", HEAD + "suppliers:\n"
        )
    )


@case
def secrets_in_clear_text(size: int) -> Files:
    """Sensitive fields with a value."""
    return files(lines(size, lambda n: webhook(n, ", secret: abc"), HEAD + "webhooks:\n"))


@case
def long_keys(size: int) -> Files:
    """Two keys of half the size each."""
    key = "k" * (size // 2)
    return files(f"{HEAD}suppliers:\n  ? {key}a\n  : {{x: 1}}\n  ? {key}b\n  : {{nam: y}}\n")


@case
def long_unknown_fields(size: int) -> Files:
    """Many fields with names of a few kilobytes."""
    return files(
        lines(size, lambda n: f"    'nam{'e' * 2000}{n}': x\n", f"{HEAD}suppliers:\n  S-1:\n")
    )


@case
def long_values(size: int) -> Files:
    """One value that a pattern and a format look at."""
    value = "a" * (size // 4)
    return files(
        f"{HEAD}webhooks:\n  h: {{url: 'https://{value}', events: [style.created]}}\n"
        f"suppliers:\n  S:\n   name: {value}\n"
        f"   contacts: [{{name: x, email: '{value}@{value}'}}]\n"
    )


@case
def marks_on_one_letter(size: int) -> Files:
    """Marks that must be put into order, on the key of an object."""
    marks = "\u0301\u0316" * (size // 8)
    return files(f"{HEAD}suppliers:\n  S-1: {{name: 'a{marks}', code: 'b{marks}'}}\n")


@case
def deep_lists(size: int) -> Files:
    """Nested as deeply as it may be, again and again."""
    deep = "[" * 60 + "x" + "]" * 60
    return files(lines(size, lambda n: f"  S-{n}: {{name: {deep}}}\n", HEAD + "suppliers:\n"))


@case
def deeper_lists(size: int) -> Files:
    """Nested far more deeply than it may be."""
    return files(f"{HEAD}suppliers: " + "[" * (size // 2) + "]" * (size // 2) + "\n")


@case
def deeper_blocks(size: int) -> Files:
    """The same by indentation."""
    depth = int((size * 2) ** 0.5)
    return files(HEAD + "suppliers:\n" + "".join(" " * n + "a:\n" for n in range(1, depth)))


@case
def deeper_dashes(size: int) -> Files:
    """The same with dashes in one line."""
    return files(f"{HEAD}suppliers:\n  " + "- " * (size // 2) + "x\n")


@case
def huge_number(size: int) -> Files:
    """One number of as many digits as there is room."""
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, rating: {'9' * size}}}\n")


@case
def long_fraction(size: int) -> Files:
    """The same behind a point, and an exponent."""
    nines = "9" * (size // 2)
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, rating: 0.{nines}, a: 1e{nines}}}\n")


@case
def many_numbers(size: int) -> Files:
    """Numbers that cannot be stored."""
    return files(
        lines(
            size, lambda n: f"  S-{n}: {{name: x, rating: {'9' * 30}{n}}}\n", HEAD + "suppliers:\n"
        )
    )


@case
def numbers_elsewhere(size: int) -> Files:
    """Texts about which there is a warning."""
    return files(lines(size, lambda n: f"  S-{n}: {{name: 0{n}}}\n", HEAD + "suppliers:\n"))


@case
def same_address(size: int) -> Files:
    """One object in many documents."""
    return files(lines(size, lambda n: "---\nprovider: kobo\nsuppliers: {S-1: {name: x}}\n"))


@case
def same_natural_key(size: int) -> Files:
    """Many keys of one object."""
    return files(lines(size, lambda n: f"  S-{n}: {{code: A, name: x}}\n", HEAD + "suppliers:\n"))


@case
def same_key(size: int) -> Files:
    """One key again and again in one mapping."""
    return files(lines(size, lambda n: "  S-1: {name: x}\n", HEAD + "suppliers:\n"))


@case
def ignored_paths(size: int) -> Files:
    """A long list in `$ignore`, all valid."""
    paths = ", ".join(f"contacts[{n}].email" for n in range(size // 24))
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, $ignore: [{paths}]}}\n")


@case
def wrong_ignored_paths(size: int) -> Files:
    """A long list in `$ignore`, all of which name nothing."""
    paths = ", ".join(f"nam{n}" for n in range(size // 12))
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, $ignore: [{paths}]}}\n")


@case
def deep_ignored_path(size: int) -> Files:
    """One path with many steps."""
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, $ignore: ['name{'.a' * (size // 2)}']}}\n")


@case
def odd_ignored_path(size: int) -> Files:
    """One path that nearly fits the pattern of paths."""
    return files(f"{HEAD}suppliers:\n  S-1: {{name: x, $ignore: ['name{'[]' * (size // 2)}[']}}\n")


@case
def references(size: int) -> Files:
    """Each object refers to the one before."""
    return files(
        lines(size, lambda n: f"  C-{n}: {{name: x, supplier: S-{n}}}\n", HEAD + "components:\n")
    )


@case
def circle(size: int) -> Files:
    """Each object is inside the one before, and the first in the last."""
    count = size // 40
    objects = (f"  c{n}: {{name: n{n}, parent: c{(n + 1) % count}}}\n" for n in range(count))
    return files("provider: kobiks\ncategories:\n" + "".join(objects))


@case
def chain(size: int) -> Files:
    """The same, but for the last."""
    lines_ = lines(size, lambda n: f"  c{n + 1}: {{name: n{n + 1}, parent: c{n}}}\n")
    return files("provider: kobiks\ncategories:\n  c0: {name: n0}\n" + lines_)


@case
def json_line_breaks(size: int) -> Files:
    """JSON with a colon on a line of its own, and then nothing but line breaks."""
    return files('{"provider"\n: "kobo", "suppliers": {}, "a": "x"' + "\n" * size + "}\n")


@case
def json_escapes(size: int) -> Files:
    """JSON with a quote that is never closed."""
    return files('{"provider"\n: "kobo", "a": "' + '\\"' * (size // 2) + "\n")


@case
def comments(size: int) -> Files:
    """A comment behind each of many values."""
    return files(lines(size, lambda n: f"  S-{n}: {{name: x}} #5\n", HEAD + "suppliers:\n"))


@case
def comments_in_one_line(size: int) -> Files:
    """One line of signs that could begin a comment."""
    return files(f"{HEAD}suppliers:\n  S-1: {{name: 'x{' #a' * (size // 3)}'}}\n")


@case
def odd_blanks(size: int) -> Files:
    """Blanks that are none."""
    return files(lines(size, lambda n: f"  S-{n}:\u00a0{{name: x}}\n", HEAD + "suppliers:\n"))


@case
def odd_quotes(size: int) -> Files:
    """Texts in quotes that are none."""
    return files(lines(size, lambda n: f"  S-{n}: {{name: “x”}}\n", HEAD + "suppliers:\n"))


@case
def error_at_the_end(size: int) -> Files:
    """A syntax error behind all that was read."""
    return files(lines(size, webhook, HEAD + "webhooks:\n", "  x: [\n"))


@case
def error_among_blanks(size: int) -> Files:
    """A syntax error, and indentation that is no blank."""
    return files(lines(size, lambda n: "\u00a0" * 50 + "a: x\n", HEAD + "webhooks:\n", "  x: [\n"))


@case
def long_text(size: int) -> Files:
    """A text over very many lines."""
    return files(lines(size, lambda n: "    x\n", f"{HEAD}suppliers:\n  S-1:\n    name: x\n"))


@case
def tags(size: int) -> Files:
    """A tag on each value."""
    return files(lines(size, lambda n: f"  S-{n}: {{name: !!str x}}\n", HEAD + "suppliers:\n"))


@case
def marks_in_keys(size: int) -> Files:
    """Keys with a variable, which no key may have."""
    return files(lines(size, lambda n: f"  'a${{var.x}}{n}': {{name: x}}\n", HEAD + "suppliers:\n"))


@case
def unclosed_marks(size: int) -> Files:
    """Variables that are not closed, in one text."""
    return files(f"{HEAD}suppliers:\n  S-1: {{name: '{'${var.x' * (size // 7)}'}}\n")


@case
def unknown_settings(size: int) -> Files:
    """Settings of the workspace that there are not."""
    return {**files(HEAD), "reconciler.yaml": WORKSPACE + lines(size, lambda n: f"gard{n}: x\n")}


@case
def exclusive_kinds(size: int) -> Files:
    """Kinds that are not there, of providers that are not there."""
    entries = lines(size, lambda n: f"  - koboo{n}/webhooks\n", "exclusive:\n")
    return {**files(HEAD), "reconciler.yaml": WORKSPACE + entries}


@case
def exclusive_patterns(size: int) -> Files:
    """One kind again and again, each time with another pattern."""
    entries = lines(size, lambda n: f"  - {{kind: kobo/webhooks, except: [x{n}]}}\n")
    return {**files(HEAD), "reconciler.yaml": f"{WORKSPACE}exclusive:\n{entries}"}


@case
def providers(size: int) -> Files:
    """As many accounts as there can be."""
    entries = lines(
        size, lambda n: f"  k{n}: {{type: kobo-plm, api_key: '${{env.KOBO_API_KEY}}'}}\n"
    )
    return {**files(HEAD), "reconciler.yaml": "name: acme\n" + WORKSPACE[11:] + entries}


@case
def environments(size: int) -> Files:
    """As many environments as there can be."""
    entries = lines(size, lambda n: f"  e{n}: {{variables: {{x: y}}}}\n", "environments:\n")
    return {**files(HEAD), "reconciler.yaml": WORKSPACE + entries}


@case
def settings_with_marks(size: int) -> Files:
    """Variables that use variables."""
    entries = lines(size, lambda n: f"  v{n}: '${{var.x{n}}}'\n", "variables:\n")
    return {**files(HEAD), "reconciler.yaml": WORKSPACE + entries}


@case
def unknown_environment_variables(size: int) -> Files:
    """Secrets from variables of the environment that are not set."""
    entries = lines(size, lambda n: f"  s{n}: '${{env.NOT_SET_{n}}}'\n", "secrets:\n")
    return {**files(HEAD), "reconciler.yaml": WORKSPACE + entries}


def write(name: str, folder: Path, size: int = SIZE) -> None:
    """Write the files of a case into a folder."""
    for path, text in CASES[name](size).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def measure(folder: Path, *arguments: str) -> tuple[float, float, float, int, int]:
    """Seconds, processor seconds, peak memory in MB, exit code and bytes of output of a command."""
    environment = {**os.environ, "KOBO_API_KEY": "x", "KOBIKS_PASSWORD": "x", "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
    with open(folder / "output.txt", "w+b") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["timeout", str(LIMIT), sys.executable, "-m", "reconciler", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        length = output.seek(0, os.SEEK_END)
    cpu = used.ru_utime + used.ru_stime
    return wall, cpu, used.ru_maxrss / 1024, process.returncode, length


def main(names: list[str]) -> None:
    """Measure the cases of these names, or all."""
    print(f"{'case':34} {'wall':>7} {'cpu':>7} {'MB':>6} exit  output")
    for name in names or CASES:
        with TemporaryDirectory() as folder:
            write(name, Path(folder))
            wall, cpu, peak, code, length = measure(Path(folder), "validate")
        figures = {"wall": wall, "cpu": cpu, "peak": peak, "code": code, "length": length}
        print(f"{name:34} {wall:7.2f} {cpu:7.2f} {peak:6.0f} {code:4} {length:7}", flush=True)
        if path := os.environ.get("RESULTS"):
            with open(path, "a", encoding="utf-8") as results:
                results.write(json.dumps({"name": name, **figures}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
