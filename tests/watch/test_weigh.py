"""What an article that was read means: new, edited, back to what it was, the same as another; what it announces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.watch.weigh import QUIET as TO_AND_FRO
from scraper.watch.weigh import weigh
from storage.records.article import Article
from storage.records.change import ChangeKind
from storage.records.observation import ItemState, Observation
from storage.records.partnership import PartnershipId
from storage.records.source import SourceId, Target
from storage.records.verdict import LookAlike, Recall, SeenVersion, Verdict
from tests.builders import (
    DAY,
    HOUR,
    NOW,
    PAGE,
    SENTENCE,
    SITE,
    STORY,
    a_date,
    a_known_target,
    a_move,
    a_policy,
    a_reading,
    a_rule,
    a_target,
    an_article,
    an_event,
    an_item,
    an_observation,
)  # fmt: skip

FRESH = a_target(id=3, looked=NOW - DAY)
QUIET = (STORY[1], STORY[2])  # the story without the sentence that announces it
RULES = (a_rule("partnership", "new", "changed", "withdrawn"),)


def weighed(
    article: Article, recall: Recall | None = None, *events: Any, target: Target = FRESH, **settings: Any
) -> Verdict:
    policy = a_policy(*RULES, **settings)
    return weigh(target, a_reading(article, *events), recall or Recall(), policy, raw="ab", now=NOW)


def again(article: Article, *past: Observation, recall: dict[str, Any] | None = None, events: tuple[Any, ...] = (),
          **settings: Any) -> Verdict:  # fmt: skip
    """The verdict on a known article whose versions were these, oldest first."""
    known = past or (an_observation(),)
    seen = tuple(
        SeenVersion(version=o.version, content=o.fingerprint.content, seen=o.seen, published="2026-03-02")
        for o in reversed(known)
    )
    item = an_item(versions=len(known))
    past_of = {"item": item, "observation": known[-1], "versions": seen, **(recall or {})}
    return weighed(article, Recall(**past_of), *events, target=a_known_target(looked=NOW - 9 * DAY), **settings)


def kinds(verdict: Verdict) -> list[str]:
    return [change.kind.value for change in verdict.changes]


def twin(article: Article | None = None, *, source: str = "cocir", exact: bool = True, **facts: Any) -> LookAlike:
    item = an_item(source=SourceId(source), url=f"{SITE}/twin", **facts)
    return LookAlike(item=item, observation=an_observation(article), exact=exact)


# --- the first look --------------------------------------------------------------------------------------------------


def test_an_article_never_seen_is_new_and_becomes_an_item_with_one_version() -> None:
    verdict = weighed(an_article())
    assert (kinds(verdict), verdict.new_item, verdict.because) == (["new"], True, ("seen for the first time",))
    assert verdict.observation is not None
    assert (verdict.observation.version, verdict.observation.raw, verdict.observation.seen) == (1, "ab", NOW)
    assert [alert.kind for alert in verdict.alerts] == ["new"]


def test_an_article_of_a_baseline_is_kept_and_told_to_nobody() -> None:
    verdict = weighed(an_article(), None, an_event(), target=replace(FRESH, looked=None))
    assert (kinds(verdict), len(verdict.ledger), verdict.alerts) == (["new"], 1, ())
    assert {reason.reason for reason in verdict.reasons} == {"found in a baseline: for the ledger, no news"}


def test_a_new_partnership_is_told_once_and_not_as_a_new_article_too() -> None:
    verdict = weighed(an_article(), None, an_event())
    assert [(alert.kind, alert.mode, alert.partnership) for alert in verdict.alerts] == [("partnership", "at once", 0)]
    (move,) = verdict.ledger
    assert (move.entry.id, move.entry.witnesses[0].url) == (None, PAGE)
    assert "id:himss.org" in move.keys


def test_one_event_that_a_page_tells_twice_is_one_entry() -> None:
    verdict = weighed(an_article(), None, an_event(), an_event(action="extended"))
    assert len(verdict.ledger) == 1


# --- twins -----------------------------------------------------------------------------------------------------------


def test_the_same_text_at_a_second_address_of_the_source_is_not_new() -> None:
    first = a_known_target(f"{SITE}/twin", id=9, due=NOW + DAY)
    verdict = weighed(an_article(), Recall(look_alikes=(twin(),), looks_alike_targets=(first,)))
    assert (verdict.changes, verdict.new_item, verdict.outcome, verdict.alerts) == ((), False, "same", ())
    assert verdict.target.item == first.item
    assert [(target.id, target.due) for target in verdict.targets] == [(9, NOW)]  # the first is asked next


def test_the_text_of_a_withdrawn_item_at_a_new_address_is_its_return_and_told() -> None:
    verdict = weighed(an_article(), Recall(look_alikes=(twin(state=ItemState.WITHDRAWN),)))
    assert (kinds(verdict), verdict.state, verdict.moved_to) == (["restored"], ItemState.PRESENT, PAGE)
    assert [alert.kind for alert in verdict.alerts] == ["withdrawn"]


def test_a_text_of_few_words_is_no_twin() -> None:
    short = an_article("Find here the full press release.")
    verdict = weighed(short, Recall(look_alikes=(twin(short),)))
    assert kinds(verdict) == ["new"]


def test_the_same_text_in_another_source_is_a_new_item_of_the_same_story() -> None:
    verdict = weighed(an_article(), Recall(look_alikes=(twin(source="himss"),)))
    assert (kinds(verdict), verdict.story) == (["new"], 7)
    assert verdict.because[1] == f"the same story as {SITE}/twin, seen 2026-02-22"


def test_a_story_is_told_by_its_first_page() -> None:
    verdict = weighed(an_article(), Recall(look_alikes=(twin(source="himss", story=2),)))
    assert verdict.story == 2


def test_bulletins_of_one_source_that_share_most_words_are_stories_of_their_own() -> None:
    form = "In {0} the association counted {1} members in {2} countries and met them {3} times in {4}. " * 6
    march, april = (an_article(form.format(*facts), title=f"Bulletin of {facts[0]}")
                    for facts in (("March", 212, 27, 4, "Lisbon"), ("April", 215, 29, 6, "Vienna")))  # fmt: skip
    assert weighed(april, Recall(look_alikes=(twin(march, exact=False),))).story is None


def test_a_story_at_another_address_of_its_source_waits_until_the_first_was_asked() -> None:
    longer, first = an_article(*STORY, "A sentence was added."), a_known_target(f"{SITE}/twin", id=9, due=NOW + DAY)
    recall = Recall(look_alikes=(twin(exact=False),), looks_alike_targets=(first,))
    verdict = weighed(longer, recall, target=replace(FRESH, checks=1))
    assert (verdict.outcome, verdict.changes, verdict.new_item) == ("waits", (), False)
    assert [target.id for target in verdict.targets] == [9]
    stands = weighed(longer, recall, target=replace(FRESH, checks=2))
    assert (kinds(stands), stands.story) == (["new"], 7)
    gone = replace(recall, looks_alike_targets=(replace(first, gone_checks=1),))
    moved = weighed(longer, gone, target=replace(FRESH, checks=2))
    assert (moved.outcome, moved.target.item, moved.changes) == ("same", 7, ())


def test_a_release_with_another_headline_and_an_added_paragraph_is_the_same_story() -> None:
    longer = an_article(
        *STORY, "About HIMSS: a society of those who work with health information.", title="HIMSS reports"
    )
    assert weighed(longer, Recall(look_alikes=(twin(source="himss", exact=False),))).story == 7


def test_an_article_on_the_same_matter_in_other_words_is_a_story_of_its_own() -> None:
    other = an_article(
        "Two bodies from radiology said on Monday that they would renew what they agreed on in 2008, " * 3
    )
    assert weighed(other, Recall(look_alikes=(twin(source="himss", exact=False),))).story is None


# --- the next looks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (an_article(title="COCIR and HIMSS extend their agreement"), ["retitled"]),
        (an_article(STORY[0], STORY[1].replace("two workshops", "three workshops"), STORY[2]), ["corrected"]),
        (an_article(STORY[0], "All of the rest was written anew, in words that nobody had read before."), ["edited"]),
        (an_article(*STORY, published=a_date("2026-03-01")), ["date_changed"]),
        (an_article(*STORY, published=a_date("2026-03-09")), ["republished"]),
        (an_article(*(text.replace("-", "\u2010").replace(" ", "\u00a0") for text in STORY)), []),
        (an_article(*STORY, teasers=(), about=(), deck="A new deck"), []),
    ],
)  # fmt: skip
def test_what_became_of_an_article(article: Article, expected: list[str]) -> None:
    verdict = again(article)
    assert kinds(verdict) == expected
    if not expected:
        assert (verdict.observation, verdict.alerts) == (None, ())


def test_a_new_text_is_a_new_version_and_counts_as_a_change_of_its_target() -> None:
    verdict = again(an_article("All is new."))
    assert verdict.observation is not None
    assert (verdict.observation.version, verdict.target.changes) == (2, 1)
    assert (verdict.changes[0].old_version, verdict.changes[0].new_version) == (1, 2)
    assert [alert.kind for alert in verdict.alerts] == ["changed"]


def test_a_changed_date_is_told_once() -> None:
    """The text is the same: unless the new date is kept, each look finds it changed again."""
    redated = an_article(published=a_date("2026-03-01"))
    first = again(redated)
    assert kinds(first) == ["date_changed"]
    assert first.observation is not None
    assert again(redated, an_observation(), first.observation).changes == ()


# --- A-B-A -----------------------------------------------------------------------------------------------------------

A, B = an_article(), an_article(*STORY, "The signing took place in Brussels.")


def versions(*articles: Article, every: Any = HOUR) -> tuple[Observation, ...]:
    first = NOW - len(articles) * every
    return tuple(an_observation(a, version=n + 1, seen=first + n * every) for n, a in enumerate(articles))


def test_back_to_an_earlier_text_within_the_window_is_reverted_and_silent() -> None:
    verdict = again(A, *versions(A, B), flip_window=DAY)
    assert (kinds(verdict), verdict.alerts) == (["reverted"], ())
    assert verdict.changes[0].because[0].startswith("back to the text of version 1, ")


def test_from_the_third_flip_it_is_one_oscillation_recorded_and_silent() -> None:
    third = again(B, *versions(A, B, A), flip_window=DAY)
    assert (kinds(third), third.alerts) == (["reverted"], ())
    assert third.changes[0].because[0].startswith("goes to and fro: once more the text of version 2, ")
    fourth = again(A, *versions(A, B, A, B), flip_window=DAY)
    assert (fourth.changes, fourth.observation, fourth.because) == ((), None, (TO_AND_FRO,))


def test_what_once_went_to_and_fro_stays_silent_when_it_settles() -> None:
    past = versions(A, B, A, B)
    settled = tuple(replace(o, seen=o.seen - 3 * DAY) for o in past)
    verdict = again(A, *settled, flip_window=DAY)
    assert (kinds(verdict), verdict.alerts) == (["reverted"], ())


def test_back_to_an_earlier_text_after_the_window_is_an_edit() -> None:
    assert kinds(again(A, *versions(A, B, every=2 * DAY), flip_window=DAY)) == ["edited"]


def test_a_window_of_nothing_believes_each_change() -> None:
    assert kinds(again(A, *versions(A, B), flip_window=0 * DAY)) == ["edited"]


def test_a_third_text_is_no_flip() -> None:
    assert kinds(again(an_article("All is new."), *versions(A, B), flip_window=DAY)) == ["edited"]


# --- old words never alert again -------------------------------------------------------------------------------------


def test_an_edit_elsewhere_does_not_announce_the_old_sentence_again() -> None:
    verdict = again(an_article(*STORY, "A photo was added."), events=(an_event(),))
    assert (verdict.ledger, [alert.kind for alert in verdict.alerts]) == ((), ["changed"])


def test_a_sentence_added_by_an_edit_announces() -> None:
    verdict = again(an_article(*STORY), an_observation(an_article(*QUIET)), events=(an_event(),))
    assert len(verdict.ledger) == 1
    assert {alert.kind for alert in verdict.alerts} == {"partnership"}


def test_an_old_sentence_in_other_typography_is_an_old_sentence() -> None:
    typeset = SENTENCE.replace(" ", "\u00a0")
    event = an_event(evidence=(replace(an_event().evidence[0], sentence=typeset),))
    assert again(an_article(typeset, STORY[1], "New."), events=(event,)).ledger == ()


def test_an_edit_elsewhere_adds_nothing_to_a_known_entry() -> None:
    known = replace(a_move().entry, id=PartnershipId(4))
    verdict = again(an_article(*STORY, "A photo."), events=(an_event(),), recall={"ledger": (known,)})
    assert verdict.ledger == ()


def test_the_next_version_of_the_program_may_read_more_without_an_alert_on_old_words() -> None:
    """A sentence that stood there all along and is only now understood was no news then and is none now."""
    verdict = again(an_article(*STORY, "A photo was added."), an_observation(), events=(an_event("DICOM", "ESR"),))
    assert verdict.ledger == ()


def test_kinds_are_told_by_their_own_names() -> None:
    assert again(an_article("All is new.")).changes[0].kind is ChangeKind.EDITED
