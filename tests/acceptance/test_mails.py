"""Mails as a user gets them: the first report, a source in trouble, a thread, a replay, a preview, feeds."""

from __future__ import annotations

import email
import json
from datetime import datetime
from email.policy import default
from xml.etree import ElementTree

import pytest

from scraper.clock import SystemClock
from tests.acceptance.conftest import Desk, Reply, Server, article, page, publish, refusing_port, release, source

TODAY = SystemClock().now().date().isoformat()
HEALTH = '[[alerts]]\nname = "health"\nwhen = ["source_trouble", "withdrawn", "changed"]\nto = ["desk"]\n'
A, B, C = "Barcelia Society of Imaging", "Dorgalia Council of Hospitals", "Fenhulia Society of Radiology"


@pytest.fixture
def watched(desk: Desk, site: Server) -> Desk:
    publish(site, {f"/news/{n}": article(n) for n in range(3)})
    return desk.configure(source("good", f"{site.base}/feed"), HEALTH)


@pytest.fixture
def announced(watched: Desk, site: Server) -> Desk:
    watched.run("crawl")
    publish(site, {"/news/9": release(9, published=TODAY)})
    watched.run("crawl")
    return watched


def test_after_the_first_look_one_mail_says_what_was_read(watched: Desk, site: Server) -> None:
    away = source("away", f"http://127.0.0.1:{refusing_port()}/feed")
    watched.configure(source("good", f"{site.base}/feed"), away)
    first = watched.run("crawl", "--json")
    assert first.json["alerts"] == {"queued": 0, "sent": 0, "failed": 0}  # it is a letter and no alert
    watched.run("crawl")
    (file,) = watched.mails.glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=default)
    assert mail["Subject"] == "accordwatch is watching 2 sources, 1 of them needs you"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "3 articles read" in body.get_content()
    assert "* away" in body.get_content()
    assert watched.run("alerts", "--json").json == []
    (listed,) = watched.run("alerts", "--kind", "welcome", "--json").json
    assert listed["state"] == "sent"


def test_a_source_in_trouble_is_told_once_and_its_recovery_in_the_same_thread(announced: Desk, site: Server) -> None:
    feed = site.routes["/feed"]
    site.routes["/feed"] = Reply(status=403)
    codes = [announced.run("crawl").code for _ in range(5)]
    assert codes[-1] == 1
    site.routes["/feed"] = feed
    assert [announced.run("crawl").code for _ in range(2)] == [0, 0]
    by_subject = {mail["Subject"]: mail for mail in announced.letters}
    trouble, recovery = by_subject["Trouble: good refuses us"], by_subject["Recovered: good is well again"]
    assert recovery["References"] == trouble["Message-ID"]
    assert len(announced.letters) == len(by_subject) == 3


def accord(parties: str, verb: str, more: str = "") -> Reply:
    body = f"<p>The {parties} have {verb} a cooperation agreement on training and data.</p><p>{more}</p>"
    return page(f"{parties} {verb} cooperation agreement", body, published=TODAY)


def test_an_update_that_names_a_third_party_answers_the_first_mail(watched: Desk, site: Server) -> None:
    watched.run("crawl")
    publish(site, {"/news/ab": accord(f"{A} and the {B}", "signed")})
    watched.run("crawl")
    publish(site, {"/news/abc": accord(f"{A}, the {B} and the {C}", "signed", "All three will open a joint office.")})
    watched.run("crawl")
    first, update = sorted(watched.letters, key=lambda mail: mail["Subject"].startswith("Update"))
    assert first["References"] is None
    assert update["Subject"].startswith("Update: ")
    assert update["In-Reply-To"] == update["References"] == first["Message-ID"]


def test_a_withdrawn_page_is_not_offered_for_reading(announced: Desk, site: Server) -> None:
    del site.routes["/news/9"]
    announced.run("crawl", "--recheck")
    (mail,) = [mail for mail in announced.letters if mail["Subject"].startswith("Withdrawn")]
    text = str(mail.get_body(("plain",)).get_content())
    assert "Read the article" not in text
    assert "which is gone" in text
    assert "accordwatch show 4" in text


def test_todays_rules_over_the_past_make_what_they_made_then(announced: Desk) -> None:
    (made,) = announced.run("alerts", "--json").json
    (told,) = announced.run("alerts", "--what-if", "--json").json
    assert told["made"] is True
    assert [told[key] for key in ("rule", "item", "kind", "to", "mode", "subject")] == [
        made[key] for key in ("rule", "item", "kind", "to", "mode", "subject")
    ]
    assert "good" not in announced.run("alerts", "--what-if", "--source", "other").out


