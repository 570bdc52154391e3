"""When an alert is due: each line of the promise, and each reason for silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.alert.happening import KIND_OF_CHANGE, THIS_MACHINE, Happening, relationship
from scraper.alert.rules import Decision, alerts_for, decide, same_by, same_party
from storage.records.alert import Alert, Reason, Rule
from storage.records.change import ChangeKind
from storage.records.partnership import Evidence, LedgerMove, Organisation, Party, RelatedEvent
from tests.alert.builders import (
    COCIR,
    ESR,
    HIMSS,
    NOW,
    PAGE,
    SENTENCE,
    WEEK,
    a_change,
    a_date,
    a_happening,
    a_person,
    a_rule,
    a_source,
    a_witness,
    an_article,
    an_entry,
    an_event,
)


def decided(happening: Happening, *rules: Rule, now: datetime = NOW, **others: Any) -> Decision:
    return alerts_for(happening, rules or (a_rule(),), now=now, alert_age=WEEK, **others)


def the_alert(happening: Happening, *rules: Rule, **others: Any) -> Alert:
    (alert,) = decided(happening, *rules, **others).alerts
    return alert


def the_reason(happening: Happening, *rules: Rule, **others: Any) -> Reason:
    (reason,) = decided(happening, *rules, **others).reasons
    return reason


def silent(happening: Happening, rule: Rule | None = None) -> str:
    decision = decided(happening, rule or a_rule())
    assert decision.alerts == ()
    assert not decision.reasons[0].matched
    return decision.reasons[0].reason


# --- age -------------------------------------------------------------------------------------------------------------


def test_a_fresh_partnership_is_told_at_once():
    alert = the_alert(a_happening())
    assert (alert.mode, alert.due, alert.late) == ("at once", NOW, False)
    assert alert.subject == "COCIR + HIMSS renew cooperation agreement"


def test_the_reason_carries_rule_version_and_sentence():
    reason = the_reason(a_happening())
    assert (reason.rule, reason.version, reason.matched, reason.sentence) == ("partnerships", "a1b2", True, SENTENCE)


def test_a_find_of_a_baseline_is_for_the_ledger_only():
    assert "baseline" in silent(a_happening(looked=None))


def test_an_undated_find_goes_to_the_digest():
    alert = the_alert(a_happening(published=None))
    assert alert.mode == "digest"
    assert "undated" in alert.because[0]


def test_a_bare_year_counts_as_undated():
    assert the_alert(a_happening(published=a_date("2026"))).mode == "digest"


def test_an_older_find_goes_to_the_digest_and_says_from_when_it_would_have_been_news():
    alert = the_alert(a_happening(published=a_date("2026-11-01")))
    assert alert.mode == "digest"
    assert "published 1 November 2026, before 13 November 2026" in alert.because[0]


def test_a_rule_may_set_its_own_age():
    rule = a_rule(alert_age=timedelta(days=30))
    assert the_alert(a_happening(published=a_date("2026-11-01")), rule).mode == "at once"


def test_after_three_weeks_of_outage_it_still_goes_at_once_and_says_seen_late():
    alert = the_alert(a_happening(published=a_date("2026-11-01"), looked=NOW - timedelta(days=21)))
    assert (alert.mode, alert.late) == ("at once", True)
    assert alert.subject.endswith("(seen late)")


def test_a_source_read_once_a_week_is_not_late_after_five_days():
    happening = a_happening(source=a_source(every="7d"), published=a_date("2026-11-15"))
    assert not the_alert(happening).late


def test_a_date_far_in_the_future_counts_as_undated():
    assert the_alert(a_happening(published=a_date("2126-01-01"))).mode == "digest"


def test_a_change_of_an_old_article_is_told_at_once():
    old = a_happening(kind="changed", change=a_change(), published=a_date("2015-06-22"), looked=None)
    assert the_alert(old, a_rule("changed")).mode == "at once"


def test_a_partnership_written_into_an_article_of_the_baseline_is_told():
    happening = a_happening(change=a_change(), looked=None, first_seen=NOW - timedelta(days=1))
    assert the_alert(happening).mode == "at once"


def test_a_minor_change_waits_for_the_digest():
    happening = a_happening(kind="changed", change=a_change(significance="minor"))
    assert the_alert(happening, a_rule("changed")).mode == "digest"


# --- ledger ----------------------------------------------------------------------------------------------------------


def a_later_witness(*adds: str, new_witness: bool = True, url: str = "https://www.himss.org/news/1") -> Happening:
    move = LedgerMove(entry=an_entry(known=True), adds=adds, new_witness=new_witness)
    return a_happening(move=move, item_url=url)


def test_a_witness_that_adds_nothing_is_a_line_of_the_digest():
    alert = the_alert(a_later_witness())
    assert alert.mode == "digest"
    assert "adds nothing" in alert.because[0]


def test_a_page_read_again_says_nothing():
    assert "adds nothing" in silent(a_later_witness(new_witness=False))


def test_a_witness_that_adds_a_date_is_told_at_once_in_the_same_thread():
    first, later = the_alert(a_happening()), the_alert(a_later_witness("date 19 November 2026"))
    assert later.mode == "at once"
    assert later.thread == first.thread
    assert later.key != first.key
    assert later.subject == "Update: COCIR + HIMSS renew cooperation agreement (date 19 November 2026)"


def test_two_witnesses_that_add_the_same_make_one_alert():
    there, here = (the_alert(a_later_witness("until 2029", url=f"https://{at}.eu/1")) for at in ("a", "b"))
    assert there.key == here.key


def test_the_key_does_not_depend_on_the_order_of_parties_or_the_hour():
    first = the_alert(a_happening())
    again = the_alert(a_happening(an_event(parties=(HIMSS, COCIR))), now=NOW + timedelta(hours=3))
    assert first.key == again.key


def test_two_agreements_of_the_same_parties_are_two_alerts_of_one_thread():
    first = the_alert(a_happening())
    entry = an_entry(witnesses=(a_witness(url="https://www.cocir.org/news/another"),))
    other = the_alert(a_happening(move=LedgerMove(entry=entry), thread=relationship(an_entry())))
    assert first.key != other.key
    assert first.thread == other.thread


def test_an_update_that_names_a_third_party_stays_in_the_thread():
    first = the_alert(a_happening())
    joined = an_entry(an_event(parties=(COCIR, HIMSS, ESR)), known=True)
    update = the_alert(a_happening(move=LedgerMove(entry=joined, adds=("names ESR as a party too",))))
    assert first.thread == update.thread
    assert update.said == ("names ESR as a party too",)


def test_an_edit_of_title_date_and_text_is_one_mail_with_all_it_changed():
    kinds = (ChangeKind.RETITLED, ChangeKind.EDITED, ChangeKind.DATE_CHANGED)
    edits = [a_happening(kind="changed", change=a_change(kind, because=(f"{kind} it",))) for kind in kinds]
    (alert,) = decide(edits, (a_rule("changed"),), now=NOW, alert_age=WEEK).alerts
    assert alert.said == ("retitled it", "edited it", "date_changed it")
    assert alert.version == 2


def test_two_rules_that_write_one_address_differently_make_one_mail():
    rules = (a_rule(to=(a_person("Ana <Ana@press.eu>"),)), a_rule(name="b", to=(a_person("ana@press.eu"),)))
    (alert,) = alerts_for(a_happening(), rules, now=NOW, alert_age=WEEK).alerts
    assert [why.split(" ")[1] for why in alert.because] == ["partnerships", "b"]


def test_a_channel_that_is_an_address_itself_needs_no_person():
    alert = the_alert(a_happening(), a_rule(channel="slack://token", to=()))
    assert (alert.channel, alert.to) == ("slack://token", "")
    assert "names nobody" in silent(a_happening(), a_rule(to=()))


def test_two_people_who_share_a_chat_are_told_there_once():
    ana, bob = a_person(), a_person("bob@press.eu")
    rules = (a_rule(channel="slack://token", to=(ana, bob)), a_rule(name="b", channel="slack://token", to=(bob,)))
    assert len(alerts_for(a_happening(), rules, now=NOW, alert_age=WEEK).alerts) == 1


def test_an_event_that_a_person_rejected_is_silent():
    move = LedgerMove(entry=an_entry(known=True, status="rejected"), adds=("date",))
    assert "rejected" in silent(a_happening(move=move))


@pytest.mark.parametrize(
    ("event", "asks"),
    [
        (an_event(certainty="possible"), {"certainty": "possible"}),
        (an_event(action="joined", instrument="alliance"), {"actions": ("joined",)}),
        (an_event(action="signed", instrument="membership"), {"instruments": ("membership",)}),
        (an_event(action="signed", instrument="sponsorship"), {"instruments": ("sponsorship",)}),
    ],
)
def test_possible_events_joins_and_sponsorships_wait_for_the_digest_unless_asked_for(event: Any, asks: Any):
    assert the_alert(a_happening(event)).mode == "digest"
    assert the_alert(a_happening(event), a_rule(**asks)).mode == "at once"


def a_neighbour(kind: str = "intended") -> Happening:
    related = RelatedEvent(kind=kind, parties=(COCIR, HIMSS), evidence=(Evidence(sentence=SENTENCE),))  # type: ignore[arg-type]
    return a_happening(move=None, related=related)


def test_a_neighbour_of_a_partnership_waits_for_the_digest():
    alert = the_alert(a_neighbour())
    assert (alert.mode, alert.subject) == ("digest", "Intended: COCIR + HIMSS")


def test_background_is_told_to_nobody():
    assert "none itself" in silent(a_neighbour("background"))


def test_a_neighbour_answers_to_parties_and_not_to_actions():
    assert "no party is ESR" in silent(a_neighbour(), a_rule(parties=("ESR",)))
    assert "the rule asks for signed, and this is merger" in silent(a_neighbour("merger"), a_rule(actions=("signed",)))


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"enabled": False}, "switched off"),
        ({"when": ("new",)}, "the rule is for new"),
        ({"to": ()}, "names nobody"),
        ({"sources": ("himss",)}, "source cocir is not among himss"),
        ({"tags": ("cardiology",)}, "none of the tags cardiology"),
        ({"languages": ("de",)}, "its language is en"),
        ({"parties": ("ESR",)}, "no party is ESR"),
        ({"exclude_parties": ("himss",)}, "party himss is excluded"),
        ({"actions": ("signed",)}, "action renewed is not among signed"),
        ({"exclude_actions": ("renewed",)}, "action renewed is excluded"),
        ({"instruments": ("mou",)}, "instrument cooperation_agreement is not among mou"),
        ({"added_words": ("sponsor",)}, "nothing was added"),
    ],
)
def test_a_rule_that_is_not_meant_says_why(facts: dict[str, Any], why: str):
    assert why in silent(a_happening(), a_rule(**facts))


@pytest.mark.parametrize(
    "facts",
    [
        {"sources": ("COCIR",)},
        {"tags": ("Radiology",)},
        {"languages": ("en", "fr")},
        {"parties": ("himss.org",)},
        {"parties": ("cocir", "ESR")},
        {"parties": ("healthcare information and management systems society (himss)",)},
        {"exclude_parties": ("ESR",)},
        {"actions": ("renewed", "signed")},
        {"instruments": ("cooperation_agreement",)},
    ],
)
def test_a_rule_that_is_meant_matches(facts: dict[str, Any]):
    assert decided(a_happening(), a_rule(**facts)).reasons[0].matched


def test_added_words_look_at_the_added_text_alone():
    happening = a_happening(
        kind="changed", change=a_change(), article=an_article(), added_text="A new sponsor was found."
    )
    assert decided(happening, a_rule("changed", added_words=("Sponsor",))).reasons[0].matched
    assert "none of agreement" in silent(happening, a_rule("changed", added_words=("agreement",)))


def test_parties_of_a_rule_for_news_are_looked_for_in_the_words_of_the_article():
    news = a_happening(kind="new", article=an_article())
    assert decided(news, a_rule("new", parties=("HIMSS",))).reasons[0].matched
    assert "no party is ESR" in silent(news, a_rule("new", parties=("ESR",)))


ROMANIAN = Party(name="Coalition of Circus Riders", acronym="COCIR", organisation="circus.ro")
REGISTRY = (
    Organisation(id="cocir.org", name="European Coordination Committee", acronym="COCIR", aliases=("Cocir AISBL",)),
    Organisation(id="myesr.org", name="European Society of Radiology", acronym="ESR"),
)


def test_an_acronym_of_a_known_organisation_does_not_match_another_body_with_the_same_letters():
    event = an_event(parties=(ROMANIAN, HIMSS))
    same = same_by(REGISTRY)
    decision = decided(a_happening(event), a_rule(parties=("COCIR",)), same=same)
    assert decision.alerts == ()
    assert same(COCIR, "Cocir AISBL")
    assert same(ESR, "esr")
    assert not same(replace(ROMANIAN, organisation=None), "COCIR")


def test_without_a_registry_an_acronym_is_as_good_as_a_name():
    assert same_party(ROMANIAN, "cocir")
    assert not same_party(ROMANIAN, "circus")


# --- people ----------------------------------------------------------------------------------------------------------


def test_two_rules_for_one_person_make_one_alert_that_names_both():
    alert = the_alert(a_happening(), a_rule(name="all"), a_rule(name="mine", parties=("COCIR",)))
    assert alert.rule == "all"
    assert [line.split(" (")[0] for line in alert.because] == ["rule all", "rule mine"]


def test_the_rule_that_wants_it_sooner_wins():
    daily = a_rule(name="daily", delivery="daily 07:30")
    assert the_alert(a_happening(), daily, a_rule(name="now")).mode == "at once"


def test_two_people_and_two_channels_are_told_each():
    both = a_rule(to=(a_person("a@press.eu"), a_person("b@press.eu")))
    chat = a_rule(name="chat", channel="slack://token", to=(a_person("a@press.eu"),))
    told = {(alert.channel, alert.to) for alert in decided(a_happening(), both, chat).alerts}
    assert told == {("email", "a@press.eu"), ("email", "b@press.eu"), ("slack://token", "a@press.eu")}


def test_a_daily_rule_waits_for_its_local_time():
    alert = the_alert(a_happening(), a_rule(delivery="daily 07:30"))
    assert (alert.mode, alert.due) == ("digest", datetime(2026, 11, 21, 6, 30, tzinfo=UTC))


def test_an_old_find_of_an_at_once_rule_waits_for_half_past_seven():
    alert = the_alert(a_happening(published=None), a_rule())
    assert alert.due == datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def test_quiet_hours_hold_an_alert_until_the_morning():
    night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    rule = a_rule(to=(a_person(quiet_hours="22:00-06:30"),))
    alert = the_alert(a_happening(), rule, now=night)
    assert (alert.mode, alert.due) == ("at once", datetime(2026, 11, 21, 5, 30, tzinfo=UTC))


def test_who_is_told_the_partnership_is_not_told_new_as_well():
    rules = (a_rule("partnership", "new"),)
    news = a_happening(kind="new")
    decision = decide((news, a_happening()), rules, now=NOW, alert_age=WEEK)
    assert [alert.kind for alert in decision.alerts] == ["partnership"]
    assert len(decision.reasons) == 2


def test_new_at_once_is_kept_when_its_partnership_only_waits_for_the_digest():
    rules = (a_rule("partnership", "new"),)
    both = (a_happening(kind="new"), a_happening(an_event(certainty="possible")))
    decision = decide(both, rules, now=NOW, alert_age=WEEK)
    assert [(alert.kind, alert.mode) for alert in decision.alerts] == [("new", "at once"), ("partnership", "digest")]


# --- other kinds and lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "facts", "subject"),
    [
        ("new", {}, "New: COCIR and HIMSS renew their agreement"),
        ("new", {"title": ""}, f"New: {PAGE}"),
        ("changed", {"change": a_change()}, "Changed: COCIR and HIMSS renew their agreement"),
        (
            "changed",
            {"change": a_change(ChangeKind.CORRECTED)},
            "Corrected: COCIR and HIMSS renew their agreement",
        ),
        (
            "withdrawn",
            {"change": a_change(ChangeKind.WITHDRAWN)},
            "Withdrawn: COCIR and HIMSS renew their agreement",
        ),
        ("withdrawn", {"change": a_change(ChangeKind.RESTORED)}, "Back again: COCIR and HIMSS renew their agreement"),
        ("source_trouble", {"title": "refuses us"}, "Trouble: COCIR refuses us"),
        ("source_trouble", {"title": "is well again", "recovered": True}, "Recovered: COCIR is well again"),
    ],
)
def test_the_subject_says_it(kind: str, facts: dict[str, Any], subject: str):
    assert the_alert(a_happening(kind=kind, **facts), a_rule(kind)).subject == subject


@pytest.mark.parametrize(
    ("kind", "facts", "subject"),
    [
        ("new", {}, "New: Fibre Forum (on ECC partners)"),
        ("withdrawn", {"change": a_change(ChangeKind.WITHDRAWN)}, "No longer named: Fibre Forum (on ECC partners)"),
        ("withdrawn", {"change": a_change(ChangeKind.RESTORED)}, "Back again: Fibre Forum (on ECC partners)"),
    ],
)
def test_a_name_that_comes_or_goes_is_told_with_its_page(kind: str, facts: dict[str, Any], subject: str):
    partners = a_source(name="ECC partners", kind="page")
    told = a_happening(kind=kind, title="Fibre Forum", source=partners, **facts)
    assert the_alert(told, a_rule(kind)).subject == subject


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        ({"parties": (COCIR,), "action": "signed", "instrument": "mou"}, "COCIR signs memorandum of understanding"),
        ({"parties": (COCIR, HIMSS, ESR, ROMANIAN, ESR), "action": "ended"}, "COCIR + HIMSS + ESR + 2 others end"),
        ({"action": "joined", "instrument": "alliance"}, "COCIR + HIMSS: joined, alliance"),
        ({"certainty": "possible"}, "Possible: COCIR + HIMSS renew"),
    ],
)
def test_a_partnership_is_named_in_the_present_tense(facts: dict[str, Any], subject: str):
    assert the_alert(a_happening(an_event(**facts))).subject.startswith(subject)


def test_trouble_and_recovery_are_told_once_each_and_stand_in_one_thread():
    broken = a_happening(kind="source_trouble", trouble="403 five times in a row")
    start, end = (the_alert(replace(broken, recovered=over), a_rule("source_trouble")) for over in (False, True))
    again = the_alert(broken, a_rule("source_trouble"), now=NOW + timedelta(days=1))
    assert start.key == again.key != end.key
    assert start.thread == end.thread


@pytest.mark.parametrize("facts", [{"kind": "source_trouble", "trouble": "403"}, {"kind": "new"}])
def test_a_muted_source_is_told_by_no_rule(facts: dict[str, Any]):
    happening = a_happening(**facts)
    quiet = replace(happening, source=replace(happening.source, muted=True))
    decision = alerts_for(quiet, (a_rule(facts["kind"]),), now=NOW, alert_age=timedelta(days=7))
    assert (decision.alerts, decision.reasons[0].reason) == ((), f"source {happening.source.id} is muted")


def test_the_outage_of_this_machine_is_told_by_rules_for_any_source():
    outage = a_happening(kind="source_trouble", source=THIS_MACHINE, title="was down", trouble="no host answers")
    alert = the_alert(outage, a_rule("source_trouble", sources=("himss",), tags=("x",)))
    assert alert.subject == "Trouble: the network of this machine was down"


def test_each_version_of_an_article_is_its_own_change():
    first, second = (
        the_alert(a_happening(kind="changed", change=a_change(new_version=version)), a_rule("changed"))
        for version in (2, 3)
    )
    assert first.key != second.key


def test_moved_and_reverted_are_nobodys_alert():
    assert set(ChangeKind) - set(KIND_OF_CHANGE) == {ChangeKind.MOVED, ChangeKind.REVERTED}
