"""Choose what a run is about: the objects, kinds and providers that its options leave in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from reconciler import planner
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger import State
from reconciler.model import Address, Manifests, Owned, Resource, Scope
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, printable


def providers_needed(
    project: Project, options: PlanOptions, manifests: Manifests, state: State
) -> tuple[str, ...]:
    """The names of the providers that must be read to make a plan."""
    resources, owned = scoped(project, options, manifests, state)
    open_intents = () if options.narrow else state.open_intents
    begun = (i.address for i in open_intents if options.is_about(i.address))
    scopes = planner.scopes_needed(
        project.resource_types, resources, (*owned, *begun), exclusive_kinds(project, options)
    )
    return tuple(dict.fromkeys(scope.provider for scope in scopes))


def scoped(
    project: Project, options: PlanOptions, manifests: Manifests, state: State
) -> tuple[tuple[Resource, ...], Mapping[Address, Owned]]:
    """The declared and owned objects of the kinds that matter: all, or those of the targets and
    what they refer to, so that a narrow run reads little. Those of a provider of which everything
    is excluded do not matter."""
    addresses = [*(resource.address for resource in manifests.resources), *state.owned]
    if options.revert:
        addresses += [intent.address for intent in state.open_intents]
    if not options.targets and not options.excludes:
        return manifests.resources, state.owned
    hit = {a.scope for a in addresses if not options.targets or covers(options.targets, a)}
    providers = {address.provider for address in addresses if options.is_about(address)}
    types = project.resource_types
    # What must be written before them, though they do not refer to it: a price before stock.
    before = {
        Scope(scope.provider, first.kind)
        for scope in hit
        if types.knows(scope)
        for first in types.of(scope).kind.after
    }
    scopes = planner.scopes_needed(types, (), (), hit | before)
    wanted = {scope for scope in scopes if scope.provider in providers}
    return (
        tuple(r for r in manifests.resources if r.address.scope in wanted),
        {a: row for a, row in state.owned.items() if a.scope in wanted},
    )


def check_names(project: Project, options: PlanOptions, manifests: Manifests, state: State) -> None:
    """Raise Invalid for targets and excludes that nothing declared or owned has."""
    addresses = [*(resource.address for resource in manifests.resources), *state.owned]
    unknown = [
        _unknown_name(option, name, addresses)
        for option, names in (("--target", options.targets), ("--exclude", options.excludes))
        for name in names
        if not any(covers([name], address) for address in addresses)
        and not (option == "--exclude" and _is_kind(project, name))
    ]
    if unknown:
        raise Invalid(*unknown)


def _is_kind(project: Project, name: str) -> bool:
    """Whether a name on the command line is that of a provider or a kind, of which nothing may be
    declared."""
    return any(covers([name], scope.address("")) for scope in project.resource_types.scopes())


def _unknown_name(option: str, name: str, addresses: Iterable[Address]) -> Diagnostic:
    """The finding for a name on the command line that no address has."""
    names = {part for a in addresses for part in (a.provider, str(a.scope), str(a))}
    hint = did_you_mean(name, names)
    return Diagnostic(
        f"{option} {printable(name)}: nothing declared or owned has this address",
        f"{hint if hint.startswith('Did') else ''} Write provider, provider/kind or "
        "provider/kind/key. The manifests and `reconciler state list` show the "
        "addresses.".lstrip(),
    )


def kinds_named(
    known: Collection[Scope],
    names: Sequence[str],
    problem: str = "no provider of this workspace has this kind",
    why: Callable[[str], str] = lambda _name: "",
) -> tuple[Scope, ...]:
    """Those of the known kinds that `--kind` names, given as `kind` or `provider/kind`; all of them
    where nothing is named. Raises Invalid for a name that is none of theirs, with the `problem` and
    with `why` that is so."""
    valid = {*map(str, known), *(scope.kind for scope in known)}
    for name in names:
        if name not in valid:
            hint = why(name) or did_you_mean(name, valid)
            raise Invalid(Diagnostic(f"--kind {printable(name)}: {problem}", hint))
    return tuple(s for s in known if not names or s.kind in names or str(s) in names)


def why_not_managed(project: Project, kind: str) -> str:
    """Why the providers have no such kind, given as `kind` or `provider/kind`."""
    wanted, _, name = kind.rpartition("/")
    return " ".join(
        f"{own_name}: {why}"
        for own_name, provider in project.resource_types.providers.items()
        if wanted in ("", own_name) and (why := provider.why_not_managed(name))
    )


def exclusive_kinds(project: Project, options: PlanOptions) -> frozenset[Scope]:
    """The kinds of which the run destroys what is not declared."""
    if options.revert or options.put_back:
        return frozenset()
    exclusive = project.config.exclusive
    if options.targets:
        exclusive = frozenset(s for s in exclusive if covers(options.targets, s.address("")))
    return frozenset(scope for scope in exclusive if not options.leaves_out(scope))