def test_a_new_rule_shows_what_it_would_have_sent_and_sends_nothing(announced: Desk) -> None:
    config = announced.folder / "config.toml"
    config.write_text(config.read_text() + '[[alerts]]\nname = "all"\nwhen = ["new"]\nto = ["boss@press.test"]\n')
    told = announced.run("alerts", "--what-if", "--json").json
    assert [(row["rule"], row["kind"], row["made"]) for row in told if row["to"] == "boss@press.test"] == [
        ("all", "new", False)
    ]
    assert len(announced.run("alerts", "--json").json) == 1
    assert "all" in announced.run("alerts", "--what-if").out


def test_a_preview_writes_the_mail_and_its_page(announced: Desk) -> None:
    wrote = announced.run("alerts", "--preview", "4", "--json").json
    eml, html = wrote["files"]
    with open(eml, "rb") as file:
        mail = email.message_from_bytes(file.read(), policy=default)
    assert "cooperation agreement" in mail["Subject"]
    with open(html, encoding="utf-8") as file:
        assert "The sentence that says so" in file.read()
    assert len(announced.run("alerts", "--json").json) == 1
    assert announced.run("alerts", "--preview", "1", "--to-dir", str(announced.folder / "there")).code == 0
    assert len(list((announced.folder / "there").glob("*.eml"))) == 1
    assert announced.run("alerts", "--preview", "999").code != 0


def test_an_alert_explains_itself(announced: Desk) -> None:
    (made,) = announced.run("alerts", "--json").json
    for name in (f"alert:{made['id']}", made["message_id"]):
        assert "rule partnerships" in announced.run("explain", name).out
    assert announced.run("explain", "alert:999").code != 0


ATOM = "{http://www.w3.org/2005/Atom}"


def test_feeds_are_written_and_hold_what_validators_ask(announced: Desk) -> None:
    wrote = announced.run("feeds", "--json").json
    assert sorted(name.rpartition("/")[2] for name in wrote) == [
        f"{name}.{form}" for name in ("changes", "news", "partnerships") for form in VALID
    ]
    for name in wrote:
        with open(name, encoding="utf-8") as file:
            VALID[name.rpartition(".")[2]](file.read())


def atom_is_valid(text: str) -> None:
    """RFC 4287, 4.1: what a feed and an entry must have, each once, and no id twice."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    assert entries
    for node in (root, *entries):
        assert [len(node.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        updated = node.findtext(f"{ATOM}updated")
        assert updated is not None
        assert datetime.fromisoformat(updated).tzinfo is not None
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    assert all(entry.find(f"{ATOM}content") is not None for entry in entries)


def rss_is_valid(text: str) -> None:
    """RSS 2.0: what a channel must have; each item its own guid, which is no address, a title and a day."""
    channel = ElementTree.fromstring(text).find("channel")
    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    items = channel.findall("item")
    assert items
    assert all(item.findtext("title") and item.findtext("description") and item.findtext("pubDate") for item in items)
    assert len({item.findtext("guid") for item in items}) == len(items)


def json_feed_is_valid(text: str) -> None:
    """https://www.jsonfeed.org/version/1.1/: version, title, items; each item its own id, and content."""
    feed = json.loads(text)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    ids = [item["id"] for item in feed["items"]]
    assert ids
    assert len(ids) == len(set(ids))
    assert all(isinstance(item["id"], str) and item["content_text"] for item in feed["items"])


VALID = {"atom": atom_is_valid, "json": json_feed_is_valid, "rss": rss_is_valid}  # in the order of their files


def test_feeds_follow_each_crawl_where_a_folder_is_set(desk: Desk, site: Server) -> None:
    publish(site, {"/news/0": article(0)})
    desk.configure(source("good", f"{site.base}/feed"), '[feeds]\nfolder = "out"\n')
    desk.run("crawl")
    assert len(json.loads((desk.folder / "out" / "news.json").read_text())["items"]) == 1
    publish(site, {"/news/1": article(1)})
    desk.run("crawl")
    assert len(json.loads((desk.folder / "out" / "news.json").read_text())["items"]) == 2
    assert not list((desk.folder / "out").glob(".*"))


def test_mail_that_waits_for_its_hour_is_no_next_step(desk: Desk, site: Server) -> None:
    publish(site, {"/news/0": article(0)})
    rule = '[[alerts]]\nname = "all"\nwhen = ["new"]\nto = ["boss@press.test"]\ndelivery = "weekly mon 08:00"\n'
    desk.configure(source("good", f"{site.base}/feed"), rule).run("crawl")
    publish(site, {"/news/1": article(1, published=TODAY)})
    desk.run("crawl")
    said = desk.run().out
    assert "1 waiting, the next until" in said
    assert "`accordwatch deliver` sends what is due" not in said
