"""What never passes a news page is taken in; what was asked is told; what came is given out, and let go in time."""

from __future__ import annotations

import gzip
import os
import textwrap
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from scraper.clock import SystemClock
from tests.acceptance.conftest import Desk, Reply, Server, article, publish, release, silent, source
from tests.parse.test_issue_and_pdf import pdf_of

NOW = SystemClock().now()
TODAY = NOW.date().isoformat()
SIGNED = "The Aurelian Society of Imaging and the Borealis Council of Hospitals have signed a cooperation agreement."
MORE = (
    "Both will train their members together, and share what they learn from data of their hospitals in ten countries."
)
ISSUE = "".join(
    f"<h2>{head}</h2><p>{first}</p><p>{MORE}</p>"
    for head, first in (
        ("Aurelian and Borealis sign cooperation agreement", SIGNED),
        ("Congress opens its doors in spring", "The annual congress will be held in Vienna and is open to all."),
        ("New guidance on contrast media", "A working group has written guidance on the safe use of contrast media."),
    )
)


def mail(subject: str, *, text: str = "", html: str = "", pdf: bytes = b"", charset: str = "utf-8") -> EmailMessage:
    """A mail as newsletter programs make it."""
    made = EmailMessage()
    made["From"] = "Borealis News <news@mailing.borealis.example>"
    made["Subject"], made["Message-ID"] = subject, f"<{abs(hash(subject))}@borealis.example>"
    made["Date"] = NOW
    if text:
        made.set_content(text, charset=charset, cte="quoted-printable")
    if html and text:
        made.add_alternative(html, subtype="html", charset=charset, cte="quoted-printable")
    elif html:
        made.set_content(html, subtype="html", charset=charset, cte="base64")
    if pdf:
        made.add_attachment(pdf, maintype="application", subtype="pdf", filename="release.pdf")
    return made


def a_pdf() -> bytes:
    return pdf_of([*textwrap.wrap(SIGNED, 60), "", *textwrap.wrap(MORE, 60)])


def kept(desk: Desk, name: str, body: bytes | EmailMessage) -> str:
    (desk.folder / name).write_bytes(bytes(body) if isinstance(body, EmailMessage) else body)
    return str(desk.folder / name)


@pytest.fixture
def office(desk: Desk) -> Desk:
    return desk.configure(source("borealis", "http://www.borealis.example/news"))


def test_a_mail_becomes_an_item_and_its_announcement_is_mailed(office: Desk) -> None:
    path = kept(office, "a.eml", mail("Fwd: A new agreement", text=f"{SIGNED}\n\n{MORE}\n"))
    done = office.run("ingest", path, "--json")
    (report,) = done.json
    assert (done.code, report["outcome"], report["changes"], report["source"]) == (0, "taken", ["new"], "borealis")
    assert report["title"] == "A new agreement"
    assert len(list(office.mails.glob("*.eml"))) == 1


def test_the_same_mail_twice_is_one_item_and_one_alert(office: Desk) -> None:
    path = kept(office, "a.eml", mail("A new agreement", text=f"{SIGNED}\n\n{MORE}\n"))
    first, second = (office.run("ingest", path, "--json").json[0] for _ in range(2))
    assert (second["item"], second["changes"]) == (first["item"], [])
    assert office.rows("SELECT count(*) FROM items") == [(1,)]
    assert len(list(office.mails.glob("*.eml"))) == 1


def test_a_newsletter_of_several_items_is_as_many(office: Desk) -> None:
    head = "<head><title>Borealis Newsletter 3</title></head>"
    html = f"<html>{head}<body><h1>Borealis Newsletter</h1>{ISSUE}</body></html>"
    path = kept(office, "a.eml", mail("Borealis Newsletter, March", text="See the web version.", html=html))
    reports = office.run("ingest", path, "--json").json
    assert [report["title"].split()[0] for report in reports] == ["Aurelian", "Congress", "New"]
    assert [report["partnerships"] for report in reports] == [1, 0, 0]
    assert len({report["url"] for report in reports}) == 3


