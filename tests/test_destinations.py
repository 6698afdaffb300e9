"""Where credentials may go: what the repository says is not enough to have them sent anywhere."""

from __future__ import annotations

import json
import os
import random
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import idna
import pytest

from reconciler.app.workspace import Workspace as Api
from reconciler.errors import Refused, VendorError
from reconciler.http.base_url import url_problem
from reconciler.http.destinations import destination, host_pattern, may_have_credentials
from reconciler.http.tenancy import Hosts
from reconciler.http.transport import NoResponse, Transport
from reconciler.model import Connection
from reconciler.providers import PROVIDERS

from .servers import Seen, serving
from .thief import Thief, thieving

KEY = "sandbox-kobo-key"
MANIFEST = "provider: kobo\nsuppliers: {S-1: {name: Anadolu}}\n"
ELSEWHERE = [
    "https://thief.example", "https://thief.example/api/v1", "https://thief.example:443",
    "https://thief.example:8443", "https://THIEF.example", "https://thief.example.",
    "https://api.kobolabs.io.thief.example", "https://kobolabs.io", "https://x.api.kobolabs.io",
    "https://api.kobolabs.io:8443", "https://api.kobolabs.io:80", "https://api-kobolabs.io",
    "https://api.k\u043ebolabs.io", "https://api.kobolabs.\u0456o", "https://xn--api-x.example",
    "https://api.inventora.com", "https://home.mozu.com", "https://127.0.0.1.nip.example",
    "https://localhost.thief.example", "https://localhost.", "https://foo.localhost",
    "https://localhos\u0442", "https://0.0.0.0", "https://[::]", "https://0x7f000001",
    "https://0x7f.0.0.0x1", "https://[::ffff:127.0.0.1]", "https://[::ffff:10.0.0.1]",
    "https://10.0.0.1", "https://192.168.1.1:8443", "https://169.254.169.254",
    "https://metadata.google.internal", "https://[fe80::1]", "https://[::1%25eth0]",
]  # fmt: skip
UNUSABLE = [
    "http://thief.example", "http://thief.example:8800", "http://0.0.0.0", "http://[::]",
    "http://2130706433", "https://2130706433", "https://127.1", "https://0177.0.0.1",
    "http://0x7f000001", "http://localhost.thief.example", "http://[::ffff:127.0.0.1]",
    "https://api.kobolabs.io@thief.example", "https://api.kobolabs.io:443@thief.example",
    "https://thief.example\\@api.kobolabs.io", "https://thief.example\\.kobolabs.io",
    "https://api.kobolabs.io%2ethief.example", "https://api.kobolabs.io\uff0ethief.example",
    "https://api.kobolabs.io\u3002thief.example", "https://thief.example#@api.kobolabs.io",
    "https://[::1].thief.example", "https://thief.example[::1]:443", "http://[::1]thief.example:80",
    "https://[127.0.0.1].thief.example", "https://[::1]:443.thief.example", "https://x[::1",
    "https://thief.example?@api.kobolabs.io", "https://thief.example\t", "//thief.example",
    "file:///etc/passwd", "gopher://thief.example", "https:thief.example", "https:///x",
]  # fmt: skip
PIECES = [
    "https://", "http://", "//", "/", "\\", "@", ":", "?", "#", ".", "-", "[", "]", "%2e", "%00",
    "api.kobolabs.io", "thief.example", "localhost", "127.0.0.1", "::1", "0x7f", "2130706433",
    "443", "80", "65536", "\u3002", "\uff0e", "\u017f", "\u212a", "\u043e", "\u2488", "\u00df",
    "\u00ad", "K", "\t", " ", "&", "=", "_", "*", ";",
]  # fmt: skip
COMMANDS = [
    ("plan",), ("apply", "--auto-approve"), ("drift",), ("import", "--all"), ("doctor",),
    ("adopt", "kobo/suppliers/S-1"), ("plan", "--destroy"), ("plan", "--refresh-only"),
    ("state", "account", "kobo"),
]  # fmt: skip


