"""What `reconciler.yaml` becomes, and what is said about one that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.errors import Diagnostic, Invalid
from reconciler.http.base_url import url_problem
from reconciler.model import Guard, Scope, Secret, WorkspaceConfig
from reconciler.providers import PROVIDERS
from reconciler.values.keywords import WORDS
from reconciler.workspace import load, schema

ENV = {
    "KEY": "k-123",
    "PASSWORD": "p-456",
    "EMPTY": "",
    "SFTP": "s-789",
    "RECONCILER_ALLOWED_HOSTS": "staging.example",
}
FULL = """\
name: acme
manifests: desired
providers:
  kobo:
    type: kobo-plm
    api_key: ${env.KEY}
    base_url: http://127.0.0.1:8800/
    requests_per_minute: ${var.rate}
    timeout: 5
  kobiks:
    type: kobiks
    email: ops@${var.region}.example
    password: ${env.PASSWORD}
variables:
  region: eu
  rate: 0
secrets:
  sftp: ${env.SFTP}
exclusive: [kobo/webhooks]
guard: {max_deletes: 3}
environments:
  staging:
    providers: {kobo: {base_url: "https://staging.example"}}
    variables: {region: test}
    exclusive: []
"""
Reader = Callable[..., WorkspaceConfig]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Write reconciler.yaml and load it."""

    def reader(text: str, environment: str | None = None, **more: Any) -> WorkspaceConfig:
        (tmp_path / "reconciler.yaml").write_text(text, "utf-8")
        return load(tmp_path, environment, more.pop("env", ENV), **more)

    return reader


def refused(read: Reader, text: str, *args: Any, **more: Any) -> list[str]:
    """The findings of a workspace that is refused, as `line:column summary → detail`."""
    with pytest.raises(Invalid) as caught:
        read(text, *args, **more)
    return told(caught.value.diagnostics)


def test_a_workspace_is_read_and_filled(read: Reader, tmp_path: Path) -> None:
    """Everything the file says, credentials as secrets, defaults where it says nothing."""
    workspace = read(FULL)
    kobo, kobiks = workspace.connections["kobo"], workspace.connections["kobiks"]
    assert (workspace.name, workspace.root) == ("acme", tmp_path)
    assert workspace.manifests == tmp_path / "desired"
    assert kobo.settings == {
        "api_key": Secret("k-123"),
        "tier": "professional",
        "update_method": "PUT",
    }
    assert kobo.base_url == "http://127.0.0.1:8800"
    assert (kobo.requests_per_minute, kobo.parallelism, kobo.timeout) == (0, None, 5.0)
    assert kobiks.settings == {"email": "ops@eu.example", "password": Secret("p-456")}
    assert (kobiks.base_url, kobiks.timeout) == (None, 30.0)
    assert workspace.secrets == {"sftp": Secret("s-789")}
    assert workspace.variables == {"region": "eu", "rate": 0}
    assert workspace.exclusive == {Scope("kobo", "webhooks")}
    assert workspace.guard == Guard(max_deletes=3)
    assert workspace.ledger == ".reconciler/ledger.jsonl"
    assert "k-123" not in repr(workspace)


def test_an_environment_lies_on_top(read: Reader) -> None:
    """Mappings are merged, lists and values replaced, and variables follow."""
    workspace = read(FULL, "staging")
    assert workspace.environment == "staging"
    assert workspace.connections["kobo"].base_url == "https://staging.example"
    assert workspace.connections["kobo"].settings["api_key"] == Secret("k-123")
    assert workspace.connections["kobiks"].settings["email"] == "ops@test.example"
    assert workspace.variables == {"region": "test", "rate": 0}
    assert workspace.exclusive == frozenset()


def test_an_unknown_environment_is_told(read: Reader) -> None:
    """With the one that was meant, or with all there are."""
    (line,) = refused(read, FULL, "stagin")
    assert line == '21:1 there is no environment "stagin" → Did you mean "staging"?'
    (line,) = refused(read, FULL, "x")
    assert line.endswith("Choose one of these: staging.")


