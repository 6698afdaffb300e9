"""`--report FORMAT=FILE`: what a command shows, in more formats and in files, from one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from reconciler.cli.files import replaces_yaml
from reconciler.cli.job import folder_in_repository, job_link
from reconciler.cli.terminal import report, say_all
from reconciler.errors import Diagnostic, Invalid, ReconcilerError, how_to_install
from reconciler.frozen import frozen
from reconciler.report.context import Past, ReportContext, no_runs
from reconciler.report.formats import FORMATS, Format, formats_of
from reconciler.report.places import Result, findings_in_repository, in_repository
from reconciler.values.text import did_you_mean

if TYPE_CHECKING:
    from reconciler.app.workspace import Workspace
    from reconciler.ledger import Run

Command = TypeVar("Command", bound=Callable[..., Any])
AnyResult = TypeVar("AnyResult", bound=Result)
STDOUT = "-"
MOST_RUNS = 60
"""So many runs of the past a report may show."""


@frozen
class Report:
    """One report that the user asked for: the name of its format, and the file."""

    name: str
    file: str

    @property
    def format(self) -> Format:
        """The format, with the link to the job that makes the report."""
        return self.within(no_runs)

    def within(self, past: Past) -> Format:
        """The format, with the link to the job that makes the report, and what reads past runs."""
        return FORMATS[self.name].within(context(past))

    def write(self, lines: Iterable[str]) -> None:
        """Write the report; raises Invalid where that cannot be done."""
        from reconciler.app.files import append_to_file, write_file

        if self.file == STDOUT:
            say_all(lines, self.format.commands)
            return
        path = Path(self.file)
        text = "".join(f"{line}\n" for line in lines)
        hint = f"Name another file: --report {self.name}=FILE."
        if self.format.appends and path.exists():
            append_to_file(path, text.encode(), hint)
        else:
            write_file(path, text, 0o644, hint)


@frozen
class Reports:
    """All reports that the user asked for."""

    wanted: tuple[Report, ...]

    @property
    def unchanged(self) -> bool:
        """Whether one of them shows what stays as it is."""
        return any(each.format.unchanged for each in self.wanted)

    def save(self, result: Result, code: int, past: Past = no_runs) -> int:
        """Write every report of a result. The exit code of the command: `code`, or where a report
        cannot be written 1, unless that would hide what `code` says of the vendors."""
        lines = (
            (each, each.within(past).lines_of(located(each.format, result))) for each in self.wanted
        )
        return code if _write(lines) or code > 2 else 1

    @contextmanager
    def of_errors(self) -> Iterator[None]:
        """Write every report of the findings that end the command in the block, if any do: an old
        report must not be taken for one of this run."""
        try:
            yield
        except ReconcilerError as error:
            self.save_errors(error.diagnostics)
            raise

    def save_errors(self, findings: Sequence[Diagnostic]) -> None:
        """Write every report of findings that ended the command before it had a result."""
        folder = folder_in_repository(Path.cwd())
        placed = findings_in_repository(findings, folder) if folder else findings
        _write(
            (each, each.format.errors(placed if each.format.in_repository else findings))
            for each in self.wanted
        )

    def check_not(self, path: Path | None) -> None:
        """Raise a usage error where a report is to be written to this file too."""
        if path and any(Path(each.file).absolute() == path.absolute() for each in self.wanted):
            raise click.UsageError(f"{path} is named twice: give each report a file of its own.")


def report_option(result: str) -> Callable[[Command], Command]:
    """`--report`, with the formats that can show this kind of result; gives `Reports`."""
    names = formats_of(result)

    def read(_context: click.Context, _option: click.Parameter, words: Sequence[str]) -> Reports:
        reports = tuple(_report(word, names) for word in words)
        files = [each.file for each in reports if not each.format.appends]
        if twice := next((file for file in files if files.count(file) > 1), None):
            raise click.BadParameter(f"{twice} is named twice: give each report its own file.")
        return Reports(reports)

    return click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=read,
        help="Also write the result to a file, in a format of --format; several times if wished.",
    )


def located(format: Format, result: AnyResult) -> AnyResult:
    """The result with the paths of files as the format needs them."""
    if not format.in_repository:
        return result
    return cast(AnyResult, in_repository(result, folder_in_repository(Path.cwd())))


def show(format: Format, lines: Callable[[Format], Iterable[str]], past: Past = no_runs) -> None:
    """Print what `lines` makes of the format, with the link to the job in it."""
    say_all(lines(format.within(context(past))), format.commands)


def past_runs(workspace: Workspace) -> Past:
    """What reads the runs of the past from the ledger, where a format shows them; what cannot be
    read is not shown, as the result is about something else."""

    def read() -> Sequence[Run]:
        from reconciler.app.history import history

        try:
            return history(workspace.project, MOST_RUNS).runs
        except ReconcilerError:
            return ()

    return read


def check_installed(name: str) -> None:
    """Raise Invalid where a format needs what is not installed: before anything is done that the
    report would be about."""
    module = FORMATS[name].requires
    if module and find_spec(module) is None:
        summary = f"the format {name} needs {module}, which is not installed"
        raise Invalid(Diagnostic(summary, how_to_install(name)))


def context(past: Past) -> ReportContext:
    """Where and when this run makes its reports."""
    return ReportContext(job_link(os.environ), past=past)


def _report(word: str, names: Sequence[str]) -> Report:
    name, equals, file = word.partition("=")
    if not equals or not file:
        raise click.BadParameter(f"{word!r} is no FORMAT=FILE, such as {names[0]}=report.txt.")
    if name not in names:
        raise click.BadParameter(f"no format {name!r} here. {did_you_mean(name, names)}")
    check_installed(name)
    if file == STDOUT and not FORMATS[name].commands:
        raise click.BadParameter(f"{word!r}: stdout shows one result; use --format {name}.")
    if replaces_yaml(Path(file)):
        raise click.BadParameter(f"{word!r}: the report would replace a YAML file.")
    return Report(name, file)


def _write(reports: Iterable[tuple[Report, Iterable[str]]]) -> bool:
    """Write each report, and say of each that cannot be written why; whether all were written."""
    written = True
    for each, lines in reports:
        try:
            each.write(lines)
        except Invalid as error:
            report(error.diagnostics)
            written = False
    return written