def test_what_was_taken_in_reads_the_same_when_history_is_read_again(office: Desk) -> None:
    html = f"<head><title>Borealis Newsletter 3</title></head><h1>Borealis Newsletter</h1>{ISSUE}"
    office.run("ingest", kept(office, "a.eml", mail("Borealis Newsletter, March", text="-", html=html)))
    before = office.run("items", "--json").json
    assert office.run("reparse", "--dry-run", "--json").json["differ"] == 0
    office.run("reparse")
    assert office.run("items", "--json").json == before


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
def test_letters_come_through_any_charset(office: Desk, charset: str) -> None:
    path = kept(
        office,
        "a.eml",
        mail("Übereinkunft", text=f"Die Gesellschaft für Radiologie führt fort. {MORE}\n\n{MORE}", charset=charset),
    )
    report = office.run("ingest", path, "--json").json[0]
    shown = office.run("show", str(report["item"])).out
    assert report["title"] == "Übereinkunft"
    assert "Gesellschaft für Radiologie führt" in shown


def test_a_release_attached_as_pdf_is_the_item(office: Desk) -> None:
    path = kept(office, "a.eml", mail("Release", text="Please find our release attached.", pdf=a_pdf()))
    reports = office.run("ingest", path, "--json").json
    assert [report["partnerships"] for report in reports] == [1]


def test_a_pdf_and_a_page_file_are_items(office: Desk) -> None:
    pdf = kept(office, "a.pdf", a_pdf())
    page = kept(office, "b.html", article(7).body)
    reports = office.run("ingest", pdf, page, "--json").json
    assert [(report["outcome"], report["source"]) for report in reports] == [("taken", "by-hand")] * 2


def test_an_address_is_an_item_of_the_source_whose_site_it_is(desk: Desk, site: Server) -> None:
    site.routes["/clipping"] = release(4, published=TODAY)
    desk.configure(source("site", f"{site.base}/feed"))
    first, second = (desk.run("ingest", f"{site.base}/clipping", "--json").json[0] for _ in range(2))
    assert (first["source"], first["changes"], first["partnerships"]) == ("site", ["new"], 1)
    assert (second["item"], second["changes"]) == (first["item"], [])