def test_a_setting_may_come_from_the_environment_alone(read: Reader) -> None:
    """What only an overlay gives is missing without it, and there with it."""
    text = (
        "name: a\nproviders: {kobo: {type: kobo-plm}}\n"
        "environments: {live: {providers: {kobo: {api_key: x}}}}\n"
    )
    assert read(text, "live").connections["kobo"].settings["api_key"] == Secret("x")
    (line,) = refused(read, text)
    assert line == '2:13 "api_key" is missing in providers.kobo → Add it.'


def told(findings: Iterable[Diagnostic]) -> list[str]:
    """Findings as `line:column summary → detail`."""
    return [
        f"{str(d.source).removeprefix('reconciler.yaml:')} {d.summary} → {d.detail}"
        for d in findings
    ]


def test_missing_and_empty_environment_variables_are_noted_where_they_are_needed(
    read: Reader,
) -> None:
    """Each with its name and the place where it is used: at the connection or the secret that
    lacks it, for the commands that need that one."""
    workspace = read(FULL, env={"KEY": ""})
    assert told(workspace.connections["kobo"].missing) == [
        '6:14 providers.kobo.api_key: the environment variable "KEY" is empty → '
        "Set it before running reconciler: export KEY=…"
    ]
    assert told(workspace.connections["kobiks"].missing) == [
        '13:15 providers.kobiks.password: the environment variable "PASSWORD" is not set → '
        "Set it before running reconciler: export PASSWORD=…"
    ]
    with pytest.raises(Invalid, match=r'secrets.sftp: the environment variable "SFTP" is not set'):
        workspace.secrets["sftp"].reveal()
    assert read(FULL).connections["kobo"].missing == ()


def test_offline_needs_no_environment(read: Reader) -> None:
    """Commands that call no vendor run without credentials, and with a proxy that nobody names."""
    text = FULL.replace("timeout: 5", "proxy: ${env.PROXY}")
    kobo = read(text, env={}, offline=True).connections["kobo"]
    assert kobo.settings == {"api_key": Secret(""), "tier": "professional", "update_method": "PUT"}
    assert kobo.proxy is None


def test_environments_that_are_not_chosen_need_nothing(read: Reader) -> None:
    """Only what applies is filled."""
    text = FULL.replace('base_url: "https://staging.example"', 'api_key: "${env.STAGING_KEY}"')
    assert read(text).environment is None
    (line,) = told(read(text, "staging").connections["kobo"].missing)
    assert line.startswith('23:33 providers.kobo.api_key: the environment variable "STAGING_KEY"')


def test_everything_wrong_is_told_at_once(read: Reader) -> None:
    """Unknown keys, wrong types, wrong names and wrong references, in the order of the file."""
    text = (
        "name: acme\nmanifests: ../x\nprovidrs: {}\nproviders:\n  Kobo:\n    type: kobo\n"
        "  kobiks:\n    type: kobiks\n    email: a\n    pasword: b\n    timeout: 0\n"
        "guard: {max_delete_percent: 300}\nexclusive: [kobo]\nvariables: {1a: x}\n"
    )
    assert [line.partition(" → ")[0] for line in refused(read, text)] == [
        '3:1 there is no field "providrs"',
        '5:3 "Kobo" is not a valid name',
        f'6:11 providers.Kobo.type must be one of {", ".join(PROVIDERS)}, is "kobo"',
        '7:3 "password" is missing in providers.kobiks',
        '10:5 there is no field "pasword" in providers.kobiks',
        "11:14 providers.kobiks.timeout must be more than 0, is 0",
        "12:29 guard.max_delete_percent must be at most 100, is 300",
        '13:13 exclusive[0] has the wrong format, is "kobo"',
        '14:13 "1a" is not a valid name',
    ]


