"""`python -m benchmarks [PART…]`: measure, print, and put the results into `results.md`."""

from __future__ import annotations

import argparse
import os
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks.cases import Options
from benchmarks.results import Part, Skipped, section, write

PARTS = ("plan", "apply", "limits", "terraform", "memory", "start")
"""The modules of `benchmarks.parts`, in the order of `results.md`."""


def main() -> None:
    """Measure all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="measure little, write nothing")
    parser.add_argument("--rounds", type=int, help="measured rounds after the warm-up")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for name in options.parts or PARTS:
        print(f"measuring: {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            os.environ["BENCHMARK_FOLDER"] = folder
            part = _measured(name, Options(Path(folder), options.quick, options.rounds))
        print(section(name, part))
        if not options.quick:
            write(name, part, PARTS)


def _measured(name: str, options: Options) -> Part:
    """What a part measures, or why it cannot."""
    try:
        part: Part = import_module(f"benchmarks.parts.{name}").measured(options)
    except Skipped as reason:
        return Part("", [f"Not measured: {reason}."])
    return part


if __name__ == "__main__":
    main()
