"""Terraform with a small provider of ours, beside the tool, at vendors of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import data, hcl
from benchmarks.cases import (
    APPLY,
    FEW,
    MANY,
    NOTHING,
    PLAN,
    Case,
    Options,
    clear_journal,
    forget,
    journal,
    measure,
    vendor,
)
from benchmarks.measure import middle, ratio, sandbox
from benchmarks.results import COLUMNS, Part, figures, table

RATIOS = ("CPU, ours beside it", "wall, ours beside it")
UNCHANGED = "No changes. Your infrastructure matches the configuration."
Rows = list[tuple[str, ...]]


def measured(options: Options) -> Part:
    """Measure few suppliers in pairs, and many once."""
    tool = hcl.installed(options.folder)
    few, many = (100, FEW) if options.quick else (FEW, MANY)
    rounds = options.times(3)
    rows = [
        *unchanged(tool, options.folder / "few", few, rounds, (0, few // 100)),
        *created(tool, options.folder / "created", few),
        *unchanged(tool, options.folder / "many", many, 1, (0,)),
    ]
    return Part(
        f"Medians of n={rounds} whole processes after a warm-up for {few:,} suppliers of which "
        f"none or few change; n=1 for creates and for {many:,}. The provider is "
        "`benchmarks/terraform`; Terraform's state was written as it would have it. Nothing that "
        "earlier runs of ours have kept is used.",
        table((*COLUMNS, "requests", *RATIOS), rows),
        versions=tool.versions,
    )


def unchanged(
    tool: hcl.Terraform, folder: Path, count: int, rounds: int, changes: Sequence[int]
) -> Rows:
    """The rows of the plans of suppliers that are all recorded, for each number of changes."""
    rows: Rows = []
    with vendor(folder, count) as ours, sandbox(str(count)) as theirs:
        for edited in changes:
            declared = folder / f"terraform-{edited}"
            hcl.configuration(declared, theirs, count, edited)
            hcl.state(declared, tool, count)
            data.edit(folder / "recorded", edited, hcl.OTHER_PHONE)
            what = f"{edited:,} of {count:,} to change" if edited else f"{count:,}, nothing to do"
            says = f"0 to add, {edited} to change" if edited else ""
            pair = (
                tool.case(f"`terraform plan`, {what}", "plan", declared, says or UNCHANGED),
                Case(f"`plan`, {what}", PLAN, folder / "recorded", says or NOTHING, forget),
            )
            rows += compared(pair, (theirs, ours), rounds)
    return rows


def created(tool: hcl.Terraform, folder: Path, count: int) -> Rows:
    """The rows of the applies that create so many suppliers."""
    says = f"Resources: {count} added"
    with sandbox("empty") as ours, sandbox("empty") as theirs:
        hcl.configuration(folder / "theirs", theirs, count)
        data.workspace(folder / "ours", ours, count)
        pair = (
            tool.case(f"`terraform apply`, {count:,} to create", "apply", folder / "theirs", says),
            Case(f"`apply`, {count:,} to create", APPLY, folder / "ours", says),
        )
        return compared(pair, (theirs, ours), 1)


def compared(pair: tuple[Case, Case], vendors: Sequence[str], rounds: int) -> Rows:
    """Run both in turn, each at its own vendor, of which the base URLs are given; several rounds
    after a warm-up, one round without."""
    for base_url in vendors:
        clear_journal(base_url)
    measure(pair, rounds, warm=rounds > 1)
    runs = rounds + (rounds > 1)
    sent = [f"{len(journal(base_url)) // runs:,}" for base_url in vendors]
    theirs, ours = pair
    beside = [f"{ratio(ours.runs, theirs.runs, figure):.3f}" for figure in ("cpu", "wall")]
    return [
        (theirs.name, *figures(middle(theirs.runs)), sent[0], "", ""),
        (f"**{ours.name}**", *figures(middle(ours.runs)), sent[1], *beside),
    ]
