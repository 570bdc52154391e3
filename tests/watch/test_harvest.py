"""What a list of leads means: how far back a first look goes, what is news after it, and which ways lead on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from scraper.discover.lead import Lead, Leads
from scraper.engine.readers import ProcessReader
from scraper.url import canonical, identity
from scraper.watch.harvest import harvest, new_targets
from scraper.watch.read import ReadJob, Trouble, marked, read
from storage.records.source import FirstCrawl, Hints, SourceId, Target, TargetKind
from storage.records.verdict import Question, Recall, Verdict
from storage.store import Store
from tests.builders import (
    DAY,
    NOW,
    SITE,
    a_date,
    a_known_target,
    a_lead,
    a_policy,
    a_source,
    a_target,
    a_verdict,
)  # fmt: skip

BEFORE = NOW - DAY
FEED = a_known_target(f"{SITE}/feed", "feed", looked=None)
PAGE_2 = a_lead("/news?page=2", "listing", origin="pagination")


def harvested(*leads: Lead, target: Target = FEED, more: tuple[Lead, ...] = (), recall: Recall | None = None,
              **source: Any) -> Verdict:  # fmt: skip
    """The verdict on a list that brought these; without a `recall` it is a baseline and nothing is known."""
    known = {"first_crawl": FirstCrawl(items=50, age=timedelta(days=180)), **source}
    brought = Leads(kind=target.kind, items=leads, more=more)
    return harvest(target, brought, recall or Recall(), a_policy(source=a_source(**known)), now=NOW)


def later(*known: Lead, articles: int = 0) -> Recall:
    """What memory says after a finished first look."""
    return Recall(last_good=BEFORE, known=frozenset(key_of(lead) for lead in known), articles=articles)


def key_of(lead: Lead) -> str:
    return identity(canonical(lead.url))


def paths(verdict: Verdict) -> list[str]:
    return [target.url.removeprefix(SITE) for target in verdict.targets if not target.retired]


def many(n: int, **facts: Any) -> tuple[Lead, ...]:
    return tuple(a_lead(f"/news/{number}", **facts) for number in range(n))


# --- the first look --------------------------------------------------------------------------------------------------


def test_a_first_look_takes_the_newest_fifty() -> None:
    old = tuple(a_lead(f"/old/{n}", published=a_date("2026-01-01")) for n in range(60))
    new = tuple(a_lead(f"/new/{n}", published=a_date("2026-03-01")) for n in range(30))
    found = paths(harvested(*old, *new))
    assert (len(found), sum(path.startswith("/new/") for path in found)) == (50, 30)


def test_a_first_look_goes_back_as_far_as_first_crawl_says() -> None:
    dates = {"/a": "2026-03-01", "/b": "2025-09-04", "/c": "2025-09-02", "/d": "2019", "/e": "2025-09"}
    found = paths(harvested(*(a_lead(path, published=a_date(date)) for path, date in dates.items())))
    assert sorted(found) == ["/a", "/b", "/e"]  # 180 days back is 3 September; a month counts by its last day


def test_undated_leads_count_as_recent_in_the_lists_own_order() -> None:
    assert paths(harvested(*many(60)))[:2] == ["/news/0", "/news/1"]
    assert len(paths(harvested(*many(60)))) == 50


def test_several_lists_of_a_source_share_the_first_fifty() -> None:
    assert len(paths(harvested(*many(30), recall=Recall(articles=45)))) == 5
    assert paths(harvested(*many(30), recall=Recall(articles=70))) == []


def test_a_first_look_without_bounds_takes_all() -> None:
    assert len(paths(harvested(*many(300), first_crawl=FirstCrawl(items=None, age=None)))) == 300


def test_what_a_first_look_leaves_alone_is_known_and_stays_alone() -> None:
    verdict = harvested(*many(60))
    assert sum(target.retired for target in verdict.targets) == 10
    assert "10 older ones left alone by first_crawl" in verdict.because


def test_what_was_left_alone_is_no_news_at_the_second_look(store: Store) -> None:
    leads = many(60)
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets((replace(FEED, id=None),))
        (feed,) = work.targets_of(SourceId("cocir"))
        work.keep(harvested(*leads, target=replace(feed, last_good=NOW)))
        feed = work.target(feed.id)  # type: ignore[arg-type]
        recall = work.recall(feed, Question(identities=tuple(map(key_of, leads))))
        assert (recall.articles, len(recall.known), len(recall.left)) == (50, 60, 10)
        assert paths(harvested(*leads, target=feed, recall=recall)) == []


def test_what_is_found_in_a_baseline_is_history() -> None:
    assert [target.looked for target in harvested(*many(2)).targets] == [None, None]


def test_a_baseline_that_was_never_finished_stays_open() -> None:
    """The list answered 503 so far: checks and failures are no finished look."""
    tried = replace(FEED, checks=3, failures=3, last_checked=BEFORE)
    assert harvested(*many(1), target=tried).targets[0].looked is None


# --- later looks -----------------------------------------------------------------------------------------------------


def test_what_is_found_later_knows_the_look_before_it() -> None:
    verdict = harvested(*many(3), recall=later(*many(2), articles=90))
    assert [(t.url, t.looked, t.due) for t in verdict.targets] == [(f"{SITE}/news/2", BEFORE, NOW)]


def test_a_burst_is_taken_whole_whatever_first_crawl_says() -> None:
    old = tuple(a_lead(f"/news/{n}", published=a_date("2019-01-01")) for n in range(80))
    assert len(paths(harvested(*old, recall=later(articles=90)))) == 80


def test_a_lead_named_twice_is_one_target() -> None:
    assert len(harvested(a_lead("/a"), a_lead("/a/"), a_lead("/a#top")).targets) == 1


def test_title_and_date_of_the_lead_go_along() -> None:
    (target,) = harvested(a_lead("/a", title="Renewed", published=a_date("2026-03"))).targets
    assert (target.title, target.published, target.kind, target.origin) == (
        "Renewed", a_date("2026-03"), TargetKind.ARTICLE, "listing",
    )  # fmt: skip


# --- which leads are wanted ------------------------------------------------------------------------------------------


def test_include_and_exclude_are_searched_in_the_address() -> None:
    leads = (a_lead("/news/a"), a_lead("/events/b"), a_lead("/news/press-kit"))

    def let_in(**patterns: tuple[str, ...]) -> list[str]:
        return paths(harvested(*marked(leads, Hints(**patterns))))

    assert let_in(include=("/news/",)) == ["/news/a", "/news/press-kit"]
    assert let_in(include=("/news/",), exclude=("kit$",)) == ["/news/a"]
    assert let_in(exclude=("/news/",)) == ["/events/b"]


async def test_a_pattern_without_an_end_costs_a_reading_and_not_the_loop() -> None:
    feed = f"""<rss version="2.0"><channel><title>N</title><item><title>A</title>
    <link>{SITE}/{"a" * 40}!</link></item></channel></rss>"""
    source = a_source(exclude=("(a+)+$",))
    job = ReadJob(kind=TargetKind.FEED, url=FEED.url, body=feed.encode(), seen=NOW, hints=source.hints)
    async with ProcessReader(workers=1, seconds=3.0) as reader:
        assert await reader.read(read, job) == Trouble(kind="timeout", reason="stopped after 3 s")
    # and what reads it back matches nothing itself
    assert paths(harvested(a_lead(f"/{'a' * 40}!"), exclude=("(a+)+$",))) == [f"/{'a' * 40}!"]


def test_an_address_that_is_none_is_no_target() -> None:
    leads = tuple(
        Lead(url=url, kind=TargetKind.ARTICLE, origin="feed") for url in ("javascript:alert(1)", "", "mailto:a@b.eu")
    )
    assert harvested(*leads).targets == ()


# --- further pages, feeds, child sitemaps ----------------------------------------------------------------------------


def test_a_further_page_is_looked_at_while_this_one_is_unknown_to_its_end() -> None:
    assert "/news?page=2" in paths(harvested(*many(10), more=(PAGE_2,)))
    assert "/news?page=2" not in paths(harvested(*many(10), more=(PAGE_2,), recall=later(*many(10)[9:])))
    assert "/news?page=2" not in paths(harvested(*many(10), more=(PAGE_2,), recall=later(*many(6))))


def test_an_old_item_pinned_above_the_others_does_not_stop_the_turning_of_pages() -> None:
    assert "/news?page=2" in paths(harvested(*many(10), more=(PAGE_2,), recall=later(*many(1))))


def test_what_another_way_brought_since_the_last_look_does_not_stop_the_turning_of_pages() -> None:
    by_feed = replace(later(*many(10)), recent=frozenset(map(key_of, many(10))))
    assert paths(harvested(*many(10), more=(PAGE_2,), recall=by_feed)) == ["/news?page=2"]


def test_a_list_without_end_that_repeats_itself_is_left_after_some_pages() -> None:
    by_feed = replace(later(*many(10)), recent=frozenset(map(key_of, many(10))))
    far = a_lead("/news?page=61", "listing", origin="pagination")
    assert paths(harvested(*many(10), more=(far,), recall=by_feed)) == []
    assert "/news?page=2" not in paths(harvested(more=(PAGE_2,)))


def test_a_first_look_does_not_turn_pages_beyond_its_bounds() -> None:
    assert "/news?page=2" not in paths(harvested(*many(50), more=(PAGE_2,)))
    assert "/news?page=2" not in paths(harvested(*many(10), more=(PAGE_2,), recall=Recall(articles=45)))
    old = tuple(a_lead(f"/n/{n}", published=a_date("2019-05-01")) for n in range(10))
    assert "/news?page=2" not in paths(harvested(*many(3), *old, more=(PAGE_2,)))


def test_after_an_outage_pages_are_turned_though_the_source_has_many_articles() -> None:
    assert "/news?page=2" in paths(harvested(*many(10), more=(PAGE_2,), recall=later(articles=400)))


def test_a_page_that_was_turned_before_is_turned_again_after_the_next_outage(store: Store) -> None:
    recall = replace(later(articles=400), known=frozenset([key_of(PAGE_2)]))
    verdict = harvested(*many(10), more=(PAGE_2,), recall=recall)
    with store.begin() as work:
        work.sync_sources((a_source(),))
        turned = a_target(
            PAGE_2.url, "listing", origin="pagination", retired=True, last_checked=BEFORE, last_good=BEFORE
        )
        work.add_targets((a_target(f"{SITE}/news", "listing"), turned))
        (listing,) = work.targets_of(SourceId("cocir"))
        work.keep(a_verdict(listing, targets=verdict.targets))
        again = next(t for t in work.targets_of(SourceId("cocir")) if t.origin == "pagination")
        assert (again.due, again.looked, again.last_good) == (NOW, BEFORE, None)


def test_a_page_that_was_read_is_not_revisited() -> None:
    page = a_known_target(PAGE_2.url, "listing", origin="pagination", looked=BEFORE)
    assert harvested(*many(1), target=page).target.retired


def test_what_a_further_page_holds_is_as_new_as_the_list_it_belongs_to() -> None:
    page = a_known_target(PAGE_2.url, "listing", origin="pagination", looked=BEFORE)
    assert {target.looked for target in harvested(*many(60), target=page).targets} == {BEFORE}
    assert len(paths(harvested(*many(60), target=page))) == 60


def test_a_child_sitemap_goes_by_its_parents_last_look() -> None:
    child = a_lead("/sitemap-2026-03.xml", "sitemap", origin="sitemap")
    parent = a_known_target(f"{SITE}/sitemap.xml", "sitemap", looked=None)
    (target,) = harvested(target=parent, more=(child,), recall=later()).targets
    assert (target.looked, target.kind) == (BEFORE, TargetKind.SITEMAP)
    found = harvested(*many(2), target=replace(target, id=FEED.id))
    assert {each.looked for each in found.targets} == {BEFORE}


def test_a_feed_found_later_has_a_baseline_of_its_own() -> None:
    feed = a_lead("/feed.xml", "feed", origin="autodiscovery")
    (target,) = harvested(more=(feed,), recall=later()).targets
    assert (target.kind, target.looked) == (TargetKind.FEED, None)


def test_a_feed_named_by_the_page_is_taken_once() -> None:
    feed = a_lead("/feed.xml", "feed", origin="autodiscovery")
    assert harvested(more=(feed,), recall=later(feed)).targets == ()


# --- ways that overlap ------------------------------------------------------------------------------------------------


def test_a_list_that_a_good_feed_covers_is_looked_at_rarely() -> None:
    listing = a_known_target(f"{SITE}/news", "listing", looked=None)
    covered = replace(later(*many(3)), feeds=1)
    assert harvested(*many(3), target=listing, recall=covered).target.due == NOW + DAY
    assert harvested(*many(3), target=listing, recall=replace(covered, feeds=0)).target.due == listing.due
    assert (
        harvested(*many(4), target=listing, recall=covered).target.due == listing.due
    )  # it names what the feed had not
    assert harvested(*many(3), target=FEED, recall=covered).target.due == FEED.due


def test_of_a_sitemap_that_robots_names_only_news_are_taken() -> None:
    leads = (a_lead("/about-us"), a_lead("/news/members-renew"))
    whole = a_known_target(f"{SITE}/sitemap.xml", "sitemap", looked=None, origin="robots")
    assert paths(harvested(*leads, target=whole)) == ["/news/members-renew"]
    assert len(paths(harvested(*leads, target=replace(whole, origin="given")))) == 2


def test_a_bounded_first_look_opens_few_of_many_child_sitemaps() -> None:
    maps = tuple(a_lead(f"/s{n}.xml", "sitemap", origin="sitemap") for n in range(40))
    parent = a_known_target(f"{SITE}/sitemap.xml", "sitemap", looked=None)
    assert len(paths(harvested(target=parent, more=maps))) == 5
    assert len(paths(harvested(target=parent, more=maps, first_crawl=FirstCrawl(items=None, age=None)))) == 40


# --- teasers of an article -------------------------------------------------------------------------------------------


def teased(*leads: Lead, **facts: Any) -> tuple[Target, ...]:
    policy = a_policy(source=a_source(exclude=("/shop/",)))
    leads = marked(leads, policy.source.hints)
    return new_targets(leads, a_known_target(**facts), Recall(), policy, now=NOW)


def test_teasers_of_a_news_article_are_as_new_as_the_article() -> None:
    (target,) = teased(a_lead("/news/other", origin="teaser"), a_lead("/shop/x", origin="teaser"), looked=BEFORE)
    assert (target.looked, target.origin) == (BEFORE, "teaser")


def test_teasers_lead_one_step_and_none_in_a_baseline() -> None:
    assert teased(a_lead("/news/other"), origin="teaser", looked=BEFORE) == ()
    assert teased(a_lead("/news/other"), looked=None) == ()
