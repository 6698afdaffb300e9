"""Days and points in time: the same one in every spelling of ISO 8601 has one canonical text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

_INSTANT = re.compile(
    r"(?P<day>[0-9W-]+)[Tt ](?P<time>[0-9:]+)([.,](?P<fraction>[0-9]+))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?"
)


def instant_form(text: str) -> str | None:
    """A point in time in UTC, as `2027-03-01T09:00:00Z`, with a fraction only where it is not zero;
    None for a text that is none. Without an offset, UTC is meant."""
    parts = _parts(text)
    if parts is None:
        return None
    moment, fraction = parts
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return None
    tail = f".{fraction}" if fraction else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{tail}Z"


def same_second(left: str, right: str) -> bool:
    """Whether two texts are the same point in time, however it is spelled and whether or not with a
    fraction of a second; texts that are none must be equal."""
    one, other = instant_form(left), instant_form(right)
    return left == right if one is None or other is None else one[:19] == other[:19]


def day_form(text: str) -> str | None:
    """A day as `2027-03-01`, also where it is written with the midnight at which it begins; None
    for a text that is no day."""
    day = _day(text)
    if day is None and (parts := _parts(text)) is not None:
        moment, fraction = parts
        if moment.time() == time.min and not fraction:
            day = moment.date()
    return None if day is None else day.isoformat()


def _parts(text: str) -> tuple[datetime, str] | None:
    """A point in time to the second, and the digits of its fraction without zeros at the end."""
    match = _INSTANT.fullmatch(text)
    day = _day(match["day"]) if match else None
    if match is None or day is None:
        return None
    try:
        at = time.fromisoformat(match["time"])
        moment = datetime.combine(day, at, _zone(match["zone"]))
    except ValueError:
        return None
    fraction = (match["fraction"] or "").rstrip("0")
    # A fraction of an hour or a minute is too rare to be understood.
    short = len(match["time"].replace(":", "")) < 6
    return None if fraction and short else (moment, fraction)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
