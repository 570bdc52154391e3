"""Many alerts in one mail: which waiting ones go together now, and how the digest of them reads. Pure.

A flood is a digest too: where more mails wait for one recipient than an hour may bring, they become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from scraper.alert.compose import AlertFacts, letter, moment_line
from scraper.alert.happening import ALSO_TOLD
from scraper.alert.page import Line, Page, Section
from scraper.alert.wording import clean, date_line, sentences_of
from storage.records.alert import Delivery, DeliveryState, MailKind, Message

CAP = 20  # mails an hour to one recipient by one channel
MOST = 60  # entries of one section; the rest is counted
_HEADINGS: dict[MailKind, str] = {
    "partnership": "Partnerships",
    "changed": "Changed articles",
    "withdrawn": "Withdrawn and restored",
    "new": "New articles",
    "source_trouble": "Sources",
    "welcome": "Welcome",
}
_NOUNS: dict[MailKind, tuple[str, str]] = {
    "partnership": ("partnership", "partnerships"),
    "changed": ("change", "changes"),
    "withdrawn": ("withdrawal", "withdrawals"),
    "new": ("new article", "new articles"),
    "source_trouble": ("source notice", "source notices"),
    "welcome": ("first report", "first reports"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Deliveries that go out as one message. With `message` set it was rendered before, and goes again as it is."""

    channel: str
    to: str
    deliveries: tuple[Delivery, ...]
    digest: bool = False
    message: Message | None = None


def batches(
    waiting: Iterable[Delivery], *, now: datetime, lately: Mapping[tuple[str, str], int], cap: int = CAP
) -> tuple[Batch, ...]:
    """What to send now of all that waits. `lately` counts the messages of the last hour by (channel, to).

    Rows that share a rendered message stay together, whatever the hour. At-once alerts go one by one while the cap
    allows it; where it does not, all that wait become one digest; with the cap used up they wait.
    """
    due = [row for row in waiting if row.alert.due <= now and row.state in _OPEN]
    due.sort(key=lambda row: (row.alert.channel, row.alert.to, row.alert.created, row.alert.key))
    out = []
    for (channel, to), rows in groupby(due, key=lambda row: (row.alert.channel, row.alert.to)):
        theirs = tuple(rows)
        rendered, fresh = _rendered(theirs)
        out += rendered
        out += _fresh(channel, to, fresh, cap - lately.get((channel, to), 0) - len(rendered))
    return tuple(out)


_OPEN = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


def compose_digest(entries: tuple[AlertFacts, ...], *, missing: Sequence[str] = ()) -> Message:
    """One mail of many alerts of one recipient; of a single alert too. The same alerts give the same Message-ID.

    `missing` are lines on the times of which something may be missing, by source.
    """
    first = entries[0]
    counts = [(nouns, sum(1 for e in entries if e.alert.kind == kind and not _again_told(e)))
              for kind, nouns in _NOUNS.items()]  # fmt: skip
    counts.append((("partnership told again", "partnerships told again"), len(_twins(entries))))
    told = ", ".join(f"{many} {nouns[many != 1]}" for nouns, many in counts if many)
    page = Page(
        kicker="Digest",
        headline=told[:1].upper() + told[1:],
        lead=(f"Up to {moment_line(first.now, first.timezone)}. What was mailed at once is not repeated here.",),
        sections=(*(_section(kind, entries) for kind in _HEADINGS), *_missing(missing)),
        footer=(f"Rules: {', '.join(sorted({entry.alert.rule for entry in entries}))}.",),
    )
    key = "digest:" + "|".join(sorted(entry.alert.key for entry in entries))
    return letter(replace(first, parent=""), page, key=key, subject=f"Digest: {told}")


def _missing(lines: Sequence[str]) -> Iterator[Section]:
    """Of which sources, and of which times, the digest cannot be whole."""
    if lines:
        shown = [Line(text=clean(line)) for line in lines[:MOST]]
        shown += [Line(text=f"and {len(lines) - MOST} more: accordwatch status")] if len(lines) > MOST else []
        yield Section(heading="What may be missing", lines=tuple(shown))


def _rendered(rows: tuple[Delivery, ...]) -> tuple[list[Batch], list[Delivery]]:
    """Batches of what was rendered before, and the rows that were not."""
    again: dict[str, list[Delivery]] = {}
    fresh = []
    for row in rows:
        if row.message is not None:
            again.setdefault(row.message.message_id, []).append(row)
        else:
            fresh.append(row)
    return [_again(group) for group in again.values()], fresh


def _again(rows: list[Delivery]) -> Batch:
    first = rows[0]
    return Batch(
        channel=first.alert.channel,
        to=first.alert.to,
        deliveries=tuple(rows),
        digest=len(rows) > 1,
        message=first.message,
    )


def _fresh(channel: str, to: str, rows: list[Delivery], room: int) -> list[Batch]:
    if room <= 0:
        return []
    alone = [row for row in rows if row.alert.mode == "at once"]
    together = [row for row in rows if row.alert.mode == "digest"]
    if len(alone) > room:
        alone, together = [], rows
    singles = [Batch(channel=channel, to=to, deliveries=(row,)) for row in alone]
    digest = [Batch(channel=channel, to=to, deliveries=tuple(together), digest=True)] if together else []
    return [*singles, *digest]


def _again_told(facts: AlertFacts) -> bool:
    """Whether it says no more than that one more page tells of a partnership told before."""
    return facts.alert.kind == "partnership" and facts.alert.subject.startswith(ALSO_TOLD)


def _twins(entries: Iterable[AlertFacts]) -> list[list[AlertFacts]]:
    """Those, by the partnership that they tell of."""
    by_event: dict[object, list[AlertFacts]] = {}
    for facts in entries:
        if _again_told(facts):
            by_event.setdefault(facts.alert.partnership or facts.alert.subject, []).append(facts)
    return list(by_event.values())


def _twin_line(twins: Sequence[AlertFacts]) -> Line:
    who = ", ".join(dict.fromkeys(clean(facts.source_name) for facts in twins))
    first = twins[0]
    return Line(text=f"{first.alert.subject.removeprefix(ALSO_TOLD)}: also told by {who}", url=first.item_url)


def _section(kind: MailKind, entries: tuple[AlertFacts, ...]) -> Section:
    ours = sorted((e for e in entries if e.alert.kind == kind), key=lambda e: (e.source_name, e.alert.created))
    twins = _twins(ours)
    ours = [entry for entry in ours if not _again_told(entry)]
    lines = [*map(_entry, ours[:MOST]), *map(_twin_line, twins[:MOST])]
    left = max(0, len(ours) - MOST) + max(0, len(twins) - MOST)
    if left:
        lines.append(Line(text=f"and {left} more: accordwatch alerts --kind {kind}"))
    return Section(heading=f"{_HEADINGS[kind]} ({len(ours) + len(twins)})", lines=tuple(lines))


def _entry(facts: AlertFacts) -> Line:
    """One alert in three lines: what, on which words, why here."""
    event = facts.partnership.event if facts.partnership else None
    published = date_line(facts.article.published) if facts.article else ""
    subject, source = facts.alert.subject.removeprefix("New: "), clean(facts.source_name)
    where = ", ".join(part for part in ("" if source in subject else source, published) if part)
    sentences = sentences_of(event.evidence if event else facts.related.evidence if facts.related else ())
    evidence = f"“{clean(sentences[0], 300)}”" if sentences else ""
    changed = "; ".join(clean(what) for what in facts.alert.said)
    return Line(text=subject, url="" if facts.gone else facts.item_url, notes=(where, evidence, changed))