def test_what_only_the_values_show_is_told_together(read: Reader) -> None:
    """Folders, addresses and exclusive kinds that the schema cannot judge."""
    text = (
        FULL.replace("desired", "../x")
        .replace("127.0.0.1", "vendor.example")
        .replace("kobo/webhooks", "koboo/webhooks")
    )
    assert refused(read, text) == [
        '2:12 manifests must be a folder inside the workspace, is "../x" → '
        "Give a path relative to reconciler.yaml, without `..`.",
        "7:15 providers.kobo.base_url must use https; plain http is for this machine only "
        '(localhost, 127.0.0.1, [::1]), is "http://vendor.example:8800/" → ',
        '19:13 exclusive names the provider "koboo", which is not declared → Did you mean "kobo"?',
    ]


def test_a_manifests_folder_that_is_a_link_out_is_refused(read: Reader, tmp_path: Path) -> None:
    """A link does not get out either."""
    (tmp_path / "desired").symlink_to("/tmp")
    (line,) = refused(read, FULL)
    assert line.startswith("2:12 manifests must be a folder inside the workspace")


@pytest.mark.parametrize(
    "text",
    [
        FULL.replace("    timeout: 5", "    tier: ${env.KEY}"),
        FULL.replace("http://127.0.0.1:8800/", "ftp://${env.KEY}"),
        FULL.replace("http://127.0.0.1:8800/", "https://user:k-123@host"),
        FULL.replace("${env.KEY}", "[k-123]"),
        FULL.replace("${env.SFTP}", "[k-123]"),
        FULL.replace("${env.KEY}", "123123123").replace("name: acme", "name: 5"),
        FULL.replace("type: kobo-plm", "type: ${env.KEY}"),
        FULL.replace("guard: {max_deletes: 3}", "guard: ${env.KEY}"),
    ],
)
def test_no_message_holds_a_credential(read: Reader, text: str) -> None:
    """Whatever is wrong: values of the environment and of sensitive settings are not shown."""
    found = refused(read, text)
    assert found
    assert "k-123" not in str(found)
    assert "123123123" not in str(found)


def test_a_credential_with_a_line_break_is_told(read: Reader) -> None:
    """The usual accident with stored secrets is named before it becomes a strange refusal, and so
    is any other that no request can carry, wherever the credential stands."""
    for end in ("\n", "\r", "\0", "\x1b[2J", "\x9b", "\u2028", "\udcff"):
        (line,) = refused(read, FULL, env={**ENV, "KEY": f"k-123{end}"})
        assert line.startswith("6:14 providers.kobo.api_key: the environment variable")
        assert '"KEY" has a line break or a control character' in line
        assert "k-123" not in line
    kibo = '  kibo: {type: kibo, client_id: a, client_secret: b, tenant: "1\\r\\nX: y", site: 2}\n'
    (line,) = refused(read, FULL.replace("  kobiks:\n", f"{kibo}  kobiks:\n"))
    assert line.startswith("10:62 providers.kibo.tenant must not have a line break"), line
    (line,) = refused(read, FULL.replace("${env.KEY}", '"k-123\\nx"'))
    assert line.startswith("6:14 providers.kobo.api_key must not have a line break")
    assert "k-123" not in line


def test_a_key_that_no_header_can_carry_is_told(read: Reader) -> None:
    """It is said of the setting, without its value; a password is encoded and may have any."""
    (line,) = refused(
        read, FULL, env={**ENV, "KEY": "k-123\u20ac", "PASSWORD": "parola-\u20ac\u011f"}
    )
    assert line.startswith("6:14 providers.kobo.api_key must have letters only that an HTTP header")
    assert "k-123" not in line
    assert read(FULL, env={**ENV, "KEY": "k-123-\u00fc"})


def test_only_two_sorts_of_interpolation_exist(read: Reader) -> None:
    """Anything else in `${}` is told, with what is allowed."""
    text = FULL.replace("${env.KEY}", "${secret.sftp}").replace("${env.SFTP}", "${var.regoin}")
    first, second = refused(read, text)
    assert '"${secret.sftp}" cannot be used here → reconciler.yaml supports ${env.NAME}' in first
    assert 'there is no variable "regoin" → Did you mean "region"?' in second


