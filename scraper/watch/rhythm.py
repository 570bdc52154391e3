"""How often a source wants its lists looked at: a duration, a cron line, or as its own history suggests. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log
from zlib import crc32
from zoneinfo import ZoneInfo

from cronsim import CronSim

from scraper.text import duration

FIRST = timedelta(hours=2)  # until a history is there to learn from
LEAST, MOST = timedelta(minutes=15), timedelta(days=1)  # what "adaptive" may come to
ENOUGH = 5  # looks before a history says anything
SHARE = 0.5  # of the mean time between two news: half of them are seen within a quarter of it
SPREAD = 0.1  # of an interval: what fell due together drifts apart


def next_turn(every: str, *, timezone: str, now: datetime, looks: int, news: int, since: datetime | None,
              key: str) -> datetime:  # fmt: skip
    """When a list is due again after a good look at `now`.

    `looks` and `news`: how many looks there were since `since`, and how many of them brought something. `key` is
    the target's own: it says where in the spread of its interval it falls, so that a thousand due at once drift apart.
    """
    fixed = duration(every)
    if fixed is None and every != "adaptive":
        return _cron(every, timezone, now)
    return now + _spread(fixed or learned(looks, news, since, now), f"{key} {looks}")


def learned(looks: int, news: int, since: datetime | None, now: datetime) -> timedelta:
    """The interval that a history suggests."""
    if looks < ENOUGH or since is None or now <= since:
        return FIRST
    between = (now - since) / looks
    rate = change_rate(looks, min(news, looks), between)
    return min(max(timedelta(days=SHARE / rate), LEAST), MOST)


def change_rate(looks: int, news: int, interval: timedelta) -> float:
    """Changes a day, from how many looks at this interval saw one; the bias-reduced estimator.

    Cho and Garcia-Molina, "Estimating frequency of change", ACM TOIT 3 (2003), section 4.
    """
    return -log((looks - news + 0.5) / (looks + 0.5)) / max(interval.total_seconds() / 86_400, 1e-6) or 1e-6


def _spread(interval: timedelta, key: str) -> timedelta:
    place = crc32(key.encode()) / 2**32  # 0 to 1, the same for the same key on any machine
    return interval * (1 + SPREAD * (place - 0.5))


def _cron(line: str, timezone: str, now: datetime) -> datetime:
    """The next time a cron line names in its zone; a local time that occurs twice counts once, a skipped one at the
    first minute there is, as Debian's cron has it."""
    return next(CronSim(line, now.astimezone(ZoneInfo(timezone)))).astimezone(UTC)