@pytest.fixture
def thief() -> Iterator[Thief]:
    """Every host elsewhere is one that keeps what it is sent."""
    with thieving() as one:
        yield one


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's own settings, which does not exist yet."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


def account(workspace: Any, **settings: str) -> Any:
    """A workspace with one account that has these settings."""
    own = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", **settings}
    return workspace(MANIFEST, providers={"kobo": own})


def nothing_left(thief: Thief, shown: Any) -> None:
    """No other host was asked for, and the key is in no output."""
    assert thief.asked == set()
    assert thief.received == []
    assert KEY not in shown.out + shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("url", ELSEWHERE)
def test_another_host_is_refused_before_anything_is_sent(
    workspace: Any, thief: Thief, url: str
) -> None:
    """The refusal names the host, the provider, the place, and the three ways out."""
    here = account(workspace, base_url=url)
    shown = here.run("plan")
    assert shown.code == 3, shown
    assert "providers.kobo.base_url: the credentials must not go to " in shown.err
    assert "at reconciler.yaml:1:" in shown.err
    assert "Remove base_url to use api.kobolabs.io" in shown.err
    assert "export RECONCILER_ALLOWED_HOSTS=" in shown.err
    assert "reconciler providers trust " in shown.err
    nothing_left(thief, shown)


