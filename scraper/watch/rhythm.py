"""How often a source wants its lists looked at: a duration, a cron line, or as its own history suggests. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from cronsim import CronSim

from scraper.text import duration

FIRST = timedelta(hours=2)  # while too little is known
LEAST, MOST = timedelta(minutes=15), timedelta(days=1)  # what "adaptive" may come to
SHARE = 0.5  # of the mean time between two news: half of them are seen within a quarter of it
SPREAD = 0.1  # of an interval: what fell due together drifts apart


def next_turn(every: str, *, timezone: str, now: datetime, rate: float | None, key: str) -> datetime:
    """When a list is due again after a good look at `now`.

    `rate`: how often a day it has news, None while nobody can tell. `key` is the target's own: it says where in the
    spread of its interval it falls, so that a thousand due at once drift apart.
    """
    fixed = duration(every)
    if fixed is None and every != "adaptive":
        return _cron(every, timezone, now)
    return now + _spread(fixed or learned(rate), key)


def learned(rate: float | None) -> timedelta:
    """The interval that so many news a day suggest."""
    if rate is None:
        return FIRST
    return min(max(timedelta(days=SHARE / rate), LEAST), MOST) if rate * MOST.days > SHARE else MOST


def _spread(interval: timedelta, key: str) -> timedelta:
    place = crc32(key.encode()) / 2**32  # 0 to 1, the same for the same key on any machine
    return interval * (1 + SPREAD * (place - 0.5))


def _cron(line: str, timezone: str, now: datetime) -> datetime:
    """The next time a cron line names in its zone; a local time that occurs twice counts once, a skipped one at the
    first minute there is, as Debian's cron has it."""
    return next(CronSim(line, now.astimezone(ZoneInfo(timezone)))).astimezone(UTC)