@pytest.mark.parametrize(
    ("name", "body"),
    [("junk.eml", b"\x00\xff" * 999), ("empty.eml", b""), ("a.eml", b"From: a\nSubject: =?x-none?q?=ff?=\n\n\xff"),
     ("locked.pdf", b"%PDF-1.4 nothing"), ("b.eml", b"Subject: x\nContent-Type: multipart/mixed\nFrom: y\n\n"),
     ("config.toml", b'[mail]  # how\nhost = "a.eu"\nsender = "desk@a.eu"\nfolder = "where mails go"\n')],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_a_line(office: Desk, name: str, body: bytes) -> None:
    done = office.run("ingest", kept(office, name, body), "--json")
    assert (done.code, done.json[0]["outcome"], done.err) == (1, "trouble", "")
    assert done.json[0]["trouble"]


def test_a_missing_file_is_named(office: Desk) -> None:
    done = office.run("ingest", "nowhere.eml")
    assert (done.code, done.err) == (
        1, "accordwatch: nowhere.eml: No such file or directory; name a file, or an address with http(s)://\n",
    )  # fmt: skip


def test_politeness_counts_what_the_server_counts(desk: Desk, site: Server) -> None:
    site.routes["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /news/3", type="text/plain")
    publish(site, {f"/news/{n}": article(n, published=TODAY) for n in (1, 2, 3)})
    desk.configure(source("site", f"{site.base}/feed"))
    desk.run("crawl")
    (row,) = desk.run("politeness", "--json").json
    assert list(row)[:7] == ["host", "requests", "bytes", "not_modified", "shortest_gap", "crawl_delay", "refused"]
    assert (row["host"], row["requests"], row["refused"]) == (site.base.removeprefix("http://"), len(site.asked), 1)
    assert row["bytes"] > 0
    assert row["host"] in desk.run("politeness").out


def test_answers_are_given_out_as_a_warc_file_that_a_reader_takes(
    desk: Desk, site: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "Authorization: Bearer s3cret")
    publish(site, {"/news/1?x=1": article(1, published=TODAY)})
    desk.configure(source("site", f"{site.base}/feed", 'headers_env = "SECRET"'))
    desk.run("crawl")
    desk.run("ingest", kept(desk, "b.html", article(7).body))
    path = desk.folder / "out.warc.gz"
    done = desk.process("export", "--warc", str(path))  # warcio leaves its temporary files to the collector
    assert done.code == 0, done.err
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers["WARC-Target-URI"], r.http_headers, r.content_stream().read())
            for r in ArchiveIterator(file, check_digests="raise")
        ]
    (answer,) = [r for r in records if r[0] == "response" and r[1] == f"{site.base}/news/1?x=1"]
    (asked,) = [r for r in records if r[0] == "request" and r[1] == f"{site.base}/news/1?x=1"]
    assert answer[3] == site.routes["/news/1?x=1"].body  # type: ignore[union-attr]
    assert answer[2].get_header("content-type") == "text/html; charset=utf-8"
    assert asked[2].get_header("user-agent").startswith("accordwatch/")
    assert (asked[2].protocol, asked[2].statusline) == ("GET", "/news/1?x=1 HTTP/1.1")
    assert [r[3] for r in records if r[0] == "resource"] == [article(7).body]
    assert sound(path)
    assert b"s3cret" not in gzip.decompress(path.read_bytes())


def sound(path: Path) -> bool:
    """The word of warcio's own checker."""

    class Wanted:
        inputs, verbose = [str(path)], False

    checker = Checker(Wanted())
    checker.process_all()
    return not checker.exit_value


def test_raw_pages_are_let_go_in_time_and_what_was_read_of_them_stays(desk: Desk, site: Server) -> None:
    publish(site, {"/news/1": article(1, published=TODAY), "/news/2": article(2, published=TODAY)})
    desk.configure(source("site", f"{site.base}/feed"))
    desk.run("crawl")
    config = desk.folder / "config.toml"
    config.write_text(config.read_text().replace("[fetch]", 'keep_raw = "180d"\n[fetch]'))
    files = sorted((desk.folder / "archive").glob("??/*.zst"))
    for path in files[1:]:
        os.utime(path, (0, time.time() - 200 * 86400))
    os.utime(desk.folder / "archive" / ".tidied", (0, 0))
    assert "not built" not in desk.run("crawl").err
    left = sorted((desk.folder / "archive").glob("??/*.zst"))
    assert set(left) < set(files) | set(left)
    assert len(desk.rows("SELECT 1 FROM captures")) == len(left)
    assert all(desk.run("show", str(item)).code == 0 for item in (1, 2))
    assert desk.run("diff", "1", "--json").code in (0, 1)


def test_who_was_killed_holds_no_host_up(desk: Desk, site: Server) -> None:
    site.routes["/news/1"] = silent
    publish(site, {"/news/2": article(2, published=TODAY)})
    desk.configure(source("site", f"{site.base}/feed"), timeout="20s")
    with desk.start("crawl") as process:
        while "/news/1" not in site.asked:
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
        process.communicate()
    site.routes["/news/1"] = article(1, published=TODAY)
    assert desk.rows("SELECT count(*) FROM hosts WHERE lease_owner <> ''") == [(1,)]
    assert desk.run("crawl", "--json").json["sources"][0]["status"] == "ok"
    assert len(desk.run("items", "--json").json) == 2