@pytest.mark.parametrize("url", UNUSABLE)
def test_an_address_that_hides_its_host_is_an_error(
    workspace: Any, thief: Thief, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http, other schemes, users and other ways of writing numbers, approved or not."""
    assert url_problem(url)
    for hosts in ("", "thief.example,0x7f000001,[::ffff:127.0.0.1],0.0.0.0"):
        monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", hosts)
        shown = account(workspace, base_url=url).run("plan")
        assert shown.code == 1, shown
        nothing_left(thief, shown)


def test_the_host_that_is_judged_is_the_host_that_is_asked() -> None:
    """Two readers take URLs apart, ours and that of the transport: where both find a host they find
    the same one at the same port, whatever the URL is made of."""
    dice = random.Random(0)
    both = 0
    for _ in range(100_000):
        first = "https://" if dice.random() < 0.7 else dice.choice(PIECES)
        url = first + "".join(dice.choices(PIECES, k=dice.randint(1, 6)))
        if url_problem(url):
            continue
        place = destination(url)
        try:
            asked = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            continue  # nothing is sent
        both += 1
        host = place.host.encode() if place.host.isascii() else idna.encode(place.host)
        assert (asked.scheme, asked.raw_host) == (url.partition(":")[0], host), url
        assert (asked.port or {"https": 443, "http": 80}[asked.scheme]) == place.port, url
    assert both > 1000


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_sends_a_credential_elsewhere(
    workspace: Any, thief: Thief, command: tuple[str, ...]
) -> None:
    """Whatever it is that would contact the vendor."""
    here = account(workspace, base_url="https://thief.example")
    shown = here.run(*command)
    assert shown.code == 3, shown
    assert "must not go to thief.example" in " ".join(f"{shown.out} {shown.err}".split())
    nothing_left(thief, shown)
    files = [path for path in here.root.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_validation_with_the_vendors_is_refused_too(workspace: Any, thief: Thief) -> None:
    """It says so among its findings; without the vendors there is nothing to refuse."""
    here = account(workspace, base_url="https://thief.example")
    assert here.run("validate").code == 0
    shown = here.run("validate", "--online")
    assert shown.code == 1
    assert "must not go to thief.example" in shown.err
    nothing_left(thief, shown)


def test_a_refusal_is_read_by_programs(workspace: Any, thief: Thief) -> None:
    """Who asked for JSON gets it."""
    here = account(workspace, base_url="https://thief.example")
    shown = here.run("plan", "--format", "json")
    (finding,) = shown.json["diagnostics"]
    assert finding["summary"].startswith("providers.kobo.base_url: the credentials must not go")
    assert shown.code == 3


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ("a variable", {"variables": {"host": "thief.example"}}),
        ("an environment", {"environments": {"live": {}}}),
    ],
)
def test_the_address_counts_as_it_is_filled(
    workspace: Any, thief: Thief, written: str, settings: dict[str, Any]
) -> None:
    """A variable or an environment gives no other address than the file itself could."""
    kobo = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}"}
    words = ["plan"]
    if "variables" in settings:
        kobo["base_url"] = "https://${var.host}"
    else:
        settings["environments"]["live"] = {
            "providers": {"kobo": {"base_url": "https://thief.example"}}
        }
        words = ["--env", "live", "plan"]
    here = workspace(MANIFEST, providers={"kobo": kobo}, **settings)
    shown = here.run(*words)
    assert (shown.code, "must not go to thief.example" in shown.err) == (3, True), shown
    nothing_left(thief, shown)


def test_a_credential_in_the_file_is_not_sent_elsewhere_either(
    workspace: Any, thief: Thief
) -> None:
    """The rule is about hosts and not about where the credential was written."""
    here = account(workspace, base_url="https://thief.example", api_key="a-key-in-the-file")
    shown = here.run("plan")
    assert shown.code == 3
    nothing_left(thief, shown)


def test_only_who_contacts_the_provider_is_refused(workspace: Any, thief: Thief) -> None:
    """A plan of the other providers is made."""
    here = workspace(f"{MANIFEST}---\nprovider: inventora\nlocations: {{L: {{name: L}}}}\n")
    inventora = {
        "type": "inventora",
        "api_key": "${env.INVENTORA_API_KEY}",
        "base_url": here.sandbox.urls["inventora"],
    }
    kobo = {
        "type": "kobo-plm",
        "api_key": "${env.KOBO_API_KEY}",
        "base_url": "https://thief.example",
    }
    here.configure(providers={"inventora": inventora, "kobo": kobo})
    assert here.run("plan", "--target", "inventora").code == 0
    shown = here.run("plan")
    assert shown.code == 3
    nothing_left(thief, shown)


class Watched(dict[str, str]):
    """Environment variables that remember which of them were asked for."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.seen: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """The value, and a note that it was asked for."""
        self.seen.add(name)
        return super().get(name, default)

    __getitem__ = get


def test_a_variable_that_would_go_elsewhere_is_not_even_read(workspace: Any, thief: Thief) -> None:
    """Those of other accounts are."""
    here = account(workspace, base_url="https://thief.example")
    accounts = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))["providers"]
    inventora = {"type": "inventora", "api_key": "${env.INVENTORA_API_KEY}"}
    here.configure(providers={**accounts, "inventora": inventora})
    variables = Watched(os.environ)
    with pytest.raises(Refused, match=r"must not go to thief\.example"):
        Api.open(here.root, variables=variables).plan()
    assert "INVENTORA_API_KEY" in variables.seen
    assert "KOBO_API_KEY" not in variables.seen
    assert thief.asked == set()


def test_the_vendor_itself_needs_no_approval(workspace: Any, thief: Thief) -> None:
    """Without a base URL, and with the vendor's own."""
    here = account(workspace)
    for url in ("", "https://api.kobolabs.io/api/v1", "https://API.kobolabs.io:443/api/v1/"):
        if url:
            here = account(workspace, base_url=url)
        shown = here.run("plan")
        assert shown.code == 1, shown
        assert thief.asked == {"api.kobolabs.io"}


@pytest.mark.parametrize(
    ("allowed", "url", "passes"),
    [
        ("vendor.example", "https://vendor.example/api", True),
        ("vendor.example", "https://VENDOR.example:8443", True),
        ("other.example , vendor.example,", "https://vendor.example", True),
        ("VENDOR.Example", "https://vendor.example.", True),
        ("vendor.example:8443", "https://vendor.example:8443", True),
        ("vendor.example:443", "https://vendor.example", True),
        ("vendor.example:8443", "https://vendor.example", False),
        ("vendor.example", "https://x.vendor.example", False),
        ("*.vendor.example", "https://x.vendor.example", True),
        ("*.vendor.example", "https://y.x.vendor.example:1", True),
        ("*.vendor.example:443", "https://x.vendor.example", True),
        ("*.vendor.example:443", "https://x.vendor.example:444", False),
        ("*.vendor.example", "https://vendor.example", False),
        ("*.vendor.example", "https://xvendor.example", False),
        ("*.vendor.example", "https://vendor.example.thief.example", False),
        ("vendor.example", "https://vendor.example.thief.example", False),
        ("10.0.0.5", "https://10.0.0.5:8443", True),
        ("10.0.0.5", "https://[::ffff:10.0.0.5]", False),
        ("[fd00::5]:8443", "https://[fd00:0::5]:8443", True),
        ("m\u00fcller.example", "https://m\u00fcller.example", True),
        ("stra\u00dfe.example", "https://strasse.example", False),
        ("strasse.example", "https://stra\u00dfe.example", False),
        ("vendor.example", "https://v\u0435ndor.example", False),
    ],
)
def test_hosts_are_approved_outside_the_workspace(
    workspace: Any,
    thief: Thief,
    monkeypatch: pytest.MonkeyPatch,
    allowed: str,
    url: str,
    passes: bool,
) -> None:
    """Exactly those that the environment names, with or without a port, and those below a domain:
    an approved host is asked, another is refused."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", allowed)
    shown = account(workspace, base_url=url).run("plan")
    assert (shown.code, bool(thief.asked)) == ((1, True) if passes else (3, False)), shown
    assert KEY not in shown.out + shown.err


@pytest.mark.parametrize(
    "text",
    [
        "*", "*.*", "*.com", "*.10.0.0.1", "https://vendor.example", "vendor.example/api", "a b",
        "u@vendor.example", "vendor.*.example", "*vendor.example", "vendor.example:", "vendor:x",
        "vendor.example:99999", "1.2.3", "[::1].vendor.example", "x[::1]", "x.example[::1]:443",
        "-", "\x1b[31m", "*.",
    ],
)  # fmt: skip
def test_an_approval_that_means_no_host_is_an_error(
    workspace: Any, thief: Thief, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Neither everything nor nothing is guessed from it."""
    with pytest.raises(ValueError, match="must"):
        host_pattern(text)
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", f"vendor.example,{text}")
    shown = account(workspace, base_url="https://vendor.example").run("plan")
    assert shown.code == 1
    assert "RECONCILER_ALLOWED_HOSTS: " in shown.err
    assert "\x1b" not in shown.err
    nothing_left(thief, shown)


def test_a_host_is_trusted_by_a_user(workspace: Any, thief: Thief, settings: Path) -> None:
    """`providers trust` remembers it in a file that only the user can read, until it is removed."""
    here = account(workspace, base_url="https://vendor.example:8443/api")
    assert here.run("plan").code == 3
    assert here.run("providers", "trust", "vendor.example:8443", "*.corp.example").code == 0
    assert here.run("providers", "trust", "vendor.example:8443").code == 0
    listed = here.run("providers", "trust", "--list")
    assert listed.out == "vendor.example:8443\n*.corp.example\n"
    assert thief.asked == set()
    shown = here.run("plan")
    assert (shown.code, thief.asked) == (1, {"vendor.example"}), shown
    file = settings / "reconciler" / "trusted-hosts"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)] == [0o700, 0o600]
    assert here.run("providers", "trust", "--remove", "vendor.example:8443").code == 0
    assert here.run("plan").code == 3
    assert here.run("providers", "trust", "--list").out == "*.corp.example\n"


