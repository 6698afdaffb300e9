"""The Python API: a workspace, with a method for each use case that reads or changes vendors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from reconciler.app.options import ApplyOptions, PlanOptions
from reconciler.app.project import Observer, Project, open_project
from reconciler.frozen import frozen
from reconciler.model import Applied, Drift, Health, Plan, Validation

if TYPE_CHECKING:
    from reconciler.app.accept import Accepted
    from reconciler.app.adopt import Adopted
    from reconciler.app.csv_import import CsvImport, CsvSource
    from reconciler.app.fmt import Formatting
    from reconciler.app.import_ import Import
    from reconciler.app.import_choice import ImportChoice

EVERYTHING = PlanOptions()


@frozen
class Workspace:
    """A folder with reconciler.yaml and manifests. Every method reads the manifests anew.

    The methods raise `reconciler.errors.ReconcilerError`s: Invalid for manifests with errors,
    LedgerError for a ledger that cannot be used, Refused for what a guard or a protection forbids.
    """

    project: Project

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str] = ".",
        environment: str | None = None,
        *,
        variables: Mapping[str, str] = os.environ,
        offline: bool = False,
        observer: Observer | None = None,
        stop: Event | None = None,
        lock_timeout: float = 0,
    ) -> Workspace:
        """Open the workspace in `folder`, with the settings of `environment` if one is named.

        Credentials and settings come from `variables`; with `offline` they may be missing, which
        is enough for `validate`. `observer` is told of every request and every wait. Once `stop` is
        set, reads and waits end with an error. Where another run holds the ledger's lock, it is
        waited for during `lock_timeout` seconds. Raises Invalid with every finding in
        reconciler.yaml.
        """
        return cls(
            open_project(
                Path(folder), environment, variables, offline, observer, stop, lock_timeout
            )
        )

    def validate(self, *, online: bool = False) -> Validation:
        """Check the manifests; with `online` also ask the vendors whether every reference names an
        object and whether values that only they know are valid."""
        from reconciler.app.validate import validate

        return validate(self.project, online)

    def plan(self, options: PlanOptions = EVERYTHING, *, whole: bool = True) -> Plan:
        """Compare the manifests with what is live. Nothing is written anywhere but in the cache.
        Unless the `whole` plan is wanted, it may lack the entries of what stays as it is, and costs
        little where nothing has changed since the last one."""
        from reconciler.app.goal import plan

        return plan(self.project, options, whole)

    def revert(self, run: str, options: PlanOptions = EVERYTHING) -> Plan:
        """The plan that undoes a run, given by its id, to be applied as any other. Nothing is
        written anywhere."""
        from reconciler.app.revert import plan_revert

        return plan_revert(self.project, replace(options, revert=run))

    def apply(
        self,
        plan: Plan | None = None,
        options: ApplyOptions | None = None,
        *,
        choice: PlanOptions = EVERYTHING,
    ) -> Applied:
        """Carry out a plan, or a new plan made with `choice` where none is given.

        Raises Refused, before anything is written, where the plan is stale, holds refusals or is
        not approved by `options.review`.
        """
        from reconciler.app.apply import apply

        return apply(self.project, plan, choice, options or ApplyOptions())

    def drift(self, options: PlanOptions = EVERYTHING) -> Drift:
        """Compare what is live with what was last applied. Nothing is written anywhere but in the
        cache. Of `options` the targets, the excludes and `full` count."""
        from reconciler.app.drift import drift

        return drift(self.project, options)

    def accept(self, *names: str, dry_run: bool = False) -> Accepted:
        """Write the live values of what drifted into the manifests: of these addresses, named as
        targets are, or of everything. With `dry_run` nothing is written."""
        from reconciler.app.accept import accept

        return accept(self.project, names, dry_run)

    def plan_put_back(self, *names: str, full: bool = False) -> Plan:
        """A plan that puts back what changed at the vendors since the last apply, and nothing else:
        for these addresses, named as targets are, or for everything. In `full` every list is read,
        whatever is kept of it."""
        return self.plan(PlanOptions(names, put_back=True, full=full))

    def import_(
        self, *kinds: str, dry_run: bool = False, choice: ImportChoice | None = None
    ) -> Import:
        """Write manifests for the live objects of these kinds that no manifest declares, and own
        them; of every kind if none is named. `choice` takes only some of the objects, or of their
        fields. With `dry_run` nothing is written."""
        from reconciler.app.import_ import import_
        from reconciler.app.import_choice import EVERYTHING

        return import_(self.project, kinds, dry_run, choice or EVERYTHING)

    def fmt(self, *paths: str | os.PathLike[str], check: bool = False) -> Formatting:
        """Write manifests and reconciler.yaml in canonical form, or only these files and folders;
        what they declare stays the same. With `check` nothing is written."""
        from reconciler.app.fmt import fmt

        return fmt(self.project, tuple(map(Path, paths)), check)

    def import_csv(self, kind: str, source: CsvSource, *, dry_run: bool = False) -> CsvImport:
        """Write manifests that declare the rows of a CSV file as objects of this kind, given as
        `kind` or `provider/kind`; no vendor is asked. With `dry_run` nothing is written."""
        from reconciler.app.csv_import import import_csv
        from reconciler.app.import_ import one_kind

        return import_csv(self.project, one_kind(self.project, kind), source, dry_run)

    def adopt(self, *addresses: str, id: str | None = None) -> Adopted:
        """Own the live objects of declared addresses, as they are; `id` names the object of a
        single address. A name may have wildcards. Nothing is written to a vendor."""
        from reconciler.app.adopt import adopt

        return adopt(self.project, addresses, id)

    def check_health(self, providers: Sequence[str] = ()) -> Health:
        """Check whether these providers, by default all, can be reached and read, and the ledger
        used. Nothing is written anywhere."""
        from reconciler.app.health import check

        return check(self.project, providers)