def test_a_folder_without_the_file_says_what_to_do(tmp_path: Path) -> None:
    """And no folder above is searched."""
    (tmp_path / "reconciler.yaml").write_text(FULL)
    (tmp_path / "below").mkdir()
    with pytest.raises(Invalid) as caught:
        load(tmp_path / "below", None, ENV)
    (found,) = caught.value.diagnostics
    assert found.summary == (
        f"no reconciler.yaml in {tmp_path / 'below'}: run `reconciler init` or pass -C DIR"
    )


def test_the_other_spelling_is_read_but_never_both(tmp_path: Path) -> None:
    """`reconciler.yml` does as well; two files would be a guess."""
    (tmp_path / "reconciler.yml").write_text(FULL)
    assert load(tmp_path, None, ENV).name == "acme"
    (tmp_path / "reconciler.yaml").write_text(FULL)
    with pytest.raises(Invalid, match=r"reconciler\.yaml and reconciler\.yml"):
        load(tmp_path, None, ENV)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "must be one mapping, is null"),
        ("- a\n", "must be one mapping, is a list"),
        ("name: a\n---\nname: b\n", "must be one mapping, is 2 documents"),
        ("name: a\n", '"providers" is missing'),
        ("name: a\nproviders: 5\n", "providers must be a mapping, is a number (5)"),
        ("name: a\nproviders: {k: 5}\n", "providers.k must be a mapping, is a number (5)"),
        ("name: a\nproviders: {k: }\n", "providers.k must be a mapping, is null"),
        ("name: a\nproviders: {}\nenvironments: 5\n", "environments must be a mapping"),
        ("name: a\nproviders: {}\nvariables: 5\n", "variables must be a mapping"),
        ("name: a\nname: b\nproviders: {}\n", 'duplicate key "name"'),
    ],
)
def test_the_frame_of_the_file(read: Reader, text: str, what: str) -> None:
    """Files of another shape are told what shape is wanted."""
    assert what in refused(read, text, "live" if "environments" in text else None)[-1]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/v1",
        "http://localhost:8800",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:80",
    ],
)
def test_base_urls_that_are_fine(url: str) -> None:
    """https anywhere, http to this machine."""
    assert url_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "", "api.example.com", "//x", "ftp://x", "https://", "http://x", "http://127.0.0.1.x.y",
        "http://localhost.x.y", "http://0.0.0.0", "http://[::]", "http://2130706433",
        "https://u@x", "https://u:p@x", "https://x?", "https://x#", "https://x?a=b", "https://x y",
        "https://x\ty", "https://x\\@y", "https://x:99999", "https://[x", "HTTP://x",
        "https://x\u202e",
    ],
)  # fmt: skip
def test_base_urls_that_are_not(url: str) -> None:
    """No other scheme, no plain http to others, no credentials, query, fragment or tricks."""
    assert url_problem(url)


def test_the_schema_is_sound() -> None:
    """Draft 7, closed, described throughout, and with no word of ours that nobody knows."""
    jsonschema.Draft7Validator.check_schema(schema())
    ours = {word for word in WORDS if f'"{word}"' in json.dumps(schema())}
    assert ours == {"x-account", "x-header", "x-sensitive"}

    def walk(part: Any, path: str) -> None:
        if isinstance(part, dict):
            assert not ("$ref" in part and len(part) > 1), path
            for name, inner in part.get("properties", {}).items():
                assert "description" in inner or "$ref" in inner or "const" in inner, (path, name)
            if part.get("type") == "object" and "properties" in part and "allOf" not in part:
                assert part.get("additionalProperties") is False, path
            for name, inner in part.items():
                walk(inner, f"{path}/{name}")
        elif isinstance(part, list):
            for position, inner in enumerate(part):
                walk(inner, f"{path}/{position}")

    walk(schema(), "")


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_type_has_its_settings_and_the_common_ones(kind: str) -> None:
    """An account can be given what its vendor declares, what any vendor may have, and no more."""
    properties = schema()["definitions"][kind]["properties"]
    common = {"type", "base_url", "requests_per_minute", "share", "parallelism", "timeout", "proxy"}
    assert set(properties) == common | set(PROVIDERS[kind].settings)
