"""What no page says: the first look is done, a source needs a person, it is well again. Queued as alerts, once each.

The outbox is the memory of it: a trouble whose row has no recovery beside it is open. How it reads is the alert
trade's business; sending is deliver's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper.alert.happening import THIS_MACHINE, Happening, began, key_of
from scraper.alert.rules import alerts_for, people_of, place_of
from scraper.alert.welcome import KEY, SourceRead, WelcomeFacts, welcome_subject
from scraper.alert.when import after_quiet
from scraper.watch.health import BROKEN, LOOKS, NEVER, Facts, cut_off, healths, lists_of
from scraper.watch.overview import Habits, facts_of
from scraper.watch.post import Post
from storage.records.alert import Alert, Person, Rule
from storage.records.health import Health
from storage.records.source import Source, SourceId, Target
from storage.store import Filter, outbox

WAYS = {"feed": 0, "sitemap": 1, "listing": 2}  # which of several ways a source is said to be read by
Told = tuple[tuple[str, str, tuple[str, ...]], ...]  # source, key and words of each row
LONGEST_PAUSE = timedelta(hours=1)  # a machine that slept in the middle of a round took hours for it
PAUSE = 50  # times as long as a round took; with 10,000 sources some minutes
NONE_FOUND = "no article was found there that is recent enough; see [watch] first_crawl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One line for each source that is beyond its threshold, and how many notices were queued of each source."""

    sick: Mapping[SourceId, str]
    queued: Mapping[SourceId, int]
    broken: tuple[Source, ...] = ()  # none of whose addresses works, whoever is told of it


@dataclass
class Rest:
    """The pause after a round, which takes the longer the more is watched: troubles are told within hours."""

    since: datetime = NEVER
    until: datetime = NEVER

    def is_over(self, now: datetime) -> bool:
        return not self.since <= now < self.until  # before it began: the clock was set back

    def begin(self, began: datetime, now: datetime) -> None:
        """After a round from `began` to `now`."""
        self.since, self.until = now, now + min(PAUSE * (now - began), LONGEST_PAUSE)


async def notice(post: Post, habits: Habits | None = None) -> Noticed:
    """Queue what is due after a round of looks; of sources that this machine was cut off from nothing but that.

    Who asks again and again keeps `habits`.
    """
    now, sources = post.clock.now(), tuple(source for source in post.sources if source.enabled)
    # Beside the loop: of thousands of sources this takes seconds.
    known = await asyncio.to_thread(facts_of, post.catalogue, sources, now, habits=habits)
    ways = {facts.source.id: facts.ways for facts in known}
    told = await post.writer.write(lambda work: outbox.told_of(work.connection, "source_trouble"))
    happenings: list[Happening] = []
    sick: dict[SourceId, str] = {}
    broken: list[Source] = []
    open_, away = _open(told), cut_off(known)
    if away:
        happenings += _machine(away, told)
    of_us = {facts.source.id for facts in away}
    keys = {key for _, key, _ in told}
    for source, health in zip(sources, await asyncio.to_thread(healths, known, now), strict=True):
        if source.id in of_us:
            continue
        if health.state in BROKEN and health.needs_person:
            sick[source.id] = f"{health.headline}: {health.reason}"
        broken += [source] if health.state in BROKEN else []
        happenings += _moved(source, health, keys)
        happenings += _told(source, health, open_.get(source.id))
    alerts = [
        alert
        for happening in happenings
        for alert in alerts_for(happening, post.rules, now=now, alert_age=timedelta(), same=post.same).alerts
    ]
    queued = Counter(alert.source for alert in alerts if alert.source is not None)
    alerts += _welcome(sources, ways, post, now)
    if alerts:
        await post.writer.write(lambda work: outbox.queue(work.connection, alerts))
    return Noticed(sick=sick, queued=queued, broken=tuple(broken))


def _open(told: Told) -> dict[SourceId, tuple[datetime, str]]:
    """Of each source the trouble that was told and has no recovery yet: when it began, and what it was."""
    closed = {(source, began(key)) for source, key, _ in told if key.startswith("recovery:")}
    return {
        SourceId(source): (start, said[0] if said else "")
        for source, key, said in told
        if key.startswith("trouble:") and (start := began(key)) and (source, start) not in closed
    }


def _told(source: Source, health: Health, open_: tuple[datetime, str] | None) -> Iterator[Happening]:
    """Once at the start, once at the recovery."""
    if health.headline and open_ is None:
        said = [health.reason, *([f"What to do: {health.remedy}."] if health.remedy else [])]
        yield Happening(
            kind="source_trouble", source=source, item_url=health.url, title=health.headline,
            first_seen=health.since or NEVER, trouble="\n".join(said),
        )  # fmt: skip
    if not health.headline and open_ is not None:
        yield Happening(
            kind="source_trouble", source=source, item_url=health.url, title="is well again", first_seen=open_[0],
            trouble=f"It works again, and is looked at as before.\nWhat was wrong: {open_[1]}", recovered=True,
        )  # fmt: skip


def _moved(source: Source, health: Health, told: Container[str]) -> Iterator[Happening]:
    """Once for each address that it moved to."""
    happening = Happening(
        kind="source_trouble", source=source, item_url=health.url, title="is read at another address now",
        first_seen=health.last_good or NEVER, moved_to=health.url,
        trouble=f"{source.url} leads there for good, or does not work any more and the same news stands there: "
        f"{health.url}\nWhat to do: write that address into config.toml when you like; until then it is kept in mind.",
    )  # fmt: skip
    if health.moved and key_of(happening) not in told:
        yield happening


def _machine(away: Sequence[Facts], told: Told) -> Iterator[Happening]:
    """One notice of an outage, of nobody's fault but ours; its end needs none, as the mail itself says it."""
    ways = [way for facts in away for way in lists_of(facts)]
    good = max((way.last_good for way in ways if way.last_good), default=NEVER)
    known = any(source == THIS_MACHINE.id and (began(key) or NEVER) >= _second(good) for source, key, _ in told)
    if known or max(way.failures for way in ways) < LOOKS:
        return
    yield Happening(
        kind="source_trouble", source=THIS_MACHINE, title="was down", first_seen=good,
        trouble=f"No host of {len(away)} sources could be reached in {LOOKS} looks: there was no network, or no DNS.\n"
        "The sources are not to blame and keep their health. What they published meanwhile is read once the network "
        "is back.",
    )  # fmt: skip


def _second(moment: datetime) -> datetime:
    """As a key writes it."""
    return moment.replace(microsecond=0)


# --- the first report ------------------------------------------------------------------------------------------------


def _welcome(
    sources: Sequence[Source], ways: Mapping[SourceId, Sequence[Target]], post: Post, now: datetime
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
