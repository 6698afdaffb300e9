"""Keep one comment of a pull request, and tell whether a plan is the one that was reviewed there.

A comment counts as ours where its first line is our marker and our account wrote it: anybody may
paste a marker. Where the platform does not tell who wrote it, the marker's seal must be right
before anything is applied because of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from reconciler import planfile
from reconciler.errors import Diagnostic, Forbidden, NotFound, Refused, Unknown
from reconciler.model import Plan
from reconciler.platforms.marker import Marker, marker_of
from reconciler.platforms.platform import Platform, Posted, PullRequest
from reconciler.values.text import printable

AGAIN = (
    "Have the plan made again in the pull request, or after the merge make a new one and have "
    "that one approved; docs/ci.md says how."
)


def plan_digest(plan: Plan) -> str:
    """A SHA-256 of all of a saved plan but its seal, by which a reviewed plan is known again."""
    return sha256(planfile.write(plan).encode()).hexdigest()


def put_comment(
    platform: Platform,
    number: str,
    marker: Marker,
    text: str,
    key: bytes | None = None,
    merged: bool = False,
) -> str:
    """Put a text into the one comment of this marker, and say what was done.

    Until the pull request is `merged`, a comment about a newer commit of it is left as it is: a job
    that was overtaken ends after the one that overtook it. Of several comments, which jobs made at
    the same moment, the oldest stays.
    """
    marker = replace(marker, seal=marker.sealed(number, key))
    text = f"{marker.line(platform.html)}\n\n{text}\n"
    mine = list(_ours(platform, number, marker))
    if mine and not merged and (newer := _newer(platform, number, mine[0], marker)):
        return f"The comment of pull request {number} is left as it is: it is about {newer[:12]}."
    for comment in mine:
        try:
            if comment.text.strip() != text.strip():
                platform.edit_comment(number, comment.id, text)
        except (Forbidden, NotFound):
            if comment.ours:
                raise
            continue  # somebody else's, or gone
        _delete_others(platform, number, mine, comment.id)
        return f"Updated the comment of pull request {number}."
    _add(platform, number, marker, text)
    return f"Added a comment to pull request {number}."


def _add(platform: Platform, number: str, marker: Marker, text: str) -> None:
    """Add a comment; then, where another job has added one before, that one gets the text."""
    try:
        added = platform.add_comment(number, text)
    except Unknown:
        if not any(
            comment.text.strip() == text.strip() for comment in _ours(platform, number, marker)
        ):
            raise
        return
    mine = [comment for comment in _ours(platform, number, marker) if comment.ours is not None]
    if added and len(mine) > 1:
        if mine[0].id != added:
            platform.edit_comment(number, mine[0].id, text)
        _delete_others(platform, number, mine, mine[0].id)


def _delete_others(platform: Platform, number: str, comments: list[Posted], kept: str) -> None:
    for comment in comments:
        if comment.id != kept and comment.ours:
            platform.delete_comment(number, comment.id)


def _newer(platform: Platform, number: str, comment: Posted, marker: Marker) -> str:
    """The last commit of the pull request, where the comment is about it and the marker is about an
    older one; else ""."""
    found = marker_of(comment.text)
    about = found.commit if found else ""
    if not about or not marker.commit or about == marker.commit:
        return ""
    head = platform.pull_request(number).head
    return head if _same(head, about) and not _same(head, marker.commit) else ""


def _ours(platform: Platform, number: str, marker: Marker) -> Iterator[Posted]:
    """The comments about the same as the marker that are not somebody else's, the oldest first."""
    for comment in platform.comments(number):
        found = marker_of(comment.text)
        if comment.ours is not False and found and found.is_about(marker):
            yield comment


def merged_pull_request(platform: Platform, commit: str, branch: str) -> PullRequest:
    """The merged pull request that made a commit of a branch. Raises Refused where there is none,
    or it was merged into another branch, where others decide what is good enough."""
    merged = platform.merged(commit)
    if merged is not None and (not branch or merged.base == branch):
        return merged
    why = f"{platform.name} knows of no merged pull request that made the commit {commit[:12]}"
    if merged is not None:
        why = f"pull request {merged.number} was merged into {merged.base}, and not into {branch}"
    raise Refused(
        Diagnostic(printable(why, 300), "What nobody reviewed is not applied here. " + AGAIN)
    )


def reviewed_plan(
    platform: Platform, merged: PullRequest, commit: str, about: Marker, key: bytes | None
) -> Marker:
    """What the comment of a merged pull request says of the plan that was reviewed there: of the
    last commit of its branch, or made again of the `commit` that came of it.

    Raises Refused where there is no such comment of ours, where it is about another commit, and
    where a key is given that did not seal it.
    """
    unproven = False
    other = ""
    for comment in _ours(platform, merged.number, about):
        marker = marker_of(comment.text)
        if marker is None or not marker.digest:
            continue
        sealed = hmac.compare_digest(marker.seal, marker.sealed(merged.number, key))
        if (key is not None or comment.ours is None) and not (key and sealed):
            unproven = True
        elif not (_same(merged.head, marker.commit) or _same(commit, marker.commit)):
            other = marker.commit
        else:
            return marker
    if other:
        summary = (
            f"the plan in pull request {merged.number} is of {other[:12]}, and "
            f"{merged.head[:12]} was merged"
        )
    elif unproven:
        summary = (
            f"the comment with the plan in pull request {merged.number} has no seal of this "
            "RECONCILER_PLAN_KEY, so it may be anybody's"
        )
    else:
        summary = f"pull request {merged.number} has no comment of ours with a plan"
    raise Refused(Diagnostic(summary, AGAIN))


def check_reviewed(plan: Plan, reviewed: Marker, number: str) -> None:
    """Raise Refused where a plan is another one than the one that was reviewed."""
    if hmac.compare_digest(plan_digest(plan), reviewed.digest):
        return
    raise Refused(
        Diagnostic(
            f"this plan is not the one that was reviewed in pull request {number}: its digest is "
            f"{plan_digest(plan)[:12]}, and the comment has {reviewed.digest[:12]}",
            "The manifests, the ledger or a vendor changed since, or somebody changed the file. "
            + AGAIN,
        )
    )


def _same(commit: str, other: str) -> bool:
    """Whether two names of commits mean the same one, of which a platform may show the beginning
    only."""
    short, long = sorted((commit, other), key=len)
    return len(short) >= 12 and long.startswith(short)
