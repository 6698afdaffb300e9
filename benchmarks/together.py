"""`python -m benchmarks.together`: a plan of all vendors beside one of the same size at one vendor.

Prints what it measured; `--count N` takes so many objects of each vendor instead of 2,000.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from benchmarks.cases import NOTHING, PLAN, Case, forget, measure, vendor
from benchmarks.measure import RECONCILER, environment, middle, ratio, run
from reconciler.kinds import Verb
from reconciler.providers import PROVIDERS
from reconciler.sandbox import credentials

KINDS = {
    "kobo-plm": "suppliers",
    "kibo": "locations",
    "kobiks": "brands",
    "kibo-oms": "products",
    "inventora": "products",
}
"""The kind that stands for each vendor."""

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "kobo-plm": {"api_key": "${env.KOBO_API_KEY}"},
    "kibo": {
        "client_id": "${env.KIBO_CLIENT_ID}",
        "client_secret": "${env.KIBO_CLIENT_SECRET}",
        "tenant": 12345,
        "site": 67890,
        "master_catalog": 1,
        "catalog": 1,
    },
    "kobiks": {"email": "${env.KOBIKS_EMAIL}", "password": "${env.KOBIKS_PASSWORD}"},
    "kibo-oms": {
        "username": "${env.KIBO_OMS_USERNAME}",
        "password": "${env.KIBO_OMS_PASSWORD}",
        "manufacturer_id": 1,
        "catalog_id": 1,
        "currency": "USD",
        "locale": "en-US",
    },
    "inventora": {"api_key": "${env.INVENTORA_API_KEY}"},
}


@contextmanager
def vendors(count: int) -> Iterator[Mapping[str, str]]:
    """All vendors in a process of their own, with so many objects; gives their base URLs."""
    command = (*RECONCILER, "sandbox", "--port", "0", "--rate", "0", "--data", str(count))
    with subprocess.Popen(
        command, env={**environment(), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            urls: dict[str, str] = {}
            for line in process.stdout or ():
                if found := re.match(r"([\w-]+)\s+(http\S+)", line):
                    urls[found[1]] = found[2]
                if len(urls) == len(PROVIDERS):
                    break
            yield urls
        finally:
            process.terminate()


def workspace(folder: Path, urls: Mapping[str, str]) -> None:
    """Declare all objects of every vendor's kind as they are, and record them."""
    (folder / "manifests").mkdir(parents=True)
    common = {"requests_per_minute": 0}
    providers = {
        name: {"type": name, "base_url": urls[name], **common, **SETTINGS[name]}
        for name in PROVIDERS
    }
    document = {"name": "together", "providers": providers}
    (folder / "reconciler.yaml").write_text(json.dumps(document), "utf-8")
    for name, kind in KINDS.items():
        declared = PROVIDERS[name].kinds[kind]
        if declared.can(Verb.LIST):
            run((*RECONCILER, "import", "--kind", f"{name}/{kind}"), folder)
            continue
        parts = urlsplit(urls[name])
        with urlopen(f"{parts.scheme}://{parts.netloc}/_sandbox/state") as answer:
            objects = json.load(answer)[kind]
        (key,) = declared.natural_key
        bodies = {one[key]: {"name": one["name"]} for one in objects}
        text = json.dumps({"provider": name, kind: bodies}, ensure_ascii=False)
        (folder / "manifests" / f"{name}.yaml").write_text(text, "utf-8")
    run((*RECONCILER, "apply", "--auto-approve"), folder)


def main() -> None:
    """Measure both plans in turn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="objects of each vendor")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds after the warm-up")
    options = parser.parse_args()
    os.environ.update(credentials())
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        os.environ["BENCHMARK_FOLDER"] = name
        total = options.count * len(PROVIDERS)
        with vendors(options.count) as urls, vendor(folder / "one", total):
            workspace(folder / "all", urls)
            found = [
                Case("one vendor", PLAN, folder / "one" / "recorded", NOTHING, forget),
                Case("all vendors", PLAN, folder / "all", NOTHING, forget),
            ]
            measure(found, options.rounds)
    for case in found:
        one = middle(case.runs)
        print(f"{total:,} at {case.name}: {one.wall:.2f} s wall, {one.cpu:.2f} s CPU")
    times = ratio(found[1].runs, found[0].runs)
    print(f"CPU: {times:.2f} times as much (median of pairs)")


if __name__ == "__main__":
    main()