@pytest.mark.parametrize(
    "words",
    [
        (), ("--remove",), ("https://vendor.example",), ("*",), ("vendor.example", "*.com"),
        ("--remove", "vendor.example"), ("a b",), ("",),
    ],
)  # fmt: skip
def test_what_is_no_host_is_not_trusted(
    workspace: Any, settings: Path, words: tuple[str, ...]
) -> None:
    """It is an error, and nothing is written."""
    shown = workspace().run("providers", "trust", *words)
    assert (shown.code, shown.out) == (1, ""), shown
    assert not settings.exists()


def test_a_list_that_others_could_write_is_not_used(
    workspace: Any, thief: Thief, settings: Path
) -> None:
    """Nor is one in a folder of theirs, nor what is no list of hosts."""
    here = account(workspace, base_url="https://vendor.example")
    file = settings / "reconciler" / "trusted-hosts"
    here.run("providers", "trust", "vendor.example")
    for path, mode in ((file, 0o666), (file.parent, 0o777)):
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        shown = here.run("plan")
        assert (shown.code, "others can write to" in shown.err) == (1, True), shown
        path.chmod(before)
    for data in (b"vendor.example\n*\n", b"https://vendor.example\n", b"\xff\n"):
        file.write_bytes(data)
        assert here.run("plan").code == 1
    assert thief.asked == set()


