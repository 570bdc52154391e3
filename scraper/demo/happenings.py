"""The demonstration's story as data: what happens to the sites, one thing after another, and what must be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from scraper.demo.server import Web
from scraper.demo.site import Piece, release


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happens. `expect` counts what one look at all sites finds; what is not named must be 0.

    new, changed, moved, withdrawn: articles, as in `crawl --json`; partnerships: new entries of the ledger;
    witnesses: pages that tell of the story's event, in all; mails: alerts sent at once.
    `looks` are taken one after another; with `early` what waits for its hour is mailed now.
    """

    name: str
    say: str  # for people, before the look
    apply: Callable[[Web, date], None]
    expect: Mapping[str, int] = field(default_factory=dict)
    looks: int = 1
    early: bool = False


def _nothing_yet(web: Web, today: date) -> None:
    """The sites stand as they are."""


def _twins_appear(web: Web, today: date) -> None:
    """The partner runs the release under its own title; the trade press leaves out place and date."""
    original = release(today)
    at_partner = "/news/eiic-eshi-memorandum.html"
    in_press = "/industry/4113-eiic-and-eshi-strengthen-their-cooperation"
    title = "ESHI and EIIC renew their Memorandum of Understanding"
    web.partner.site.publish(replace(original, path=at_partner, title=title))
    web.press.site.publish(
        _undated(replace(original, path=in_press, title="EIIC and ESHI Strengthen their Cooperation"))
    )


def _undated(piece: Piece) -> Piece:
    first, *others = piece.blocks
    return replace(piece, blocks=(first.split(" – ", 2)[-1], *others))


STORY: tuple[Happening, ...] = (
    Happening(
        name="baseline",
        say="First look: an association, its partner and a trade-press site, with what they have published so far",
        apply=_nothing_yet,
        # One partnership of the past stands in a newsletter: it goes into the ledger, and nobody is mailed.
        expect={"new": 24, "partnerships": 1},
    ),
    Happening(
        name="release",
        say="EIIC announces on its site that it has renewed its memorandum with ESHI",
        apply=lambda web, today: web.association.site.publish(release(today)),
        expect={"new": 1, "partnerships": 1, "witnesses": 1, "mails": 1},
    ),
    Happening(
        name="twins",
        say="ESHI and the trade press run the same release; the trade press gives no date",
        apply=_twins_appear,
        expect={"new": 2, "witnesses": 3},
    ),
    Happening(
        name="correction",
        say="EIIC corrects one figure in an older release: 120 hospitals become 210",
        apply=lambda web, _: web.association.site.edit("/news/survey-waiting-times", "120 hospitals", "210 hospitals"),
        expect={"changed": 1, "witnesses": 3},
    ),
    Happening(
        name="shuffle",
        say='The "Most Popular Now" column of the trade press shows its teasers in another order, on every page',
        apply=lambda web, _: web.press.site.shuffle(),
        expect={"witnesses": 3},
    ),
    Happening(
        name="move",
        say="ESHI moves an article to a new address; the old one redirects",
        apply=lambda web, _: web.partner.site.move("/news/open-software-prize.html", "/prizes/open-software.html"),
        expect={"moved": 1, "witnesses": 3},
    ),
    Happening(
        name="withdrawal",
        say="EIIC takes a page off its site",
        apply=lambda web, _: web.association.site.withdraw("/news/forum-dose-management"),
        expect={"withdrawn": 1, "witnesses": 3},
    ),
    Happening(
        name="outage",
        say="The trade press answers everything with 403, three looks long: one notice, and no article counts as gone",
        apply=lambda web, _: web.press.site.refuse(True),
        expect={"witnesses": 3, "mails": 1},
        looks=3,
    ),
    Happening(
        name="recovery",
        say="The trade press can be read again",
        apply=lambda web, _: web.press.site.refuse(False),
        expect={"witnesses": 3, "mails": 1},
    ),
    Happening(
        name="morning",
        say="The next morning: what waited for the daily digest is mailed, as one mail",
        apply=_nothing_yet,
        expect={"witnesses": 3},
        early=True,
    ),
)
