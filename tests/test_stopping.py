"""Ctrl-C and SIGTERM while a vendor does not answer, or is waited for: the command ends.

Each command is another process. A fault withholds an answer for longer than any test may take, so
that a command which waits for it fails the test.
"""

from __future__ import annotations

import signal
import subprocess
from threading import Event
from typing import Any

import pytest

HELD = 600.0
LIMIT = 120.0
"""Seconds after which a command that should have ended long ago fails the test."""
SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
NAMES = [f"S-{number:02}" for number in range(1, 41)]
MANIFEST = f"provider: kobo-plm\nsuppliers: {{{', '.join(f'{n}: {{name: N}}' for n in NAMES)}}}\n"


def reached(sandbox: Any, run: subprocess.Popen[str], method: str, ends: str, many: int) -> None:
    """Wait until so many of these requests have reached a vendor; of any method where it is ""."""
    pause = Event()
    while run.poll() is None:
        journal = [e for vendor in sandbox.urls for e in sandbox.journal(vendor)]
        if sum(method in ("", e["method"]) and e["path"].endswith(ends) for e in journal) >= many:
            return
        pause.wait(0.01)
    raise AssertionError(run.communicate())


def ended(run: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """How a command ends that is sent this signal."""
    run.send_signal(number)
    try:
        out, err = run.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        run.kill()
        raise
    assert "Traceback" not in err
    return run.returncode, out, err


@SIGNALS
@pytest.mark.parametrize("words", [["plan"], ["drift"], ["apply", "--auto-approve"], ["doctor"]])
def test_a_read_ends_at_once(
    workspace: Any, sandbox: Any, number: signal.Signals, words: list[str]
) -> None:
    """Whatever reads: the answer is not waited for, the ledger's lock is free, nothing was done."""
    here = workspace(MANIFEST)
    sandbox.faults([{"method": "GET", "path": "*/suppliers", "fault": {"delay": HELD}}])
    run = here.start(*words)
    reached(sandbox, run, "GET", "/suppliers", 1)
    code, _, err = ended(run, number)
    assert code == 1
    assert "Interrupted. Nothing was written." in err
    assert here.writes() == []
    sandbox.faults()
    here.apply()


@SIGNALS
def test_a_wait_for_another_attempt_ends_at_once(
    workspace: Any, sandbox: Any, number: signal.Signals
) -> None:
    """The vendor asked to wait for four minutes; a command that only reads does not stay."""
    here = workspace(MANIFEST)
    fault = {"status": 429, "retry_after": 240}
    sandbox.faults([{"method": "GET", "path": "*/suppliers", "fault": fault}])
    run = here.start("plan")
    reached(sandbox, run, "GET", "/suppliers", 1)
    assert ended(run, number)[0] == 1


@SIGNALS
@pytest.mark.parametrize("status", [429, 503])
def test_a_write_that_waits_is_not_attempted(
    workspace: Any, sandbox: Any, number: signal.Signals, status: int
) -> None:
    """What was refused and waits for its turn ends as it is, and nothing else begins."""
    here = workspace(MANIFEST)
    fault = {"status": status, "retry_after": 240}
    sandbox.faults([{"method": "POST", "path": "*/suppliers", "nth": 3, "fault": fault}])
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, "POST", "/suppliers", 3)
    code, out, err = ended(run, number)
    assert code == 4
    assert "Outcomes: 2 applied, " in out
    assert ": not attempted" not in out
    assert "37 not attempted." in out
    assert "Stopping: changes that were begun are finished" in err
    sandbox.faults()
    here.apply()
    assert here.settled()


@SIGNALS
def test_a_wait_for_the_rate_limit_ends_at_once(
    workspace: Any, sandbox: Any, number: signal.Signals
) -> None:
    """The account's requests of this minute are used up: the next one is not waited for."""
    here = workspace(MANIFEST)
    url = sandbox.urls["kobo-plm"]
    kobo = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "base_url": url}
    here.configure(providers={"kobo-plm": {**kobo, "requests_per_minute": 6}})
    run = here.start("apply", "--auto-approve")
    reached(sandbox, run, "", "/suppliers", 6)
    code, out, _ = ended(run, number)
    assert code == 4
    sent = len(here.writes())
    assert 0 < sent < 6  # the others of the six were reads
    assert f"Outcomes: {sent} applied, 0 failed, 0 unknown, 0 skipped, {40 - sent} not" in out


@SIGNALS
def test_a_write_is_given_its_own_time(
    workspace: Any, sandbox: Any, number: signal.Signals
) -> None:
    """A write that hangs is waited for as long as one answer may take; then there is a short look
    at what became of it, and the rest is not attempted."""
    here = workspace(MANIFEST)
    url = sandbox.urls["kobo-plm"]
    kobo = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "base_url": url, "timeout": 2}
    here.configure(providers={"kobo-plm": kobo})
    sandbox.faults([{"method": "POST", "path": "*/suppliers", "nth": 1, "fault": {"delay": HELD}}])
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    reached(sandbox, run, "POST", "/suppliers", 1)
    code, out, _ = ended(run, number)
    assert code == 4
    assert "Outcomes: 1 applied, 0 failed, 0 unknown, 0 skipped, 39 not attempted." in out
    sandbox.faults()
    here.apply()
    assert here.settled()


@SIGNALS
@pytest.mark.parametrize("sandbox", [{"data": "empty", "job_seconds": HELD}], indirect=True)
def test_a_pending_job_is_not_waited_for(
    workspace: Any, sandbox: Any, number: signal.Signals
) -> None:
    """A job that was begun goes on at the vendor; its end is unknown, and said to be."""
    here = workspace(
        "provider: kibo\nlocations: {D: {name: D}}\n"
        "stock_levels: {D: {locationCode: D, upc: U, quantity: 3}}\n"
    )
    run = here.start("apply", "--auto-approve")
    reached(sandbox, run, "GET", "/1", 1)
    code, out, err = ended(run, number)
    assert code == 4
    assert "1 unknown" in out
    assert "was begun, and its end is not known" in err
