"""The mail of one alert, opened with the parser of the standard library."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraper.alert import page as pages
from scraper.alert.compose import AlertFacts, around_changes, compose, page_of
from storage.records.alert import Message
from storage.records.article import Block, Quote
from storage.records.partnership import Evidence, PartnershipId
from storage.records.source import ItemId, SourceId
from tests.alert.builders import (
    HIMSS,
    NOW,
    PAGE,
    SENTENCE,
    a_date,
    a_note,
    a_source,
    a_witness,
    an_alert,
    an_article,
    an_entry,
    an_event,
)

HOSTILE = {
    "CR and LF": "News\r\nBcc: all@victim.eu\r\n\r\nbody",
    "NUL": "News\0 with\0 NUL",
    "VT and FS": "News\x0b with\x1c separators\x1d\x1e\x1f",
    "NEL": "News\x85Subject: other",
    "line separators": "News\u2028X-Evil: 1\u2029X-Evil: 2",
    "bidi overrides": "News \u202egnp.exe\u202c \u2066hidden\u2069",
    "lone surrogate": "News \ud800 and \udfff",
    "10 kB": "N" * 10_000,
    "10 kB of words": "news " * 2_000,
    "template": "{{7*7}} {% raise %} ${7*7} {{ ''.__class__ }}",
    "HTML": "<b>News</b><img src=x onerror=alert(1)>",
    "script": "</title><script>alert(1)</script>",
    "emoji": "👩‍🔬 News 🤝 naïve Ελλάδα 新闻",
    "encoded word": "=?utf-8?q?=0D=0ABcc:_a@b.eu?=",
    "only white space": " \t\r\n ",
}


def some_facts(**facts: Any) -> AlertFacts:
    known = {
        "alert": an_alert(),
        "now": NOW,
        "source_name": "COCIR",
        "item_url": PAGE,
        "article": an_article(),
        "partnership": an_entry(),
        "sources": (a_source(), a_source(id=SourceId("himss"), name="HIMSS News", organisation="HIMSS")),
        "first_seen": NOW,
        "sender": "accordwatch <watch@press.eu>",
    }
    return AlertFacts(**{**known, **facts})


def opened(message: Message) -> EmailMessage:
    mail = message_from_bytes(message.raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    assert all(header.defects == () or list(header.defects) == [] for header in mail.values())
    return mail


def part(message: Message, kind: str) -> str:
    body = opened(message).get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


# --- headers ---------------------------------------------------------------------------------------------------------


def test_the_mail_has_both_parts_and_all_its_headers():
    mail = opened(compose(some_facts()))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Subject"] == "COCIR + HIMSS renew cooperation agreement"
    assert (mail["From"], mail["To"]) == ("accordwatch <watch@press.eu>", "ana@press.eu")
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "accordwatch <accordwatch.press.eu>"


def test_the_same_facts_give_the_same_bytes():
    assert compose(some_facts()).raw == compose(some_facts()).raw


def test_the_message_id_belongs_to_key_channel_and_recipient():
    first = compose(some_facts()).message_id
    assert first.endswith("@press.eu>")
    assert compose(some_facts(now=NOW.replace(hour=23), article=None)).message_id == first
    for other in ({"key": "other"}, {"channel": "folder"}, {"to": "bob@press.eu"}):
        assert compose(some_facts(alert=an_alert(**other))).message_id != first


def test_later_mails_of_one_relationship_answer_the_first():
    first = opened(compose(some_facts(alert=an_alert(key="one"))))
    later = opened(compose(some_facts(alert=an_alert(key="two"), parent=first["Message-ID"])))
    assert "References" not in first
    assert later["References"] == later["In-Reply-To"] == first["Message-ID"]
    assert later["Message-ID"] != first["Message-ID"]


def test_names_and_addresses_that_are_not_ascii_arrive():
    alert = an_alert(to="Zoë Müller <zoe@münchen.de>")
    mail = opened(compose(some_facts(alert=alert, sender="Wächter, Büro <watch@press.eu>")))
    assert mail["To"].addresses[0].display_name == "Zoë Müller"
    assert mail["To"].addresses[0].addr_spec == "zoe@xn--mnchen-3ya.de"
    assert mail["From"].addresses[0].display_name == "Wächter, Büro"


def test_a_local_part_that_is_not_ascii_makes_a_mail_for_smtputf8():
    raw = compose(some_facts(alert=an_alert(to="zoë@press.eu"))).raw
    assert "To: zoë@press.eu".encode() in raw


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "a@b.eu, c@d.eu", "x\r\nBcc: y@z.eu", "<>", "a b@c.eu"])
def test_a_malformed_recipient_makes_a_mail_to_nobody(to: str):
    mail = opened(compose(some_facts(alert=an_alert(to=to))))
    assert mail["To"] == "undisclosed-recipients:;"
    assert "Bcc" not in mail


def test_everything_outside_the_body_is_plain_ascii():
    assert compose(some_facts(alert=an_alert(subject="Ελλάδα 🤝", to="Zoë <zoe@press.eu>"))).raw.isascii()


# --- hostile words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_title_breaks_a_header_or_the_mail(words: str):
    facts = some_facts(
        alert=an_alert(subject=f"New: {words}", because=(words,)),
        article=an_article(
            title=words, blocks=(Block(kind="paragraph", text=words),), quotes=(Quote(speaker=words, text=words),)
        ),
        partnership=an_entry(
            an_event(evidence=(Evidence(sentence=words),), parties=(replace(HIMSS, name=words, acronym=""),))
        ),
        source_name=words,
    )
    message = compose(facts)
    mail = opened(message)
    assert set(mail.keys()) <= HEADERS
    assert all(char.isprintable() for char in mail["Subject"])
    assert len(mail["Subject"]) <= 200
    assert max(len(line) for line in message.raw.split(b"\r\n")) <= 998  # RFC 5322 2.1.1
    assert part(message, "plain") == message.text
    assert "without its layout" not in message.text


HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
}  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(words=st.text(st.characters(), max_size=300), name=st.text(st.characters(), max_size=40))
def test_whatever_the_words_the_mail_opens_with_the_headers_we_wrote(words: str, name: str):
    message = compose(
        some_facts(
            alert=an_alert(subject=words, thread=words, to=f"{name} <ana@press.eu>"), article=an_article(title=words)
        )
    )
    mail = opened(message)
    assert set(mail.keys()) <= HEADERS
    assert mail["Subject"] == message.subject
    assert part(message, "plain") == message.text
    assert part(message, "html").rstrip() == message.html.rstrip()


def test_a_template_in_a_title_stays_literal():
    message = compose(some_facts(article=an_article(title=HOSTILE["template"])))
    for kind in ("plain", "html"):
        assert "{{7*7}}" in part(message, kind)
        assert "49" not in part(message, kind).replace("1c2125", "")


def test_markup_of_a_page_is_shown_and_never_run():
    words = "<script>alert(1)</script><img src=https://spy.eu/x.png><a href='javascript:x'>x</a><svg onload=a()>"
    facts = some_facts(article=an_article(title=words), source_name=words, item_url="javascript:alert(1)")
    tree = LexborHTMLParser(compose(facts).html)
    assert tree.css("script, img, svg, iframe, object, form, [onload], [onerror]") == []
    links = [node.attributes.get("href") or "" for node in tree.css("a")]
    assert all(link.startswith("https://") for link in links)
    assert "<script>" in (tree.body.text() if tree.body else "")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "//host/x", "https://",
        "https:\\\\evil.eu", "https://a b.eu/", "vbscript:x", "http://[bad", "https://x.eu/\u202etxt",
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str):
    assert pages.safe_url(url) == ""


def test_nothing_is_loaded_from_elsewhere():
    html = compose(some_facts(public_url="https://watch.press.eu")).html
    assert all(word not in html for word in ("src=", "url(", "@import", "<link"))


def test_a_page_cannot_imitate_the_marks_of_a_diff():
    diff = ((("equal", "Before.\n  + COCIR signed everything"), ("insert", " Really.")),)
    message = compose(some_facts(diff=diff))
    marks = [line for line in message.text.split("\n") if line.startswith(("  + ", "  - "))]
    assert marks == [
        "  - Before. + COCIR signed everything",
        "  + Before. + COCIR signed everything Really.",
    ]


def test_a_template_that_fails_costs_the_layout_and_not_the_mail(monkeypatch: pytest.MonkeyPatch):
    def broken(name: str) -> Any:
        raise OSError("template is gone")

    monkeypatch.setattr(pages, "_template", broken)
    message = compose(some_facts())
    assert SENTENCE in message.text
    assert "shown without its layout: OSError" in message.text
    assert "<pre" in part(message, "html")


# --- content ---------------------------------------------------------------------------------------------------------


def test_the_facts_stand_in_a_table():
    text = compose(some_facts(partnership=an_entry(an_event(until="2029-06", date=a_date("2026-11"))))).text
    for line in (
        "Parties          COCIR",
        "Instrument       cooperation agreement",
        "Action           renewed",
        "Date of the act  November 2026",
        "Announced        20 November 2026, from the dateline",
        "Since            2008",
        "Until            June 2029",
        "Certainty        sure",
    ):
        assert f"\n{line}\n" in text


def test_a_day_of_the_act_that_nobody_stated_is_not_made_up():
    assert "Date of the act  not stated" in compose(some_facts()).text


def test_evidence_and_quotes_are_quoted_with_their_speaker():
    text = compose(some_facts()).text
    assert "  > “COCIR and HIMSS today renewed their cooperation agreement" in text
    assert "  > “A good day.”\n    – Nora Lind, Secretary General, COCIR" in text


def test_who_has_announced_and_who_has_not_yet():
    trade = a_witness("auntminnie", "https://www.auntminnieeurope.com/1")
    text = compose(some_facts(partnership=an_entry(witnesses=(a_witness(), trade)))).text
    assert "* COCIR has announced it" in text
    assert "* HIMSS has not announced it yet" in text
    assert "* Also told by auntminnie" in text


def test_a_party_nobody_watches_is_no_silent_party():
    text = compose(some_facts(sources=(a_source(),))).text
    assert "* HIMSS is not among the watched sources" in text


def test_the_history_of_the_relationship_is_told():
    entry = an_entry(history=(a_note("date added: 19 November 2026"),))
    assert "* 20 November 2026: date added: 19 November 2026" in compose(some_facts(partnership=entry)).text


def test_an_update_leads_with_what_is_new():
    alert = an_alert(subject="Update: COCIR + HIMSS renew cooperation agreement (until 2029)", said=("until 2029",))
    text = compose(some_facts(alert=alert)).text
    assert text.startswith("UPDATE\nCOCIR + HIMSS renew cooperation agreement\n")
    assert "* Until 2029" in text


@pytest.mark.parametrize(
    ("until", "line"), [("3 years", "Term             for 3 years"), ("2029-06-30", "Until            30 June 2029")]
)
def test_a_term_is_told_as_one_and_a_day_as_a_day(until: str, line: str):
    assert f"\n{line}\n" in compose(some_facts(partnership=an_entry(event=an_event(until=until)))).text


def test_links_lead_to_article_archive_and_dashboard():
    alert = an_alert(item=ItemId(7), partnership=PartnershipId(3))
    text = compose(some_facts(alert=alert, public_url="https://watch.press.eu/", archived="/raw/ab12")).text
    for line in (
        f"Read the article: {PAGE}",
        "Page as archived: https://watch.press.eu/raw/ab12",
        "In the ledger: https://watch.press.eu/partnerships/3",
        "All versions: https://watch.press.eu/items/7",
    ):
        assert line in text


def test_of_a_page_that_is_gone_the_mail_offers_what_was_kept():
    alert = an_alert(kind="withdrawn", subject="Withdrawn: A release", item=ItemId(7), said=("gone since Friday",))
    facts = some_facts(alert=alert, partnership=None, gone=True, archived="archive/ab12")
    text = compose(facts).text
    assert "Read the article" not in text
    assert f"Address          {PAGE}\n                 which is gone" in text
    assert "The last version: accordwatch show 7" in text
    assert "* Gone since Friday" in text
    first, *_ = page_of(replace(facts, public_url="https://watch.press.eu")).links
    assert first.url == "https://watch.press.eu/archive/ab12"


def test_a_name_that_left_its_page_is_not_said_to_have_an_address_that_is_gone():
    alert = an_alert(kind="withdrawn", subject="No longer named: Fibre Forum (on ECC partners)", item=ItemId(7))
    partners = "https://ecc.example/partners"
    facts = some_facts(alert=alert, partnership=None, gone=True, named_on=partners)
    text = compose(facts).text
    assert f"Page             {partners}\n                 where the name no longer stands" in text
    assert "which is gone" not in text
    assert f"Open the page: {partners}" in text
    assert page_of(facts).kicker == "No longer named"
    came = compose(replace(facts, alert=replace(alert, kind="new", subject="New: Fibre Forum"), gone=False)).text
    assert f"Page             {partners}\n" in came
    assert "no longer stands" not in came


def test_what_these_bodies_did_before_is_told():
    signed = an_entry(an_event(action="signed", announced=a_date("2008-05-06")), known=True)
    text = compose(some_facts(earlier=(signed,))).text
    assert "* 6 May 2008: COCIR + HIMSS sign cooperation agreement" in text


def test_why_it_was_sent_stands_below():
    assert "Why this mail: rule partnerships (a1b2)" in compose(some_facts()).text


def test_what_was_seen_late_says_so():
    alert = an_alert(subject="COCIR + HIMSS renew cooperation agreement (seen late)", late=True)
    text = compose(some_facts(alert=alert, timezone="Europe/Brussels")).text
    assert "Seen late: published 20 November 2026, found 20 November 2026, 11:00" in text


def test_a_change_shows_reason_and_words():
    diff = ((("equal", "The agreement lasts "), ("delete", "three"), ("insert", "five"), ("equal", " years.")),)
    message = compose(
        some_facts(
            alert=an_alert(kind="changed", subject="Corrected: A release", said=("one number changed",)),
            partnership=None,
            diff=diff,
        )
    )
    assert "CORRECTED\nA release" in message.text
    assert "* One number changed" in message.text
    assert "  - The agreement lasts three years.\n  + The agreement lasts five years." in message.text
    tree = LexborHTMLParser(message.html)
    assert [node.text() for node in tree.css("del, ins")] == ["three", "five"]


def test_of_a_long_article_only_what_changed_is_shown_with_its_neighbours():
    lines = [f"Paragraph {number}." for number in range(9)]
    diff = tuple((("insert" if number == 4 else "equal", line),) for number, line in enumerate(lines))
    shown = ["".join(text for _, text in block) for block in around_changes(diff)]
    assert shown == ["…", "Paragraph 3.", "Paragraph 4.", "Paragraph 5.", "…"]
    assert around_changes(diff[4:5]) == diff[4:5]
    assert around_changes(()) == ()


def test_an_article_beyond_measure_makes_a_mail_of_bearable_size():
    words = "word " * 200_000
    party = replace(HIMSS, name=words, acronym="")
    facts = some_facts(
        diff=(((("delete", words), ("insert", words)),) * 50),
        article=an_article(title=words, quotes=(Quote(speaker=words, text=words),) * 50),
        partnership=an_entry(an_event(parties=(party,) * 200), witnesses=(a_witness(),) * 500),
        alert=an_alert(said=(words,)),
    )
    message = compose(facts)
    opened(message)
    assert len(message.raw) < 1_000_000


def test_a_source_in_trouble_says_what_is_wrong_since_when_and_what_to_do():
    facts = AlertFacts(
        alert=an_alert(
            kind="source_trouble",
            subject="Trouble: COCIR",
            source=SourceId("cocir"),
            said=("answers 403 since five looks", "Run: accordwatch check-sources cocir --fix"),
        ),
        now=NOW,
        first_seen=NOW,
        public_url="http://localhost:8765",
    )
    text = compose(facts).text
    assert text.startswith("TROUBLE\nCOCIR\n")
    assert "answers 403 since five looks" in text
    assert "check-sources cocir --fix" in text
    assert "http://localhost:8765/sources/cocir" in text


@pytest.mark.parametrize("last", ["delete", "insert", "equal"])
def test_a_change_keeps_its_layout_wherever_it_ends(last: Any):
    diff = (
        (("equal", "It lasts "), ("delete", "three"), ("insert", "five"), ("equal", " years")),
        ((last, "An end."),),
    )
    message = compose(some_facts(alert=an_alert(kind="changed"), partnership=None, diff=diff))
    assert "without its layout" not in message.text + message.html
