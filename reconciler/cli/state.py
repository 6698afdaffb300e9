"""`state`: look at and correct what the workspace owns, and move the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.app.accounts import accept_account
from reconciler.app.files import cannot, write_file
from reconciler.app.state import (
    LONGEST,
    forget,
    list_owned,
    move,
    nearest_prefix,
    show_owned,
    unlock,
)
from reconciler.app.transfer import Transferred, migrate, pull, push
from reconciler.cli.arguments import HintingGroup
from reconciler.cli.options import (
    GlobalOptions,
    format_option,
    global_options,
    lock_timeout_option,
)
from reconciler.cli.terminal import harmless, note, say, say_all
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import read_file
from reconciler.ledger.file import LARGEST
from reconciler.report.formats import Format
from reconciler.values.text import counted, printable, shown


@click.group(cls=HintingGroup)
def command() -> None:
    """Look at and correct what this workspace owns, and move the ledger. No vendor is asked.

    A ledger that a team shares is read and written where it is, so that needs the network.

    \b
    reconciler state list kobo/webhooks
    reconciler state show kobo/webhooks/erp-sync
    reconciler state unlock
    """


@command.command("list")
@click.argument("prefix", metavar="[ADDRESS]", required=False)
@format_option("owned")
@global_options
def state_list(options: GlobalOptions, /, prefix: str | None, format: Format) -> int:
    """List the owned objects: address, id and whether each was created or adopted.

    ADDRESS may be a provider, provider/kind or more of an address.

    \b
    reconciler state list
    reconciler state list kobo/suppliers --format json
    """
    project = options.open(offline=True).project
    state = list_owned(project, prefix)
    say_all(format.owned(state))
    if not format.for_people:
        return 0
    if not state.owned:
        hint = nearest_prefix(project, prefix) if prefix else ""
        place = f"at {shown(prefix, LONGEST)}. {hint}" if hint else "yet."
        note(f"Nothing is owned {place}")
    if state.open_intents:
        note(
            f"Writes with unknown outcome: {len(state.open_intents)}. The next apply finds out; "
            "`reconciler history --details` lists them."
        )
    return 0


@command.command("show")
@click.argument("address")
@format_option("owned_object")
@global_options
def state_show(options: GlobalOptions, /, address: str, format: Format) -> int:
    """Show what the ledger knows of one object: its fields as last applied.

    \b
    reconciler state show kobo/webhooks/erp-sync
    """
    owned, unknown = show_owned(options.open(offline=True).project, address)
    say_all(format.owned_object(owned, unknown))
    return 0


@command.command("mv")
@click.argument("old")
@click.argument("new")
@lock_timeout_option
@global_options
def state_mv(options: GlobalOptions, /, old: str, new: str, lock_timeout: float) -> int:
    """Move owned objects to another address, without touching a vendor.

    OLD and NEW are two addresses, two kinds (provider/kind) or two providers.

    \b
    reconciler state mv kobo/webhooks/erp kobo/webhooks/erp-sync
    reconciler state mv kobo kobo-plm
    """
    project = options.open(offline=True, lock_timeout=lock_timeout).project
    for before, after in move(project, old, new):
        say(f"{printable(str(before), LONGEST)} -> {printable(str(after), LONGEST)}")
    return 0


@command.command("forget")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@lock_timeout_option
@global_options
def state_forget(options: GlobalOptions, /, addresses: tuple[str, ...], lock_timeout: float) -> int:
    """Let go of owned objects; the vendor keeps them.

    ADDRESS may also be a provider or provider/kind. What is still declared is adopted again by the
    next apply.

    \b
    reconciler state forget kobo/webhooks/erp-sync
    """
    project = options.open(offline=True, lock_timeout=lock_timeout).project
    for address in forget(project, addresses):
        say(f"forgot {printable(str(address), LONGEST)}")
    return 0


@command.command("account")
@click.argument("provider")
@lock_timeout_option
@global_options
def state_account(options: GlobalOptions, /, provider: str, lock_timeout: float) -> int:
    """Say that the owned objects of PROVIDER are in the account that reconciler.yaml names.

    For an account that has moved to another host or got another key; no vendor is asked.

    \b
    reconciler state account kobo
    """
    account = accept_account(options.open(lock_timeout=lock_timeout).project, provider)
    say(f"{printable(provider)}: its objects are in {printable(str(account), LONGEST)}")
    return 0


@command.command("pull")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save it in a file that only its owner can read.",
)
@global_options
def state_pull(options: GlobalOptions, /, out: Path | None) -> int:
    """Print the whole ledger with its journal as one document.

    It is what the ledger's store holds: JSON lines, without secrets. `state push` takes it back.

    \b
    reconciler state pull > ledger.jsonl
    reconciler state pull --out ledger.jsonl
    """
    text = pull(options.open(offline=True).project).decode("ascii")
    if out:
        write_file(out, text, 0o600, "Name another file with --out.")
        note(f"Saved the ledger in {out}.")
        return 0
    lines = text.splitlines()
    if any(harmless(line) != line for line in lines):
        summary = "the ledger has texts that a CI runner would obey, so it is not printed"
        raise Invalid(Diagnostic(summary, "Save it in a file: reconciler state pull --out FILE"))
    say_all(lines)
    return 0


@command.command("push")
@click.argument("file", type=click.Path(path_type=Path))
@lock_timeout_option
@global_options
def state_push(options: GlobalOptions, /, file: Path, lock_timeout: float) -> int:
    """Put a ledger that `state pull` gave into the ledger's store.

    Only what continues the ledger that is there is taken: a file that is older, or that went
    another way, is refused, and so is one of another workspace or environment.

    \b
    reconciler state push ledger.jsonl
    """
    hint = "Make one with `reconciler state pull --out FILE`."
    with cannot("read", file, hint):
        data = read_file(file, LARGEST)
    project = options.open(offline=True, lock_timeout=lock_timeout).project
    done = push(project, data, str(file))
    if done.records:
        say(f"Wrote {counted(done.records, 'record')} to {printable(done.place, LONGEST)}.")
    else:
        say(f"Nothing to write: {printable(done.place, LONGEST)} has all of it.")
    say(_summary(done))
    return 0


@command.command("migrate")
@click.option("--to", "setting", required=True, metavar="LEDGER", help="What `ledger:` is to say.")
@lock_timeout_option
@global_options
def state_migrate(options: GlobalOptions, /, setting: str, lock_timeout: float) -> int:
    """Copy the ledger with its journal to another store, and compare what arrived.

    The old ledger stays as it is. The new place must be empty, or hold the beginning of this
    ledger, as a copy does that was interrupted.

    \b
    reconciler state migrate --to git:reconciler-ledger
    reconciler state migrate --to s3://acme-ledgers/shop
    reconciler --env staging state migrate --to postgresql://reconciler@db.example/ops/staging
    """
    project = options.open(offline=True, lock_timeout=lock_timeout).project
    done = migrate(project, setting)
    say(f"Copied the ledger to {printable(done.place, LONGEST)}, and compared what arrived.")
    say(_summary(done))
    environment = project.config.environment
    where = f", below environments: {printable(environment)}" if environment else ""
    say(f"Now write in reconciler.yaml{where}, and commit it:")
    say(f"    ledger: {printable(setting, LONGEST)}")
    old = printable(project.ledger.store.place, LONGEST)
    note(
        f"The old ledger, {old}, stays as it is. Nobody may apply with it any more: let no job run "
        "until everybody has the new setting, and remove it then."
    )
    return 0


def _summary(done: Transferred) -> str:
    """What a ledger has: the serial, the objects and the runs."""
    state, runs = done.document.state, done.document.runs
    objects, number = counted(len(state.owned), "object"), counted(len(runs), "run")
    return f"It has serial {state.serial}: {objects} owned, {number}."


@command.command("unlock")
@click.argument("id", required=False)
@global_options
def state_unlock(options: GlobalOptions, /, id: str | None) -> int:
    """Clear the lock that a crashed process left; the lock of a live run is kept.

    A ledger in a file is never left locked by a crash, nor is one in PostgreSQL: only the name of
    the process that crashed stays. In other stores the lock of a process that is gone ends by
    itself after a while. ID, which is in the message that the ledger is locked, breaks it now;
    what its run still writes to the ledger is then refused.

    \b
    reconciler state unlock
    reconciler state unlock 3f9a62c1
    """
    holder = unlock(options.open(offline=True).project, id or "")
    if holder is None:
        say("Nothing to clear: nobody holds the lock.")
    elif id:
        say(f"Broke the lock of {printable(holder, LONGEST)}.")
    else:
        say(f"Cleared the lock that {printable(holder, LONGEST)} left behind.")
    return 0