@pytest.mark.parametrize("where", ["", "config", ".config", "../config"])
def test_a_list_in_the_repository_is_not_used(
    workspace: Any, thief: Thief, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Not where the user's folder is in the workspace, nor beside it in the same repository, nor
    where its path is relative, which would be one in the repository too."""
    here = account(workspace, base_url="https://vendor.example")
    (here.root.parent / ".git").mkdir()
    folder = here.root / where / "reconciler"
    folder.mkdir(0o700, parents=True)
    (folder / "trusted-hosts").write_text("vendor.example\n")
    (folder / "trusted-hosts").chmod(0o600)
    for base in (str(folder.parent), where or "."):
        monkeypatch.setenv("XDG_CONFIG_HOME", base)
        monkeypatch.setenv("HOME", str(here.root))
        assert here.run("plan").code == 3
    assert here.run("providers", "trust", "x.example").code == 1
    assert (folder / "trusted-hosts").read_text() == "vendor.example\n"
    assert thief.asked == set()


def test_an_approval_by_variable_needs_no_list(
    workspace: Any, thief: Thief, monkeypatch: pytest.MonkeyPatch, settings: Path
) -> None:
    """Also where the user's folder belongs to somebody else, as in many containers."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "vendor.example")
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", "a key that is long enough")
    settings.mkdir()
    (settings / "reconciler").mkdir(0o777)
    (settings / "reconciler").chmod(0o777)
    account(workspace, base_url="https://vendor.example").run("plan")
    assert thief.asked == {"vendor.example"}


@pytest.mark.parametrize(
    "proxy", ["http://thief.example:3128", "https://thief.example", "http://0.0.0.0:3128"]
)
@pytest.mark.parametrize("from_environment", [False, True])
def test_a_proxy_needs_approval_as_well(
    workspace: Any,
    thief: Thief,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    from_environment: bool,
) -> None:
    """It sees the host, may be given a password, and could answer in the vendor's place."""
    if from_environment:
        user, host = "ayse:gizli-parola@", "${env.PROXY}"
        monkeypatch.setenv("PROXY", proxy.replace("://", f"://{user}"))
    else:
        host = proxy
    shown = account(workspace, proxy=host).run("plan")
    assert shown.code == 3, shown
    assert "providers.kobo.proxy: requests must not go through " in shown.err
    assert ("thief.example" in shown.err) == (not from_environment and "thief" in proxy)
    assert "gizli-parola" not in shown.err
    nothing_left(thief, shown)


def test_an_approved_proxy_is_used(
    workspace: Any, thief: Thief, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is sent goes to it, and the credentials are inside TLS."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "proxy.example:3128")
    shown = account(workspace, proxy="http://proxy.example:3128").run("plan")
    assert shown.code == 1
    assert thief.asked == {"proxy.example"}
    assert all(data.startswith(b"CONNECT api.kobolabs.io:443 ") for data in thief.received)


def test_a_proxy_elsewhere_does_not_read_what_is_for_this_machine(
    workspace: Any, thief: Thief, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http to this machine stays on this machine, with an approved proxy too."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "proxy.example")
    settings = {"base_url": sandbox.urls["kobo-plm"], "proxy": "http://proxy.example:3128"}
    shown = account(workspace, **settings).run("plan")
    assert shown.code == 1
    assert "providers.kobo.proxy must be on this machine" in shown.err
    nothing_left(thief, shown)


def tenant_host(base_url: str, domain: object) -> str:
    """The URL in front of a path at the tenant, where the vendor says that it is at `domain`."""
    settings = {"tenant": 12345}
    hosts = Hosts(base_url, PROVIDERS["kibo"].tenancy, Connection("kibo", "kibo", settings))
    return hosts.base("/commerce/x", lambda _: {"domain": domain})


def test_a_tenant_is_reached_over_https_at_the_vendor() -> None:
    """Also where base_url is an approved host of somebody else."""
    for base_url in ("https://home.mozu.com/api", "https://kibo.corp.example:8443/api"):
        domain = "t12345-s1.sandbox.mozu.com"
        assert tenant_host(base_url, domain) == f"https://{domain}/api"


@pytest.mark.parametrize(
    "domain",
    [
        "thief.example", "mozu.com", "xmozu.com", "t1.mozu.com.thief.example", "t1.mozu.com:80",
        "t1.mozu.com.", "thief.example/.mozu.com", "thief.example#.mozu.com",
        "thief.example\\.mozu.com", "thief.example?.mozu.com", "u@t1.mozu.com", " .mozu.com",
        "thief.example\n.mozu.com", "..mozu.com", "127.0.0.1", "localhost", "", None, 5, ["a"],
    ],
)  # fmt: skip
def test_a_tenant_is_nowhere_else(domain: object) -> None:
    """A host that only looks like one of the vendor's is an error."""
    with pytest.raises(VendorError):
        tenant_host("https://home.mozu.com/api", domain)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8801/api", "https://localhost/api"])
def test_a_tenant_of_a_vendor_on_this_machine_is_on_this_machine(base_url: str) -> None:
    """Its token does not go to the vendor's hosts, let alone in clear text."""
    with pytest.raises(VendorError, match="not on this machine"):
        tenant_host(base_url, "t12345.sandbox.mozu.com")


@pytest.mark.parametrize(
    "url",
    [
        "http://thief.example/x", "http://home.mozu.com:80/x", "http://10.0.0.1/x",
        "http://localhost.thief.example/x", "http://0.0.0.0:8800/x", "http://[fd00::1]/x",
    ],
)  # fmt: skip
def test_nothing_goes_elsewhere_in_clear_text(thief: Thief, url: str) -> None:
    """The last that a request passes refuses it too, whoever made its URL."""
    transport = Transport(10, secure=False)
    with pytest.raises(NoResponse, match="this machine only") as refused:
        transport.send("GET", url, {"X-API-Key": KEY}, None)
    transport.close()
    assert (refused.value.not_sent, refused.value.permanent) == (True, True)
    assert thief.asked == set()


def test_the_vendors_own_hosts_are_those_of_their_documents() -> None:
    """What needs no approval, for each type; a retailer's own endpoint always needs one."""
    assert {name: provider.own_hosts for name, provider in PROVIDERS.items()} == {
        "kobo-plm": ("api.kobolabs.io",),
        "kibo": ("home.mozu.com", "home.euw1.kibocommerce.com"),
        "kobiks": ("kobiks.com",),
        "kibo-oms": (),
        "inventora": ("api.inventora.com",),
    }
    for provider in PROVIDERS.values():
        if provider.base_url:
            assert may_have_credentials(destination(provider.base_url), provider.own_hosts)


def test_a_login_answers_a_token_that_can_be_sent(workspace: Any, thief: Thief) -> None:
    """A token with a line break is one error, which does not show it."""
    token = "jeton-0123456789\\r\\nX-Evil: 1"

    def login(_: Seen) -> tuple[int, bytes]:
        return 200, f'{{"access_token": "{token}", "token": "{token}"}}'.encode()

    with serving(login) as server:
        kobiks = {
            "type": "kobiks",
            "email": "${env.KOBIKS_EMAIL}",
            "password": "${env.KOBIKS_PASSWORD}",
            "base_url": server.url,
        }
        here = workspace("provider: kobiks\nbrands: {B: {}}\n", providers={"kobiks": kobiks})
        shown = here.run("plan")
    assert (shown.code, shown.err.count("Error: ")) == (1, 1), shown
    assert "a token with a line break or a control character" in shown.err
    assert "jeton-0123456789" not in shown.out + shown.err
    assert "Traceback" not in shown.err
