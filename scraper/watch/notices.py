"""What no page says: the first look is done, a source needs a person, it is well again. Queued as alerts, once each.

The outbox is the memory of it: a trouble whose row has no recovery beside it is open. How it reads is the alert
trade's business; sending is deliver's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from scraper.alert.happening import THIS_MACHINE, Happening, began
from scraper.alert.rules import alerts_for, people_of, place_of
from scraper.alert.welcome import KEY, SourceRead, WelcomeFacts, welcome_subject
from scraper.alert.when import after_quiet
from scraper.watch.due import rhythm
from scraper.watch.post import Post
from scraper.watch.remedy import NO_NAME
from storage.records.alert import Alert, Person, Rule
from storage.records.source import Source, SourceId, Target
from storage.records.verdict import Brake
from storage.store import Filter, outbox

LOOKS = 3  # failed in a row before a person is called: one bad night of a site is nobody's business
A_DAY, A_SECOND = timedelta(days=1), timedelta(seconds=1)
WAYS = {"feed": 0, "sitemap": 1, "listing": 2}  # which of several ways a source is said to be read by
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where a source was never read: its trouble has no beginning
RHYTHM = 8  # days with news that are needed before a source has a rhythm of its own
PATIENCE = 3  # times its longest usual pause before it counts as silent
SOONEST = timedelta(days=14)
NEWEST = 200  # items of a source that its rhythm is read from
Told = tuple[tuple[str, str, tuple[str, ...]], ...]  # source, key and words of each row
UNREACHED = re.compile(rf"unreachable|{re.escape(NO_NAME)}")
NONE_FOUND = "no article was found there that is recent enough; see [watch] first_crawl"
_BLOCKED = re.compile(r"\b(401|403|407|429|451)\b|robots|refuses us|consent|challenge|login")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a source, since when, and what to do."""

    state: str  # "cannot be read": follows its name
    said: tuple[str, ...]
    began: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One line for each source that is beyond its threshold, and how many notices were queued of each source."""

    sick: Mapping[SourceId, str]
    queued: Mapping[SourceId, int]


async def notice(post: Post) -> Noticed:
    """Queue what is due after a round of looks.

    When no host of most of several sources could be found, it is this machine that has no network, and no source's
    fault.
    """
    now, sources = post.clock.now(), tuple(source for source in post.sources if source.enabled)
    ways = {source.id: post.catalogue.targets(source.id, discovering=True) for source in sources}
    told, brakes = await post.writer.write(
        lambda work: (outbox.told_of(work.connection, "source_trouble"), work.brakes())
    )
    open_, unreached = _open(told), [each for looks in ways.values() if _unreached(looks) for each in looks]
    happenings: list[Happening] = []
    sick: dict[SourceId, str] = {}
    if len(sources) > 1 and 2 * len({look.source for look in unreached}) > len(sources):
        happenings += _machine(unreached, told)
    else:
        outage = max((began(key) or NEVER for source, key, _ in told if source == THIS_MACHINE.id), default=NEVER)
        for source in sources:
            if _of_the_outage(ways[source.id], outage, ways):
                continue
            trouble = broken(source, ways[source.id], now)
            sick |= {source.id: f"{trouble.state}: {trouble.said[0]}"} if trouble else {}
            trouble = trouble or _upset(brakes.get(source.id)) or _silent(source, ways[source.id], post, now)
            happenings += _told(source, trouble, open_.get(source.id), now)
    alerts = [
        alert
        for happening in happenings
        for alert in alerts_for(happening, post.rules, now=now, alert_age=timedelta(), same=post.same).alerts
    ]
    queued = Counter(alert.source for alert in alerts if alert.source is not None)
    alerts += _welcome(sources, ways, post, now)
    if alerts:
        await post.writer.write(lambda work: outbox.queue(work.connection, alerts))
    return Noticed(sick=sick, queued=queued)


def _unreached(looks: Sequence[Target]) -> bool:
    return bool(looks) and all(look.failures and UNREACHED.search(look.trouble) for look in looks)


def _of_the_outage(looks: Sequence[Target], outage: datetime, ways: dict[SourceId, tuple[Target, ...]]) -> bool:
    """Whether a source was last looked at while this machine was down: its next look says how it is."""
    goods = (look.last_good for others in ways.values() for look in others if look.last_good)
    back = min((good for good in goods if _second(good) > outage), default=None)
    if outage == NEVER or back is None or not _unreached(looks):
        return False
    return all(
        (look.last_good or NEVER) <= outage + A_SECOND and (look.last_checked or NEVER) <= back for look in looks
    )


def _open(told: Told) -> dict[SourceId, tuple[datetime, str]]:
    """Of each source the trouble that was told and has no recovery yet: when it began, and what it was."""
    closed = {(source, began(key)) for source, key, _ in told if key.startswith("recovery:")}
    return {
        SourceId(source): (start, said[0] if said else "")
        for source, key, said in told
        if key.startswith("trouble:") and (start := began(key)) and (source, start) not in closed
    }


def _told(
    source: Source, trouble: Trouble | None, open_: tuple[datetime, str] | None, now: datetime
) -> Iterator[Happening]:
    """Once at the start, once at the recovery."""
    if trouble is not None and open_ is None:
        yield Happening(
            kind="source_trouble", source=source, item_url=source.url, title=trouble.state, first_seen=trouble.began,
            trouble="\n".join(trouble.said),
        )  # fmt: skip
    if trouble is None and open_ is not None:
        yield Happening(
            kind="source_trouble", source=source, item_url=source.url, title="is well again", first_seen=open_[0],
            trouble=f"It works again, and is looked at as before.\nWhat was wrong: {open_[1]}", recovered=True,
        )  # fmt: skip


def broken(source: Source, looks: Sequence[Target], now: datetime) -> Trouble | None:
    """None of its addresses could be read for several looks, or for a day."""
    if not looks or not all(look.trouble and look.failures for look in looks):
        return None
    good = max((look.last_good for look in looks if look.last_good), default=None)
    long = good is not None and now - good >= max(A_DAY, 3 * rhythm(source.every))
    if min(look.failures for look in looks) < LOOKS and not long:
        return None
    first = next((look for look in looks if look.origin == "given"), looks[0])
    cause, _, remedy = first.trouble.rpartition("; ")
    many = f"None of its {len(looks)} addresses could" if len(looks) > 1 else "Its address could not"
    empty = "names no" in first.trouble
    state = "refuses us" if _BLOCKED.search(first.trouble) else "names no news any more" if empty else "cannot be read"
    said = (f"{many} be read in the last {first.failures} looks. {first.url}: {cause or first.trouble}.",)
    return Trouble(state=state, said=(*said, f"What to do: {remedy}." if cause else ""), began=good or NEVER)


def _upset(brake: Brake | None) -> Trouble | None:
    """Most of it changed at once, and that is not confirmed yet."""
    if brake is None or not brake.checks or brake.released:
        return None
    said = (f"{brake.why}. None of it is believed before it is confirmed.",
            "What to do: nothing, unless a look with a browser shows that the site itself is broken.")  # fmt: skip
    return Trouble(state="changed as a whole", said=said, began=brake.since)


def _silent(source: Source, looks: Sequence[Target], post: Post, now: datetime) -> Trouble | None:
    """Asked only where somebody wants to know, as its items must be read for it."""
    if not any("source_trouble" in rule.when for rule in post.rules) or not any(look.last_good for look in looks):
        return None
    return silent(source, post.catalogue.finds(source.id, limit=NEWEST), now)


def silent(source: Source, finds: Sequence[tuple[str | None, datetime]], now: datetime) -> Trouble | None:
    """No news for far longer than is usual here, or than `expect_every` says."""
    days = sorted({_day(published, seen) for published, seen in finds})
    patience = source.expect_every or _usual(days)
    if not days or patience is None or now - days[-1] <= patience:
        return None
    expected = "expect_every says" if source.expect_every else f"for it {patience.days} days would be long"
    said = (f"It can be read, but has had nothing new for {(now - days[-1]).days} days; {expected}.",
            "What to do: open it in a browser; it may have moved its news.")  # fmt: skip
    return Trouble(state="has gone silent", said=said, began=days[-1])


def _day(published: str | None, seen: datetime) -> datetime:
    """When an item came: its day, where it has one, and never after we saw it."""
    try:
        day = date.fromisoformat(published or "")
    except ValueError:
        return seen
    return min(datetime(day.year, day.month, day.day, tzinfo=UTC), seen)


def _usual(days: Sequence[datetime]) -> timedelta | None:
    """How long a pause would be odd: thrice the longest of nine in ten; None where too little is known."""
    pauses = sorted(later - earlier for earlier, later in pairwise(days) if later - earlier > A_DAY / 2)
    return max(SOONEST, PATIENCE * pauses[9 * (len(pauses) - 1) // 10]) if len(pauses) >= RHYTHM else None


def _machine(down: Sequence[Target], told: Told) -> Iterator[Happening]:
    """One notice of an outage, of nobody's fault but ours; its end needs none, as the mail itself says it."""
    good = max((look.last_good for look in down if look.last_good), default=NEVER)
    known = any(source == THIS_MACHINE.id and (began(key) or NEVER) >= _second(good) for source, key, _ in told)
    if known or min(look.failures for look in down) < LOOKS:
        return
    hosts = len({look.source for look in down})
    yield Happening(
        kind="source_trouble", source=THIS_MACHINE, title="was down", first_seen=good,
        trouble=f"No host of {hosts} sources could be reached in {LOOKS} looks: there was no network, or no DNS.\n"
        "The sources are not to blame and keep their health. What they published meanwhile is read once the network "
        "is back.",
    )  # fmt: skip


