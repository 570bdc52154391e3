"""A site through time: what must be found is found, what must stay silent stays silent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from scraper.config.settings import Confirm
from storage.store import Filter
from tests.stories.newsroom import Desk, Piece, Site, a_desk, a_piece

SIGNED = "COCIR and HIMSS today signed a cooperation agreement in Brussels."
DEAL = "/news/agreement"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of six articles, reached through respx."""
    made = Site(pieces={f"/news/{n}": a_piece(n) for n in range(6)})
    with respx.mock(assert_all_called=False) as router:
        router.route(host="cocir.test").mock(side_effect=made.respond)
        yield made


def over_respx() -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport()


async def test_a_page_through_time(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=over_respx(), confirm_withdrawn=Confirm(checks=1)) as desk:
        first = await desk.crawl()
        assert (first.new, first.trouble, desk.alerts()) == (6, [], [])

        site.pieces = {DEAL: a_piece(7, "2026-03-02", SIGNED), **site.pieces}
        second = await desk.later(hours=2)
        assert (second.new, second.unchanged, second.partnerships) == (1, 6, 1)
        assert desk.alerts() == ["partnership"]

        site.pieces[DEAL] = site.pieces[DEAL].with_more(
            "The text of the agreement can be read by all members from May on."
        )
        third = await desk.later(hours=2)
        assert (third.changed, third.partnerships, desk.alerts()[1:]) == (1, 0, ["changed"])

        site.pieces[DEAL] = replace(site.pieces[DEAL], title="COCIR and HIMSS sign a cooperation agreement")
        assert (await desk.later(hours=26)).changed == 1

        piece = site.pieces.pop(DEAL)
        assert (await desk.later(hours=2)).withdrawn == 1
        assert (await desk.later(hours=2)).withdrawn == 0
        site.pieces[DEAL] = piece
        assert (await desk.later(hours=2)).restored == 1
        assert desk.kinds()[7:] == ["edited", "retitled", "withdrawn", "restored"]


