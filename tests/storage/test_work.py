"""One transaction: sources and targets, what is due, what memory answers, and a Verdict kept whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from scraper.url import LONGEST, canonical
from storage.records.alert import Reason
from storage.records.change import ChangeKind
from storage.records.observation import ItemState
from storage.records.partnership import HistoryNote, PartnershipId, RelatedEvent
from storage.records.source import Authority, ItemId, SourceId, Target
from storage.records.verdict import Kept, Question, Recall, Verdict
from storage.sql.tables import metadata
from storage.store import Filter, Store
from tests.builders import (
    DAY,
    HOUR,
    NOW,
    PAGE,
    SITE,
    a_change,
    a_finding,
    a_move,
    a_source,
    a_target,
    a_verdict,
    a_witness,
    an_alert,
    an_article,
    an_observation,
)  # fmt: skip

HOST = Authority("www.cocir.org:443")
COCIR = SourceId("cocir")


@pytest.fixture(autouse=True)
def sources(store: Store) -> None:
    with store.begin() as work:
        work.sync_sources((a_source(), a_source("esr", url="https://www.myesr.org/")))


def added(store: Store, *wanted: Target) -> tuple[Target, ...]:
    """The targets with the ids that memory gave them, in their order."""
    with store.begin() as work:
        work.add_targets(wanted)
        known = {t.identity: t for source in ("cocir", "esr") for t in work.targets_of(SourceId(source))}
    return tuple(known[target.identity] for target in wanted)


def kept(store: Store, verdict: Verdict) -> Kept:
    with store.begin() as work:
        return work.keep(verdict)


def recalled(store: Store, target: Target, **question: Any) -> Recall:
    with store.begin() as work:
        return work.recall(work.target(target.id), Question(**question))  # type: ignore[arg-type]


def found(store: Store, url: str = PAGE, source: str = "cocir", **facts: Any) -> tuple[Target, Kept]:
    """An article that was looked at once: its target as it stands, and what keeping it made."""
    (target,) = added(store, a_target(url, source=SourceId(source)))
    done = kept(store, a_finding(target, **facts))
    with store.begin() as work:
        return work.target(done.target), done


# --- sources and targets ---------------------------------------------------------------------------------------------


def test_a_source_that_left_the_configuration_is_paused_and_keeps_its_items(store: Store) -> None:
    found(store)
    with store.begin() as work:
        work.sync_sources((a_source("esr"),))
        assert work.due_targets(HOST, now=NOW + 99 * DAY) == ()
    assert [row.item.url for row in store.catalogue().items(Filter())] == [PAGE]
    assert store.catalogue().totals().sources == 1


def test_a_source_that_came_back_goes_on(store: Store) -> None:
    added(store, a_target())
    with store.begin() as work:
        work.sync_sources(())
        work.sync_sources((a_source(organisation="COCIR aisbl"),))
        assert len(work.due_targets(HOST, now=NOW)) == 1


def test_a_source_switched_off_is_not_due_unless_it_is_named(store: Store) -> None:
    added(store, a_target())
    with store.begin() as work:
        work.sync_sources((a_source(enabled=False),))
        assert work.due_authorities(now=NOW) == ()
        assert work.due_authorities(now=NOW, only=[COCIR]) == (HOST,)


def test_twins_of_an_address_are_one_target_in_a_source_and_two_in_two(store: Store) -> None:
    wanted = [a_target(PAGE), a_target(f"{PAGE}/"), a_target(PAGE, source=SourceId("esr"))]
    with store.begin() as work:
        assert work.add_targets(wanted) == 2
        assert work.add_targets(wanted) == 0


def test_a_known_target_is_brought_forward_and_never_put_off(store: Store) -> None:
    (target,) = added(store, a_target(due=NOW))
    with store.begin() as work:
        work.add_targets([replace(target, due=NOW + DAY)])
        assert work.target(target.id).due == NOW  # type: ignore[arg-type]
        work.add_targets([replace(target, due=NOW - DAY)])
        assert work.target(target.id).due == NOW - DAY  # type: ignore[arg-type]


def test_a_target_comes_back_as_it_was_kept(store: Store) -> None:
    (target,) = added(store, a_target())
    told = replace(
        target, title="Renewed", etag='"1"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT", body_hash="ab" * 16,
        last_checked=NOW, last_good=NOW - HOUR, looked=NOW - DAY, checks=4, changes=1, failures=2, gone_checks=1,
        gone_since=NOW - timedelta(microseconds=1), trouble="answered 503", published=an_article().published,
    )  # fmt: skip
    with store.begin() as work:
        work.keep_target(told)
        assert work.target(target.id) == told  # type: ignore[arg-type]


def test_what_is_due_comes_lists_first_and_then_the_longest_due(store: Store) -> None:
    late, early = a_target(f"{SITE}/a", due=NOW - HOUR), a_target(f"{SITE}/b", due=NOW - DAY)
    later, feed = a_target(f"{SITE}/c", due=NOW + HOUR), a_target(f"{SITE}/feed", "feed", due=NOW)
    added(store, late, early, later, feed, a_target("https://elsewhere.org/x", due=NOW - DAY))
    with store.begin() as work:
        assert [t.url[-2:] for t in work.due_targets(HOST, now=NOW)] == ["ed", "/b", "/a"]
        assert [t.url[-2:] for t in work.due_targets(HOST, now=NOW, limit=1)] == ["ed"]
        assert work.due_authorities(now=NOW) == ("elsewhere.org:443", HOST)


def test_a_host_that_is_leased_or_must_rest_is_not_due(store: Store) -> None:
    added(store, a_target())
    host = store.hosts.lease(HOST, owner="me", now=NOW, until=NOW + HOUR)
    with store.begin() as work:
        assert work.due_authorities(now=NOW) == ()
        assert work.due_authorities(now=NOW + HOUR) == (HOST,)
    assert host is not None
    store.hosts.keep(replace(host, next_allowed=NOW + HOUR), owner="me", until=None)
    with store.begin() as work:
        assert work.due_authorities(now=NOW) == ()
        assert work.due_authorities(now=NOW + HOUR) == (HOST,)


def test_a_crawl_brings_lists_forward_and_articles_only_when_asked(store: Store) -> None:
    added(store, a_target(due=NOW + DAY), a_target(f"{SITE}/news", "listing", due=NOW + DAY))
    with store.begin() as work:
        work.make_due([COCIR], now=NOW, articles=False)
        assert [t.kind for t in work.due_targets(HOST, now=NOW)] == ["listing"]
        work.make_due([COCIR], now=NOW, articles=True)
        assert [t.kind for t in work.due_targets(HOST, now=NOW)] == ["listing", "article"]


def test_a_target_that_moved_to_a_known_address_hands_over_its_item(store: Store) -> None:
    old, _ = found(store, PAGE)
    (new,) = added(store, a_target(f"{SITE}/2026/renewed"))
    with store.begin() as work:
        work.keep_target(replace(old, url=new.url, identity=new.identity))
        (left,) = work.targets_of(COCIR)
        assert (left.id, left.item, left.url) == (new.id, old.item, new.url)
        assert work.target(old.id).retired  # type: ignore[arg-type]
        assert work.target(old.id).url == PAGE  # type: ignore[arg-type]


def test_an_address_that_has_its_own_item_keeps_it(store: Store) -> None:
    old, _ = found(store, PAGE)
    new, _ = found(store, f"{SITE}/2026/other")
    with store.begin() as work:
        work.keep_target(replace(old, url=new.url, identity=new.identity))
        assert work.target(new.id).item == new.item  # type: ignore[arg-type]


# --- keep ------------------------------------------------------------------------------------------------------------


def whole(target: Target) -> Verdict:
    """A verdict that writes to every table it can."""
    event = a_move().entry.event
    return a_finding(
        target,
        ledger=(a_move(history=(HistoryNote(at=NOW, what="first told", url=target.url),)),),
        related=(RelatedEvent(kind="intended", parties=event.parties, evidence=event.evidence),),
        targets=(a_target(f"{SITE}/news/next"),),
        alerts=(an_alert("p", kind="partnership", partnership=0), an_alert("n")),
        reasons=(Reason(rule="all", version="a1", matched=True, reason="it is new", sentence="s"),),
    )


def test_a_verdict_is_kept_as_a_whole(store: Store) -> None:
    (target,) = added(store, a_target())
    done = kept(store, whole(target))
    catalogue, item = store.catalogue(), ItemId(done.item or 0)
    assert (done.alerts, done.targets, done.partnerships) == (2, 1, (1,))
    (row,) = catalogue.items(Filter())
    assert (row.item.title, row.item.versions, row.item.published) == (
        "COCIR and HIMSS renew their agreement", 1, "2026-03-02",
    )  # fmt: skip
    assert catalogue.versions(item)[0].article == an_article()
    assert [c.kind for c in catalogue.changes(Filter(), item=item)] == [ChangeKind.NEW]
    assert catalogue.partnership(1).witnesses == (a_witness(item=item),)  # type: ignore[union-attr]
    assert [e.kind for e in catalogue.related(item)] == ["intended"]
    assert catalogue.reasons(item)[0].reason == "it is new"
    by_key = {d.alert.key: d.alert for d in catalogue.deliveries(Filter())}
    assert (by_key["p"].partnership, by_key["n"].partnership) == (1, None)
    assert {alert.item for alert in by_key.values()} == {item}


def test_a_verdict_that_fails_is_undone_as_a_whole(store: Store) -> None:
    (target,) = added(store, a_target())
    rows_before = count_all(store)
    second = replace(whole(target), changes=(a_change(), a_change(url=None)))  # no change without an address
    with pytest.raises(IntegrityError):
        kept(store, second)
    assert count_all(store) == rows_before


def count_all(store: Store) -> dict[str, int]:
    with store.begin() as work:
        counts = {t.name: select(func.count()).select_from(t) for t in metadata.sorted_tables}
        return {name: work.connection.execute(count).scalar_one() for name, count in counts.items()}


def test_a_part_is_undone_by_itself(store: Store) -> None:
    with store.begin() as work:
        work.add_targets([a_target(f"{SITE}/a")])
        with suppress(RuntimeError), work.apart():
            work.add_targets([a_target(f"{SITE}/b")])
            raise RuntimeError
        work.add_targets([a_target(f"{SITE}/c")])
    with store.begin() as work:
        assert [t.url[-1] for t in work.targets_of(COCIR)] == ["a", "c"]


def test_a_target_that_memory_does_not_know_is_a_bug(store: Store) -> None:
    with pytest.raises(ValueError, match="memory knows"):
        kept(store, a_verdict(a_target()))


def test_a_quiet_look_touches_the_item_and_nothing_else(store: Store) -> None:
    target, _ = found(store)
    before = count_all(store)
    kept(store, a_verdict(target, at=NOW + DAY, seen=True))
    assert store.catalogue().items(Filter())[0].item.last_seen == NOW + DAY
    assert count_all(store) == before


def test_a_failed_look_does_not_touch_the_item(store: Store) -> None:
    target, _ = found(store)
    kept(store, a_verdict(replace(target, failures=1), at=NOW + DAY))
    assert store.catalogue().items(Filter())[0].item.last_seen == NOW


def test_the_same_alert_is_queued_once(store: Store) -> None:
    target, _ = found(store, alerts=(an_alert(),))
    assert kept(store, a_verdict(target, alerts=(an_alert(), an_alert(to="bob@press.eu")))).alerts == 1
    assert len(store.catalogue().deliveries(Filter())) == 2


def test_a_second_version_stands_beside_the_first(store: Store) -> None:
    target, done = found(store)
    edited = an_observation(an_article("All is new.", title="New"), version=2, seen=NOW + DAY)
    kept(store, a_verdict(target, observation=edited, at=NOW + DAY))
    first, second = store.catalogue().versions(ItemId(done.item or 0))
    assert (first.article.title, second.article.title) == ("COCIR and HIMSS renew their agreement", "New")
    assert store.catalogue().items(Filter())[0].item.title == "New"


def test_state_address_and_story_are_written_where_they_change(store: Store) -> None:
    first, _ = found(store, f"{SITE}/first")
    target, _ = found(store)
    kept(store, a_verdict(target, state=ItemState.WITHDRAWN, moved_to=f"{SITE}/moved", story=first.item))
    item = store.catalogue().items(Filter())[0].item
    assert (item.state, item.url, item.story) == (ItemState.WITHDRAWN, f"{SITE}/moved", first.item)


# --- recall ----------------------------------------------------------------------------------------------------------


def test_a_list_is_told_which_leads_are_known_in_its_source_alone(store: Store) -> None:
    (feed, page, _) = added(
        store, a_target(f"{SITE}/feed", "feed", last_good=NOW - DAY), a_target(),
        a_target(f"{SITE}/esr", source=SourceId("esr")),
    )  # fmt: skip
    many = tuple(f"unknown{n}" for n in range(1200))
    answer = recalled(store, feed, identities=(*many, page.identity, a_target(f"{SITE}/esr").identity))
    assert (answer.known, answer.articles, answer.last_good) == ({page.identity}, 1, NOW - DAY)


def test_an_article_is_told_its_past(store: Store) -> None:
    target, _ = found(store)
    edited = an_observation(an_article("All is new."), version=2, seen=NOW + DAY)
    kept(store, a_verdict(target, observation=edited, at=NOW + DAY))
    (other,) = added(store, a_target(f"{SITE}/print/renew", item=target.item))
    answer = recalled(store, target)
    assert answer.item is not None
    assert answer.item.versions == 2
    assert answer.observation is not None
    assert answer.observation.article == edited.article
    assert [(v.version, v.seen) for v in answer.versions] == [(2, NOW + DAY), (1, NOW)]
    assert answer.addresses == (other,)


def test_the_same_text_is_found_anywhere_and_its_addresses_in_the_same_source(store: Store) -> None:
    first, _ = found(store)
    found(store, "https://www.myesr.org/renewed", "esr", article=an_article())
    (new,) = added(store, a_target(f"{SITE}/2026/renew"))
    mark = an_observation().fingerprint
    answer = recalled(store, new, content=mark.content, bands=mark.bands)
    assert [(a.exact, a.item.source) for a in answer.look_alikes] == [(True, "cocir"), (True, "esr")]
    assert [target.id for target in answer.looks_alike_targets] == [first.id]


def test_a_text_with_a_new_headline_is_found_by_its_bands(store: Store) -> None:
    found(store)
    (new,) = added(store, a_target("https://www.myesr.org/renewed", source=SourceId("esr")))
    mark = an_observation(an_article(title="ESR reports")).fingerprint
    (twin,) = recalled(store, new, content=mark.content, bands=mark.bands).look_alikes
    assert (twin.exact, twin.item.url) == (False, PAGE)


def test_a_strange_text_resembles_nothing(store: Store) -> None:
    found(store)
    (new,) = added(store, a_target(f"{SITE}/other"))
    strange = an_observation(an_article("An annual meeting of radiographers was held in the spring of that year."))
    mark = strange.fingerprint
    assert recalled(store, new, content=mark.content, bands=mark.bands).look_alikes == ()


def test_only_the_latest_version_is_a_look_alike(store: Store) -> None:
    target, _ = found(store)
    kept(store, a_verdict(target, observation=an_observation(an_article("All is new."), version=2)))
    (new,) = added(store, a_target(f"{SITE}/other"))
    mark = an_observation().fingerprint
    assert recalled(store, new, content=mark.content, bands=mark.bands).look_alikes == ()


# --- the ledger ------------------------------------------------------------------------------------------------------


def test_the_ledger_is_found_by_two_of_its_parties_newest_first(store: Store) -> None:
    moves = (a_move("COCIR", "HIMSS"), a_move("HIMSS", "ESR", "COCIR"), a_move("DICOM", "ESR"))
    found(store, ledger=moves)
    (new,) = added(store, a_target(f"{SITE}/other"))
    ledger = recalled(store, new, parties=(("himss.org", "himss"), ("nobody.org",), ("cocir.org",))).ledger
    assert [[p.name for p in entry.event.parties] for entry in ledger] == [
        ["HIMSS", "ESR", "COCIR"],
        ["COCIR", "HIMSS"],
    ]
    assert recalled(store, new, parties=(("himss.org", "himss"), ("nobody.org",))).ledger == ()


def test_a_body_with_thousands_of_entries_hides_none_and_none_of_them_is_walked_through(store: Store) -> None:
    umbrella = tuple(a_move("Umbrella", f"Member {n}") for n in range(300))
    found(store, ledger=(a_move("Umbrella", "COCIR"), *umbrella))
    (new,) = added(store, a_target(f"{SITE}/other"))
    asked = (("umbrella.org",), ("cocir.org",), ("esr.org",))
    (entry,) = recalled(store, new, parties=asked).ledger
    assert entry.id == 1


def test_an_item_recalls_what_it_is_a_witness_of_whatever_it_says_now(store: Store) -> None:
    target, _ = found(store, ledger=(a_move("COCIR", "HIMSS"),))
    assert len(recalled(store, target).ledger) == 1


def test_a_known_entry_is_amended_and_each_page_is_a_witness_once(store: Store) -> None:
    target, done = found(store, ledger=(a_move(),))
    (entry,) = recalled(store, target, parties=("himss.org",)).ledger
    other = a_witness("https://www.himss.org/n", source=SourceId("himss"), first_seen=NOW + DAY)
    amended = replace(entry, event=replace(entry.event, since="2008"), witnesses=(*entry.witnesses, other))
    for _ in range(2):
        again = kept(store, a_verdict(target, ledger=(a_move(**entry_facts(amended)),)))
        assert again.partnerships == (entry.id,)
    (now,) = store.catalogue().partnerships(Filter())
    assert now.event.since == "2008"
    assert [(w.url, w.item, w.first_seen) for w in now.witnesses] == [
        (PAGE, done.item, NOW), (other.url, done.item, NOW + DAY),
    ]  # fmt: skip


def entry_facts(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


def test_a_rejected_entry_stays_rejected(store: Store) -> None:
    target, _ = found(store, ledger=(a_move(status="rejected"),))
    kept(store, a_verdict(target, ledger=(a_move(id=PartnershipId(1), status="rejected", adds=("date",)),)))
    assert store.catalogue().partnerships(Filter())[0].status == "rejected"


def test_two_processes_that_meet_one_event_at_the_same_moment_make_one_entry(store: Store) -> None:
    pages = added(store, a_target(PAGE), a_target("https://www.himss.org/n"))
    asked = Barrier(2, timeout=0.3)

    def look(target: Target) -> None:
        with store.begin() as work:
            known = work.recall(target, Question(parties=(("himss.org",), ("cocir.org",)))).ledger
            with suppress(BrokenBarrierError):  # nobody comes: the other one waits for this transaction's end
                asked.wait()
            if not known:
                work.keep(a_finding(target, ledger=(a_move(),)))

    with ThreadPoolExecutor(2) as processes:
        list(processes.map(look, pages))
    assert len(store.catalogue().partnerships(Filter())) == 1


# --- what pages may hold ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["nul \0 byte", "lone \ud800 surrogate", "\u202e bidi", "𝔘nicode", "x" * 70_000])
def test_no_text_of_a_page_breaks_the_memory(store: Store, text: str) -> None:
    (target,) = added(store, a_target(title=text))
    article = an_article(text, title=text)
    done = kept(store, a_finding(target, article, reasons=(Reason(rule=text, version="1", matched=True, reason=text),)))
    (seen,) = store.catalogue().versions(ItemId(done.item or 0))
    assert len(seen.article.title) >= len(text) - 1


def test_the_longest_address_is_a_target_like_any_other(store: Store) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    tail = "".join(Random(1).choices(letters, k=LONGEST - len(SITE) - 1))  # which no compression makes short
    target, _ = found(store, canonical(f"{SITE}/{tail}"))
    assert recalled(store, target, identities=(target.identity,)).known == {target.identity}


def test_an_address_that_moves_under_one_key_takes_its_host_along(store: Store) -> None:
    moved = "https://www.cocir.org:8443/a"
    with store.begin() as work:
        known = work.the_target(a_target("http://www.cocir.org:8443/a"))
        work.keep_target(replace(known, url=moved), before=known)
        there = work.target(known.id)
        assert work.keep_target(replace(there, url="https://cocir.org:8443/a"), before=there) is None
        row = work.connection.execute(text("SELECT authority FROM targets")).scalar_one()
    assert row == "cocir.org:8443"