def _second(moment: datetime) -> datetime:
    """As a key writes it."""
    return moment.replace(microsecond=0)


# --- the first report ------------------------------------------------------------------------------------------------


def _welcome(
    sources: Sequence[Source], ways: dict[SourceId, tuple[Target, ...]], post: Post, now: datetime
) -> Iterator[Alert]:
    """One mail to everybody a rule names, once all sources were looked at and what they list is read."""
    people = recipients(post.rules)
    if post.refused or not people or post.catalogue.deliveries(Filter(kind="welcome", limit=1)):
        return
    looked = all(any(look.last_checked for look in looks) for looks in ways.values())
    if not looked or not any(look.last_good for looks in ways.values() for look in looks):
        return
    if any(_unread(post.catalogue.targets(source.id, discovering=False), now) for source in sources):
        return
    subject = welcome_subject(_sources_read(post))
    for (channel, _), (person, rules) in people.items():
        yield Alert(
            key=KEY, rule=rules[0], rule_version="", kind="welcome", channel=channel, to=person.address,
            subject=subject, because=("the first look at all sources is done",), created=now,
            due=after_quiet(now, person.quiet_hours, person.timezone),
        )  # fmt: skip


def recipients(rules: Sequence[Rule]) -> dict[tuple[str, str], tuple[Person, tuple[str, ...]]]:
    """Everybody whom a rule tells something, by channel and address, with the names of those rules."""
    found: dict[tuple[str, str], tuple[Person, tuple[str, ...]]] = {}
    for rule in (rule for rule in rules if rule.enabled):
        for person in people_of(rule):
            key = place_of(rule.channel, person.address)
            first, names = found.get(key, (person, ()))
            found[key] = (first, (*names, rule.name))
    return found