async def test_a_listing_and_a_side_column_that_shuffle_are_no_change(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        await desk.crawl()
        chance = random.Random(4)
        for _ in range(5):
            site.pieces = dict(chance.sample(list(site.pieces.items()), len(site.pieces)))
            site.aside = tuple(chance.sample(site.aside, len(site.aside)))
            tally = await desk.later(hours=2)
            assert (tally.unchanged, tally.changed, tally.new, tally.moved) == (6, 0, 0, 0)
        assert (desk.kinds(), desk.alerts()) == (["new"] * 6, [])


NOISE = {
    "a nonce": lambda site, n: setattr(site, "noise", f"<!-- {n} --><input name=csrf value={n}>"),
    "a counter": lambda site, n: setattr(site, "noise", f"{n} visitors today"),
    "a new teaser": lambda site, n: setattr(site, "aside", (f"Webinar of the day {n}", *site.aside[1:])),
    "an outage": lambda site, n: site.broken.update(dict.fromkeys(list(site.pieces)[: n % 3 + 1], 503)),
    "a missing page": lambda site, n: site.broken.update({list(site.pieces)[n % 6]: 404}),
    "other spaces": lambda site, n: site.pieces.update({"/news/1": typeset(site.pieces["/news/1"], n % 2)}),
    "another order": lambda site, n: setattr(site, "pieces", dict(reversed(site.pieces.items()))),
    "nothing": lambda site, n: None,
}


def typeset(piece: Piece, narrow: int) -> Piece:
    """The same words set with no-break spaces, and back."""
    old, new = (" ", "\u00a0") if narrow else ("\u00a0", " ")
    return replace(piece, title=piece.title.replace(old, new),
                   paragraphs=tuple(text.replace(old, new) for text in piece.paragraphs))  # fmt: skip


async def quiet_checks(desk: Desk, site: Site, wanted: int) -> int:
    chance, checks = random.Random(11), 0
    while checks < wanted:
        site.broken.clear()
        NOISE[chance.choice(list(NOISE))](site, checks)
        await desk.later(hours=30)
        checks += 1 + len(site.pieces)
    return checks


@pytest.mark.parametrize("wanted", [200, pytest.param(1000, marks=pytest.mark.long)])
async def test_quiet_checks_make_no_alert(site: Site, tmp_path: Path, wanted: int) -> None:
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        await desk.crawl()
        assert await quiet_checks(desk, site, wanted) >= wanted
        assert (set(desk.kinds()), desk.alerts()) == ({"new"}, [])


async def test_a_first_crawl_killed_half_way_does_not_flood_at_the_second(site: Site, tmp_path: Path) -> None:
    site.broken = {f"/news/{n}": 503 for n in range(3, 6)}  # the host turns away half of the first look
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        assert (await desk.crawl()).new == 3
    site.broken.clear()
    async with a_desk(tmp_path, transport=over_respx(), clock=desk.clock, owner="the next process") as again:
        assert (await again.later(hours=12)).new == 3
        assert again.alerts() == []


async def test_a_process_killed_in_the_middle_of_its_first_crawl_does_not_flood_either(
    site: Site, tmp_path: Path
) -> None:
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        archive, kept = desk.hands.archive, 0

        class Dying:
            get = archive.get

            def put(self, body: bytes) -> str:
                nonlocal kept
                kept += 1
                if kept == 4:
                    raise KilledError
                return archive.put(body)

        desk.hands = replace(desk.hands, archive=Dying())
        with pytest.raises(BaseExceptionGroup):
            await desk.crawl()
    async with a_desk(tmp_path, transport=over_respx(), clock=desk.clock, owner="the next process") as again:
        tally = await again.later(hours=12)
        assert tally.new + len(desk.kinds()) >= 6
        assert (again.kinds(), again.alerts()) == (["new"] * 6, [])


async def test_a_tracking_link_and_the_page_it_leads_to_are_one_article(site: Site, tmp_path: Path) -> None:
    """Both are due in one visit, and the text is too short to be known by itself."""
    closed = "The office of the association is closed on Friday, and the secretariat answers again on Monday morning."
    site.pieces["/news/0"] = Piece(title="The office is closed on Friday", day="2026-02-27", paragraphs=(closed,))
    site.leads = {"/r/1": "/news/0"}
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        assert (await desk.crawl()).new == 6
        assert len(desk.store.catalogue().items(Filter())) == 6


async def test_a_change_that_was_kept_is_told_though_the_process_died_before_sending(
    site: Site, tmp_path: Path
) -> None:
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        await desk.crawl()
        site.pieces[DEAL] = a_piece(7, "2026-03-02", SIGNED)
        await desk.later(hours=2)
    async with a_desk(tmp_path, transport=over_respx(), clock=desk.clock, owner="the next process") as again:
        assert (await again.deliver()).sent == 1
        assert (await again.deliver()).sent == 0
        await again.later(hours=2)
        assert (await again.deliver()).sent == 0
        (mail,) = again.inbox.messages.values()
        assert "cooperation agreement" in mail.subject
        assert SIGNED.split(" today ")[1].rstrip(".") in " ".join(mail.text.split())


class KilledError(BaseException):
    """What no part of the program catches."""


class Clumsy:
    """A reader with a bug that one page brings out."""

    async def read(self, function: Any, *args: Any) -> Any:
        if args[0].url.endswith("/news/3"):
            raise ZeroDivisionError("a bug")
        return function(*args)


async def test_a_bug_costs_one_page_and_the_others_go_on(site: Site, tmp_path: Path) -> None:
    async with a_desk(tmp_path, transport=over_respx()) as desk:
        clumsy = replace(desk, hands=replace(desk.hands, reader=Clumsy()))
        tally = await clumsy.crawl()
        assert tally.new == 5
        assert ["a fault of the program" in line for line in tally.trouble] == [True]
