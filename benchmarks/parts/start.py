"""What a command costs that has little to do."""

from __future__ import annotations

import os

from benchmarks import together
from benchmarks.cases import NOTHING, PLAN, Case, Options, forget, measure
from benchmarks.measure import PYTHON, RECONCILER, middle, ratio
from benchmarks.results import COLUMNS, Part, figures, table
from reconciler.providers import PROVIDERS
from reconciler.sandbox import credentials

EACH = 6
"""How many objects there are at each vendor."""


def measured(options: Options) -> Part:
    """Measure them in turn."""
    rounds, folder = options.times(15), options.folder / "all"
    os.environ.update(credentials())
    with together.vendors(EACH) as urls:
        together.workspace(folder, urls)
        helped = Case("--help", (*RECONCILER, "--help"), folder, "Usage:")
        python = Case("python", (PYTHON, "-c", "pass"), folder)
        validate = Case("validate", (*RECONCILER, "validate"), folder, "Success!", forget)
        plan = Case("plan", PLAN, folder, NOTHING, forget)
        again = Case("again", PLAN, folder, NOTHING)
        measure([python, helped, validate, plan, again], rounds)
    count = EACH * len(PROVIDERS)
    titles = (
        ("`python -c pass`", python),
        ("`--help`", helped),
        (f"`validate`, {count} objects", validate),
        (f"`plan`, {count} objects at {len(PROVIDERS)} vendors, nothing to do", plan),
        ("`plan`, again", again),
    )
    times = {figure: ratio(helped.runs, python.runs, figure) for figure in ("cpu", "wall")}
    return Part(
        f"Medians of n={rounds} whole processes after a warm-up; nothing is kept from earlier runs "
        "but where it says again.",
        table(COLUMNS, ((title, *figures(middle(case.runs))) for title, case in titles)),
        [
            f"`--help` beside `python -c pass`: CPU {times['cpu']:.1f} times, wall "
            f"{times['wall']:.1f} times."
        ],
    )
