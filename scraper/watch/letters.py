"""From a row of the outbox to its message: what memory holds of it, in the form that the alert trade composes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from scraper.alert.compose import AlertFacts, compose
from scraper.alert.digest import Batch, compose_digest
from scraper.alert.happening import KIND_OF_CHANGE, began, relationship
from scraper.alert.page import DiffBlock, Op
from scraper.alert.rules import alert_on
from scraper.alert.welcome import compose_welcome
from scraper.alert.wording import RELATED
from scraper.detect.diff import diff
from scraper.detect.ledger import party_keys
from scraper.watch.health import NEVER
from scraper.watch.notices import read_so_far, recipients
from scraper.watch.overview import overview
from scraper.watch.policy import Policy, one_relationship
from scraper.watch.post import Post
from scraper.watch.replay import happenings_of, targets_by_item
from storage.records.alert import Alert, Message, Person
from storage.records.change import BlockDiff, ChangeKind
from storage.records.observation import Item, ItemState, Observation
from storage.records.partnership import LedgerMove
from storage.store import Filter

LATELY = timedelta(days=8)  # a weekly digest tells of its week
MOST_KNOWN = 50  # other events of the same bodies that are looked through
NOBODY = Person(id="nobody", address="nobody@accordwatch.invalid")  # reads a preview where no rule names anyone
OPS: dict[str, Op] = {"equal": "equal", "added": "insert", "removed": "delete"}


def rendered(batch: Batch, post: Post) -> Message:
    """The batch's message: as stored, or made now."""
    if batch.message is not None:
        return batch.message
    entries = tuple(facts_of(row.alert, post) for row in batch.deliveries)
    if batch.digest:
        return compose_digest(entries, missing=tuple(_missing(post)))
    welcome = entries[0].alert.kind == "welcome"
    return compose_welcome(entries[0], read_so_far(post, entries[0].alert)) if welcome else compose(entries[0])


def _missing(post: Post) -> Iterator[str]:
    """A line for each gap of late that nobody has seen the other side of."""
    now, watched = post.clock.now(), [source for source in post.sources if source.enabled and not source.muted]
    for health in overview(post.catalogue, watched, now):
        for gap in health.gaps:
            if gap.until is None or now - gap.until <= LATELY:
                end = f"{gap.until:%Y-%m-%d %H:%M}" if gap.until else "now"
                yield f"{health.name}: {gap.since:%Y-%m-%d %H:%M} to {end} UTC: {gap.why}"


def previews(item: Item, policy: Policy, post: Post) -> tuple[Message, ...]:
    """The mails that an item makes, whatever the rules say: of each event it tells, and of its newest change."""
    catalogue, person = post.catalogue, next(iter(recipients(post.rules).values()), (NOBODY, ()))[0]
    entries = catalogue.partnerships(Filter(), item=item.id)
    moves = [(LedgerMove(entry=replace(entry, id=None)), relationship(entry)) for entry in entries]
    changes = [c for c in catalogue.changes(Filter(), item=item.id) if c.kind in KIND_OF_CHANGE][:1]
    if moves and changes and changes[0].kind is ChangeKind.NEW:
        changes = []
    now = post.clock.now()
    target = targets_by_item(item.source, catalogue).get(item.id)
    made = happenings_of(item, target, changes, moves, now, policy, catalogue)
    ids = [entry.id for entry in entries] + [None] * len(changes)
    alerts = (
        replace(alert_on(happening, person, now=now), item=item.id, partnership=key)
        for happening, key in zip(made, ids, strict=True)
    )
    return tuple(compose(facts_of(alert, post)) for alert in alerts)


def facts_of(alert: Alert, post: Post) -> AlertFacts:
    """All that memory holds about what an alert tells."""
    catalogue, source = post.catalogue, next((each for each in post.sources if each.id == alert.source), None)
    base = AlertFacts(
        alert=alert, now=post.clock.now(), sender=post.sender, public_url=post.public_url, sources=post.sources,
        same=post.same, source_name=source.name if source else "", timezone=post.timezones.get(alert.to, "UTC"),
        parent=catalogue.thread_root(alert),
    )  # fmt: skip
    if alert.kind == "source_trouble":
        since = began(alert.key)
        return replace(
            base, item_url=source.url if source else "", first_seen=since if since and since > NEVER else None
        )
    names = source.url if source and source.kind == "page" else ""
    return _about_partnership(_about_item(replace(base, named_on=names), post), post)


def _about_item(facts: AlertFacts, post: Post) -> AlertFacts:
    """The article as the alert has it: an edit's own version and its way from the one before."""
    alert, catalogue = facts.alert, post.catalogue
    item = catalogue.find_item(str(alert.item)) if alert.item is not None else None
    if item is None:
        return facts
    versions = catalogue.versions(item.id)
    upto = tuple(v for v in versions if alert.version is None or v.version <= alert.version) or versions
    last = upto[-1] if upto else None
    return replace(
        facts, item_url=item.url, first_seen=item.first_seen, gone=item.state is ItemState.WITHDRAWN,
        article=last.article if last else None, archived=f"archive/{last.raw}" if last and last.raw else "",
        diff=_last_diff(upto) if alert.kind == "changed" or alert.subject.startswith("Correction") else (),
    )  # fmt: skip


def _about_partnership(facts: AlertFacts, post: Post) -> AlertFacts:
    alert, catalogue = facts.alert, post.catalogue
    if alert.kind != "partnership":
        return facts
    entry = catalogue.partnership(alert.partnership) if alert.partnership is not None else None
    if entry is None:
        near = catalogue.related(alert.item) if alert.item is not None else ()
        return replace(facts, related=next((r for r in near if alert.subject.startswith(RELATED[r.kind])), None))
    known = catalogue.partnerships(Filter(party=party_keys(entry.event), limit=MOST_KNOWN))
    earlier = tuple(other for other in known if other.id != entry.id and one_relationship(other, entry))
    return replace(facts, partnership=entry, earlier=earlier)


def _last_diff(versions: tuple[Observation, ...]) -> tuple[DiffBlock, ...]:
    """The blocks that the last version changed, in the words that a mail's page uses."""
    if len(versions) < 2:
        return ()
    blocks = diff(versions[-2].article, versions[-1].article).blocks
    changed = [block for block in blocks if block.op in ("added", "removed", "reworded")]
    runs = (list(run) for _, run in groupby(changed, key=lambda block: block.op == "reworded"))
    return tuple(_block(block) for run in runs for block in sorted(run, key=lambda block: block.op == "added"))


def _block(block: BlockDiff) -> DiffBlock:
    if block.op == "reworded":
        return tuple((OPS[run.op], run.text) for run in block.words)
    return ((OPS["added" if block.op == "added" else "removed"], block.new or block.old),)
