"""Keep one issue about the drift of an environment: open while there is drift, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from reconciler.errors import Rejected, Unknown
from reconciler.platforms.marker import Marker, marker_of
from reconciler.platforms.platform import Platform, Posted

ATTEMPTS = 3
STALE = (409, 412)
NOT_CLOSED = "This run did not look at everything, so the issue is left as it is."
NOTHING = "There is no drift, and no issue to close."


def put_issue(
    platform: Platform,
    marker: Marker,
    title: str,
    text: str,
    found: bool,
    complete: bool,
    narrowed: bool = False,
) -> str:
    """Open, update, reopen or close the one issue of this marker, and say what was done.

    With drift `found` it is open afterwards, whoever has closed it. It is closed only by a run that
    was `complete` and found none. An open issue says more than a `narrowed` run looked at, and
    keeps its text. Only an issue that our account opened is touched.
    """
    if not found and not complete:
        return NOT_CLOSED
    text = f"{marker.line(platform.html)}\n\n{text}\n"
    for attempt in range(ATTEMPTS):
        try:
            return _put(platform, marker, title, text, found, narrowed)
        except Rejected as error:
            # Somebody has changed it since it was read.
            if error.status not in STALE or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def label_of(marker: Marker) -> str:
    """A label for the issue, where a platform finds issues by labels."""
    name = f"{marker.folder}\n{marker.environment}"
    return f"reconciler-drift-{sha256(name.encode()).hexdigest()[:12]}"


def _put(
    platform: Platform, marker: Marker, title: str, text: str, found: bool, narrowed: bool
) -> str:
    label = label_of(marker)
    issues = sorted(_ours(platform, marker, label), key=lambda issue: int(issue.id))
    is_open = [issue for issue in issues if issue.is_open]
    if not found:
        for issue in is_open:
            platform.edit_issue(issue, title, text, False)
        closed = ", ".join(issue.id for issue in is_open)
        return f"There is no drift any more: closed issue {closed}." if closed else NOTHING
    if narrowed and is_open:
        return f"Issue {is_open[0].id} is left as it is: this run looked only at a part."
    if not issues:
        return _open(platform, marker, title, text, label)
    issue = is_open[0] if is_open else issues[-1]
    if not issue.is_open or issue.text.strip() != text.strip():
        platform.edit_issue(issue, title, text, True)
    _close_others(platform, title, is_open, issue.id)
    return f"{'Updated' if issue.is_open else 'Reopened'} issue {issue.id}."


def _open(platform: Platform, marker: Marker, title: str, text: str, label: str) -> str:
    """Open the issue; then, where another job has opened one before, leave only that one open."""
    try:
        opened = platform.open_issue(title, text, label)
    except Unknown:
        mine = [
            issue for issue in _ours(platform, marker, label) if issue.text.strip() == text.strip()
        ]
        if not mine:
            raise
        return f"Opened issue {mine[0].id}."
    if opened:
        mine = sorted(_ours(platform, marker, label), key=lambda issue: int(issue.id))
        is_open = [issue for issue in mine if issue.is_open]
        if is_open and is_open[0].id != opened:
            platform.edit_issue(is_open[0], title, text, True)
        _close_others(platform, title, is_open, is_open[0].id if is_open else opened)
    return f"Opened issue {opened}." if opened else "Opened an issue."


def _close_others(platform: Platform, title: str, issues: list[Posted], kept: str) -> None:
    """Close the issues that another job opened at the same moment."""
    for issue in issues:
        if issue.id != kept:
            platform.edit_issue(issue, title, issue.text, False)


def _ours(platform: Platform, marker: Marker, label: str) -> Iterator[Posted]:
    for issue in platform.issues(label):
        found = marker_of(issue.text)
        if issue.ours is not False and found is not None and found.is_about(marker):
            yield issue
