"""Dates of headers, as all the generators write them -> moments with a fixed offset."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sitegen.fields import Fields

_DAYS = (
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y.%m.%d",
    "%Y-%m-%d",
    "%Y-%m",
    "%Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%B %Y",
    "%b %Y",
    "%d-%m-%Y",
    "%d/%m/%Y",
)
"""How days are written, in the order in which they are tried: `03-04-2021` is March unless the file's name says April."""
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_TIME = re.compile(r"(.+?)[ T]+(\d{1,2}:\d{2}(?::\d{2})?(?: [AaPp][Mm])?)(?: ([-+]\d{4}|Z))?")
_CODE_OF_R = later(r"`r\s[^`]*`")  # R Markdown's day of the build
_TO_LAST_DIGIT = later(r"(?:.*\d)?", re.DOTALL)
_SIGNS = later(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]")
_DAY_OF_WEEK = later(r"(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*\s+")
_SHORT = later(r"\b([A-Z][a-z]{2})(?:t?\.|t\b)")  # a month with its dot, and Sept
_TERM = later(r"[^\W\d][^\d]*(?:19|20)\d\d(?:[-/\u2013](?:19|20)?\d\d)?")
_BEGINS = later(r"\d{4}[-/.]\d{1,2}|\d{1,2}[./]\d|[A-Za-z]+ \d")


def read_date(fields: Fields, key: str, zone: ZoneInfo, near: str = "") -> datetime | None:
    """Read a date with or without time and zone; without a zone it is in the blog's. near: the day that it is where it may be two."""
    written = " ".join(fields.text(key).split())
    code = _CODE_OF_R.search(written)
    before = _TO_LAST_DIGIT.match(written, 0, code.start()) if code else None  # `2026-02-10, updated` and code
    text = before[0] if before else written
    if not text or text in {"today", "now", "last-modified", r"\today"}:
        return None
    text = _SIGNS.sub(r"\1-\2-\3", re.sub(r"(?<=[-+]\d{4}) UTC$", "", text))  # Go says the zone twice
    text = re.sub(r" (?:UTC|GMT)$", " Z", text)
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|\s[A-Z]{3,4}$", "", text.replace(",", " "))
    text = _SHORT.sub(r"\1", _DAY_OF_WEEK.sub("", text, count=1))
    compact = re.sub(r"\s+(?=(?:UTC|GMT)?[-+]\d{2}:?\d{2}$|Z$|UTC$)", "", text)
    compact = re.sub(r"(?:UTC|GMT)(?=[-+]\d)", "", compact).replace("UTC", "Z")
    compact = re.sub(r"^(\d{4})-(\d)-", r"\1-0\2-", compact)
    compact = re.sub(r"^(\d{4}-\d{2})-(\d)(?!\d)", r"\1-0\2", compact)
    compact = re.sub(r"[T ](\d):", r"T0\1:", compact)
    try:
        readings = [datetime.fromisoformat(compact)]
    except ValueError:
        readings = list(_readings(text))
        if not readings and (code or _TERM.fullmatch(text)):  # `Fall 2023`, as courses are held: no day is meant
            return None
    with suppress(OverflowError, ValueError, IndexError):
        found = next((reading for reading in readings if f"{reading:%Y-%m-%d}" == near), None) or readings[0]
        found = with_offset(found if found.tzinfo else found.replace(tzinfo=zone))
        found.astimezone(UTC)
        return found
    fields.error(key, f"`{written}` is no date", "write 2026-02-10, or 2026-02-10 09:30:00 +0900")
    return None


def _readings(text: str) -> Iterator[datetime]:
    """Yield what a text may mean as a day, with a time or without."""
    timed = _TIME.fullmatch(text)
    zone = " %z" if timed and timed[3] else ""
    text = " ".join(filter(None, timed.groups())) if timed else text
    for day in _DAYS:
        for shape in (f"{day} {time}{zone}" for time in _TIMES) if timed else (day,):
            with suppress(ValueError):
                yield datetime.strptime(text, shape)  # noqa: DTZ007 - the zone is added later


def is_date(text: str) -> bool:
    """Whether a value begins as dates do, where a key may also be true or false."""
    return bool(_BEGINS.match(text))


def with_offset(moment: datetime) -> datetime:
    """Return the moment with a fixed offset in place of a zone with a history: a plain value, which can be stored."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
