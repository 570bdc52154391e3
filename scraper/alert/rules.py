"""Which alerts a happening makes, for whom and when, and why not: pure. How they read is compose's business.

Two questions are kept apart. `_filtered` asks whether a rule is meant for this happening at all; `_gate` asks, the same
for all rules but for what a rule asks of it, whether the happening is news: at once, for the digest, or for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from scraper.alert.address import read_address
from scraper.alert.happening import (
    THIS_MACHINE,
    Happening,
    event_of,
    key_of,
    parties_of,
    said_of,
    subject_of,
    thread_of,
)  # fmt: skip
from scraper.alert.when import DIGEST_TIME, after_quiet, last_moment, next_delivery, rhythm
from scraper.alert.wording import INSTRUMENTS, clean, iso_line
from scraper.text import fold, squeeze
from storage.records.alert import Alert, AlertKind, Mode, Person, Reason, Rule
from storage.records.article import DateFact
from storage.records.change import ChangeKind
from storage.records.partnership import Organisation, Party
from storage.records.source import Source

Same = Callable[[Party, str], bool]
A_DAY = timedelta(days=1)
AHEAD = timedelta(days=2)  # a date farther in the future than time zones explain is no date of publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The alerts to queue, and a reason from every rule, matched or not."""

    alerts: tuple[Alert, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    way: Literal["at once", "digest", "nobody"]
    why: str
    late: bool = False


def decide(
    happenings: Iterable[Happening],
    rules: tuple[Rule, ...],
    *,
    now: datetime,
    alert_age: timedelta,
    same: Same | None = None,
) -> Decision:
    """All happenings of one check of one article: who is told its partnership is not told "New" or "Changed" too, and
    an edit that is several changes at once (a title, a date, the text) is one mail."""
    decisions = [alerts_for(happening, rules, now=now, alert_age=alert_age, same=same) for happening in happenings]
    alerts = [alert for decision in decisions for alert in decision.alerts]
    told = {place_of(alert.channel, alert.to): alert.mode for alert in alerts if alert.kind == "partnership"}
    told |= {place_of(a.channel, a.to): a.mode for a in alerts if a.kind == "partnership" and a.mode == "at once"}
    kept: dict[tuple[str, ...], Alert] = {}
    for alert in (alert for alert in alerts if not _told(alert, told.get(place_of(alert.channel, alert.to)))):
        at = (*place_of(alert.channel, alert.to), alert.kind if alert.kind == "changed" else alert.key)
        kept[at] = _joined(kept[at], alert) if at in kept else alert
    reasons = tuple(reason for decision in decisions for reason in decision.reasons)
    return Decision(alerts=tuple(kept.values()), reasons=reasons)


def alerts_for(
    happening: Happening,
    rules: tuple[Rule, ...],
    *,
    now: datetime,
    alert_age: timedelta,
    same: Same | None = None,
) -> Decision:
    """One alert for each (channel, recipient) that at least one rule names, and one Reason for each rule.

    `same(party, text)` says whether a party is the organisation that a rule's `parties` entry means.
    Raises ValueError for a rule's delivery or a person's quiet hours that cannot be read.
    """
    alerts: dict[tuple[str, str], Alert] = {}
    reasons = []
    for rule in rules:
        fault = _filtered(happening, rule, same or same_party)
        gate = _Gate(way="nobody", why=fault) if fault else _gate(happening, rule, now, alert_age)
        matched = gate.way != "nobody"
        why = _why(happening, rule, gate) if matched else gate.why
        sentence = _sentence(happening)
        reasons.append(Reason(rule=rule.name, version=rule.version, matched=matched, reason=why, sentence=sentence))
        for person in people_of(rule) if matched else ():
            alert = _alert(happening, rule, person, gate, now)
            at = place_of(alert.channel, alert.to)
            alerts[at] = _joined(alerts[at], alert) if at in alerts else alert
    return Decision(alerts=tuple(alerts.values()), reasons=tuple(reasons))


def alert_on(happening: Happening, person: Person, *, now: datetime) -> Alert:
    """The alert on this happening whatever any rule says: what a mail of it would look like."""
    rule = Rule(name="preview", version="none", when=(happening.kind,), to=(person,))
    return _alert(happening, rule, person, _Gate(way="at once", why="a preview, asked for by hand"), now)


def same_party(party: Party, text: str) -> bool:
    """Whether `text` of a rule is this party's registry id, name or acronym, or "Name (ACRONYM)"; case aside."""
    wanted = squeeze(fold(text))
    if wanted in {fold(part) for part in (party.name, party.acronym, party.organisation or "") if part}:
        return True
    both = re.fullmatch(r"(.+) \(([^()]+)\)", wanted)
    return both is not None and fold(party.name) == both[1]


def same_by(organisations: Iterable[Organisation]) -> Same:
    """`same_party` that knows a registry: an acronym shared with a body the rule does not mean is no match."""
    known: dict[str, list[Organisation]] = {}
    for body in organisations:
        for name in {fold(name) for name in (body.id, body.name, body.acronym, *body.aliases) if name}:
            known.setdefault(name, []).append(body)

    def same(party: Party, text: str) -> bool:
        meant = known.get(squeeze(fold(text)), [])
        if not meant:
            return same_party(party, text)
        if party.organisation is not None:
            return party.organisation in {body.id for body in meant}
        names = {fold(name) for body in meant for name in (body.name, body.acronym, *body.aliases) if name}
        return fold(party.name or party.acronym) in names

    return same


def hears(rule: Rule, source: Source, kind: AlertKind) -> bool:
    """Whether a rule asks for that kind of thing from that source at all."""
    probe = Happening(kind=kind, source=source, language=source.language, first_seen=datetime.min.replace(tzinfo=UTC))
    return not (_switch(probe, rule, same_party) or _place(probe, rule, same_party))


def people_of(rule: Rule) -> tuple[Person, ...]:
    """Whom a rule tells. A channel that is an address itself (a chat, a hook) needs nobody's name, and tells once;
    whoever is named first there lends time zone and quiet hours."""
    if rule.channel == "email":
        return rule.to
    return rule.to[:1] or (Person(id="", address=""),)


def place_of(channel: str, to: str) -> tuple[str, str]:
    """Where a message goes: "Ana <ana@press.eu>" of one rule and "ana@press.eu" of another are one mailbox."""
    box = read_address(to)
    return channel, "" if "://" in channel else fold(box.spec if box else to)


def _told(alert: Alert, by_partnership: Mode | None) -> bool:
    """Whether the partnership's own alert says it already, as soon as this one would."""
    return alert.kind in ("new", "changed") and by_partnership in ("at once", alert.mode)


# --- is the rule meant for this? -------------------------------------------------------------------------------------


def _filtered(h: Happening, rule: Rule, same: Same) -> str:
    """Why this rule has nothing to do with it; empty when it has."""
    for question in (_switch, _place, _words, _parties, _terms):
        if fault := question(h, rule, same):
            return fault
    return ""


def _switch(h: Happening, rule: Rule, same: Same) -> str:
    if not rule.enabled:
        return "the rule is switched off"
    if h.kind not in rule.when and not (h.tells and "partnership" in rule.when):
        return f"the rule is for {', '.join(rule.when) or 'nothing'}, and this is {h.kind}"
    return "" if people_of(rule) else "the rule names nobody to tell"


def _place(h: Happening, rule: Rule, same: Same) -> str:
    source = h.source
    if source == THIS_MACHINE:
        return ""
    if source.muted:
        return f"source {source.id} is muted"
    names = {fold(name) for name in (source.id, source.name, source.organisation) if name}
    if rule.sources and not names & {fold(name) for name in rule.sources}:
        return f"source {source.id} is not among {', '.join(rule.sources)}"
    if rule.tags and not {fold(tag) for tag in source.tags} & {fold(tag) for tag in rule.tags}:
        return f"source {source.id} has none of the tags {', '.join(rule.tags)}"
    if rule.languages and h.kind != "source_trouble" and h.language[:2].lower() not in rule.languages:
        return f"its language is {h.language or 'unknown'}, the rule is for {', '.join(rule.languages)}"
    return ""


def _words(h: Happening, rule: Rule, same: Same) -> str:
    if not rule.added_words or h.kind == "source_trouble":
        return ""
    added = h.added_text or (h.article.text if h.article and h.kind == "new" else "")
    if not added:
        return "nothing was added, and the rule asks for words in added text"
    if any(_names(added, word) for word in rule.added_words):
        return ""
    return f"none of {', '.join(rule.added_words)} stands in the added text"


def _parties(h: Happening, rule: Rule, same: Same) -> str:
    if h.kind == "source_trouble":
        return ""
    parties = parties_of(h)
    words = h.added_text or (h.article.text if h.article else "")
    text = "" if h.kind == "partnership" else f"{h.title}\n{words}"

    def among(wanted: str) -> bool:
        return any(same(party, wanted) for party in parties) or (bool(text) and _names(text, wanted))

    if excluded := next((name for name in rule.exclude_parties if among(name)), ""):
        return f"party {excluded} is excluded"
    if rule.parties and not any(among(name) for name in rule.parties):
        return f"no party is {' or '.join(rule.parties)}{_namesake(parties, rule.parties)}"
    return ""


def _namesake(parties: tuple[Party, ...], wanted: tuple[str, ...]) -> str:
    """Why the name stands there all the same: another body bears it."""
    for party in parties:
        for name in wanted:
            if fold(name) in (fold(party.acronym), fold(party.name)):
                return f": {clean(name)} is short for {clean(party.name)} here, another body"
    return ""


def _terms(h: Happening, rule: Rule, same: Same) -> str:
    event = event_of(h)
    if event is None:
        asks = h.related and (rule.actions or rule.instruments)
        return f"the rule asks for {', '.join(asks)}, and this is {_kind(h)}" if asks else ""
    if event.action in rule.exclude_actions:
        return f"action {event.action} is excluded"
    if rule.actions and event.action not in rule.actions:
        return f"action {event.action} is not among {', '.join(rule.actions)}"
    if rule.instruments and event.instrument not in rule.instruments:
        return f"instrument {event.instrument} is not among {', '.join(rule.instruments)}"
    return ""


# --- is it news? -----------------------------------------------------------------------------------------------------


def _gate(h: Happening, rule: Rule, now: datetime, alert_age: timedelta) -> _Gate:
    """At once, digest or nobody. The strictest answer of three questions wins: ledger, age, manner."""
    if h.kind == "source_trouble":
        state = "the source recovered" if h.recovered else f"the source {h.title or 'is in trouble'}"
        return _Gate(way="at once", why=state)
    ledger, age = _ledger_gate(h, rule), _age_gate(h, rule, now, alert_age)
    for way in ("nobody", "digest"):
        if stricter := next((gate for gate in (ledger, age) if gate.way == way), None):
            return replace(stricter, late=stricter.late or _looks_back(h, alert_age))
    return age


def _looks_back(h: Happening, alert_age: timedelta) -> bool:
    """Whether a page tells of an act that was over long before it was published: a review of the year."""
    event = event_of(h)
    act = last_moment(event.date, h.source.timezone) if event else None
    told = last_moment(h.published, h.source.timezone)
    return act is not None and told is not None and told - act > alert_age


def _ledger_gate(h: Happening, rule: Rule) -> _Gate:
    """What the ledger's state and the event's nature say; `change` kinds have neither and pass."""
    event = event_of(h)
    if h.related is not None and h.move is None:
        aside = h.related.kind == "background"
        return _Gate(way="nobody" if aside else "digest", why="a neighbour of a partnership, and none itself")
    if h.move is None or event is None:
        minor = h.change is not None and h.change.significance == "minor"
        return _Gate(way="digest", why="a minor change") if minor else _Gate(way="at once", why="")
    if h.move.entry.status == "rejected":
        return _Gate(way="nobody", why="a person has rejected this event")
    if h.move.entry.id is not None and not h.move.adds and not h.unheard:
        way: Literal["digest", "nobody"] = "digest" if h.move.new_witness else "nobody"
        return _Gate(way=way, why="the event is known, and this page adds nothing to it")
    if event.certainty == "possible" and rule.certainty != "possible" and not h.move.corrects:
        return _Gate(way="digest", why='only possible, and the rule does not ask for certainty = "possible"')
    joined = event.action == "joined" or event.instrument == "membership"
    if joined and "joined" not in rule.actions and "membership" not in rule.instruments:
        return _Gate(way="digest", why="a join, and the rule does not ask for joins")
    if event.instrument == "sponsorship" and "sponsorship" not in rule.instruments:
        return _Gate(way="digest", why="a sponsorship, and the rule does not ask for sponsorships")
    return _Gate(way="at once", why="")


def _age_gate(h: Happening, rule: Rule, now: datetime, alert_age: timedelta) -> _Gate:
    """News is what was published after the source's last complete look, less `alert_age`.

    A change of a known article is dated by itself, whatever the article's age; a partnership inside it is not.
    """
    if h.kind in ("changed", "withdrawn"):
        return _Gate(way="at once", why="it happened to a known article")
    known = h.change is not None and h.change.kind is not ChangeKind.NEW
    looked = h.looked or (h.first_seen if known else None)
    if looked is None:
        return _Gate(way="nobody", why="found in a baseline: for the ledger, no news")
    told = _dated(h)
    published = last_moment(told, h.source.timezone)
    if published is None:
        vague = f"only the year {told.value} is known" if told else "undated"
        return _Gate(way="digest", why=f"{vague}, so nobody can say that it is news")
    if published > h.first_seen + AHEAD and published > now + AHEAD:
        return _Gate(way="digest", why=f"its date {_day(told)} lies in the future, so it counts as undated")
    oldest = looked - (rule.alert_age if rule.alert_age is not None else alert_age)
    if published < oldest:
        return _Gate(way="digest", why=f"published {_day(told)}, before {iso_line(oldest.date().isoformat())}")
    late = now - published > max(A_DAY, rhythm(h.source.every))
    return _Gate(way="at once", why=f"published {_day(told)}" + (", seen late" if late else ""), late=late)


def _dated(h: Happening) -> DateFact | None:
    """When a page was published: a relaunched site puts today's date on releases whose own dateline is years old."""
    event = event_of(h) if h.move and h.move.entry.id is None else None
    own = event.announced if event else None
    if (
        own is None
        or own.precision == "year"
        or h.published is None
        or h.published.latest() > h.first_seen.date().isoformat()
    ):
        return h.published
    return min(h.published, own, key=DateFact.latest)


# --- the alert -------------------------------------------------------------------------------------------------------


def _alert(h: Happening, rule: Rule, person: Person, gate: _Gate, now: datetime) -> Alert:
    at_once = gate.way == "at once" and rule.delivery == "at once"
    delivery = DIGEST_TIME if rule.delivery == "at once" and not at_once else rule.delivery
    due = after_quiet(next_delivery(delivery, person.timezone, now), person.quiet_hours, person.timezone)
    return Alert(
        key=key_of(h), rule=rule.name, rule_version=rule.version, kind=h.kind, channel=rule.channel, to=person.address,
        mode="at once" if at_once else "digest", subject=subject_of(h, late=gate.late),
        because=(f"rule {rule.name} ({rule.version}): {_why(h, rule, gate)}",), said=said_of(h), thread=thread_of(h),
        item=h.change.item if h.change else None, version=h.change.new_version if h.change else None,
        partnership=h.move.entry.id if h.move else None, source=h.source.id, created=now, due=due, late=gate.late,
    )  # fmt: skip


def _joined(first: Alert, other: Alert) -> Alert:
    """Two rules, or two sides of one edit, for one person by one channel: one alert, as soon as either wants it."""
    sooner = min(first, other, key=lambda alert: (alert.mode != "at once", alert.due))
    said = tuple(dict.fromkeys(first.said + other.said))
    return replace(sooner, because=first.because + other.because, said=said)


def _why(h: Happening, rule: Rule, gate: _Gate) -> str:
    event = event_of(h)
    parts = [f"{event.action} {INSTRUMENTS[event.instrument]}" if event else _kind(h)]
    if h.move and h.move.entry.id is not None:
        parts += [f"adds {clean(what)}" for what in h.move.adds]
    parts += [gate.why] if gate.why else []
    if gate.way == "digest":
        parts.append("for the digest")
    elif rule.delivery != "at once":
        parts.append(f"for the digest {rule.delivery}")
    return "; ".join(parts)


def _kind(h: Happening) -> str:
    return h.related.kind.replace("_", " ") if h.related and not h.move else h.kind


def _sentence(h: Happening) -> str:
    event = event_of(h)
    evidence = event.evidence if event else h.related.evidence if h.related else ()
    return evidence[0].sentence if evidence else ""


def _names(text: str, wanted: str) -> bool:
    """Whether the words stand in the text as whole words, case and accents aside."""
    pattern = r"(?<!\w)" + re.escape(squeeze(fold(wanted))) + r"(?!\w)"
    return re.search(pattern, squeeze(fold(text))) is not None


def _day(fact: DateFact | None) -> str:
    return iso_line(fact.value) if fact else ""