def _unread(articles: Sequence[Target], now: datetime) -> bool:
    return any(article.last_checked is None and article.due <= now for article in articles)


def read_so_far(post: Post, alert: Alert) -> WelcomeFacts:
    """What the welcome mail to this recipient tells."""
    _, rules = recipients(post.rules).get(place_of(alert.channel, alert.to), (None, ()))
    ledger = post.catalogue.partnerships(Filter())
    return WelcomeFacts(sources=_sources_read(post), ledger=ledger, partnerships=len(ledger), rules=rules)


def _sources_read(post: Post) -> tuple[SourceRead, ...]:
    return tuple(_source_read(source, post) for source in post.sources if source.enabled)


def _source_read(source: Source, post: Post) -> SourceRead:
    looks = post.catalogue.targets(source.id, discovering=True)
    good = [look for look in looks if look.last_good]
    finds = post.catalogue.finds(source.id)
    if good and finds:
        best = min(good, key=lambda look: WAYS.get(look.kind.value, len(WAYS)))
        oldest = min((published for published, _ in finds if published), default="")
        return SourceRead(
            name=source.name, url=source.url, found=best.kind.value, articles=len(finds), oldest=oldest,
        )  # fmt: skip
    trouble = next((look.trouble for look in looks if look.trouble), NONE_FOUND)
    cause, _, remedy = trouble.rpartition("; ")
    return SourceRead(name=source.name, url=source.url, trouble=cause or trouble, remedy=remedy if cause else "")
