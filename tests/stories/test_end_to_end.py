"""From a page on a real web server to a mail in a real mailbox, with a crash on the way."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from scraper.alert.channel import MailSettings
from scraper.alert.channels import channel_for
from storage.store import Filter
from tests.alert.postoffice import HANG_UP, PostOffice, post_office
from tests.stories.newsroom import Desk, Site, a_desk, a_piece, served
from tests.stories.test_through_time import DEAL, SIGNED


def by_mail(desk: Desk, office: PostOffice) -> Desk:
    """The desk's alerts go to this post office."""
    settings = MailSettings(
        transport="smtp", host="127.0.0.1", port=office.port, security="none", sender="watch@press.eu", timeout=5
    )
    desk.inbox = channel_for("email", settings)
    return desk


def a_site() -> Site:
    return Site(pieces={f"/news/{n}": a_piece(n) for n in range(3)})


async def test_an_agreement_on_a_page_is_a_mail_in_the_mailbox(tmp_path: Path) -> None:
    site = a_site()
    with served(site) as base:
        async with post_office() as office, a_desk(tmp_path, base=base) as desk:
            await by_mail(desk, office).crawl()
            assert (await desk.deliver()).sent == 0
            site.pieces[DEAL] = a_piece(7, "2026-03-02", SIGNED)
            assert (await desk.later(hours=2)).partnerships == 1
            assert (await desk.deliver()).sent == 1
    (mail,) = office.mails
    assert mail.rcpt_tos == ["ana@press.eu"]
    message = message_from_bytes(mail.original_content or b"", policy=policy.default)
    text = " ".join(message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "cooperation agreement" in message["Subject"]
    assert "signed a cooperation agreement in Brussels" in text
    assert f"{base}{DEAL}" in text


async def test_a_connection_lost_after_the_mail_was_taken_sends_its_twin_and_no_other(tmp_path: Path) -> None:
    site = a_site()
    with served(site) as base:
        async with post_office() as office, a_desk(tmp_path, base=base) as desk:
            await by_mail(desk, office).crawl()
            site.pieces[DEAL] = a_piece(7, "2026-03-02", SIGNED)
            await desk.later(hours=2)
            office.does["DATA"] = [HANG_UP]
            await desk.deliver()
            assert [row.state for row in desk.store.catalogue().deliveries(Filter())] == ["unknown"]
            await desk.later(hours=2)
            assert (await desk.deliver()).sent == 1
    first, second = (message_from_bytes(mail.original_content or b"") for mail in office.mails)
    assert first["Message-ID"] == second["Message-ID"]


async def test_the_host_is_asked_once_for_its_robots_and_no_faster_than_it_may_be(tmp_path: Path) -> None:
    site = a_site()
    with served(site) as base:
        async with a_desk(tmp_path, base=base) as desk:
            tally = await desk.crawl()
            (host,) = desk.store.catalogue().hosts()
    assert site.asked.count("/robots.txt") == 1
    assert tally.requests == host.requests == len(site.asked)
    assert host.shortest_gap is not None
    assert host.shortest_gap >= 2
    assert (host.lease_owner, host.lease_until) == ("", None)
