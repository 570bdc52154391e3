"""What one page says: body blocks, teasers, about-sections, quotes, dates with their precision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Precision = Literal["day", "month", "year"]
BlockKind = Literal["heading", "paragraph", "list", "quote", "table", "caption"]
SectionKind = Literal["notes", "contact", "embargo", "footnotes", "related"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFact:
    """A date as the page gives it: "2018-01" is a month, and nobody made a day of it."""

    value: str  # "2015", "2015-06" or "2015-06-22", as long as `precision` says
    precision: Precision
    origin: str  # where it was read: "json-ld", "meta", "time", "dateline", "text", "relative" ("today"), "url", "feed"
    at: datetime | None = None  # the exact moment, aware, where the page gives one

    def earliest(self) -> str:
        """The first day this date can mean, as ISO text; comparable with other such days."""
        return (self.value + "-01-01"[len(self.value) - 4 :])[:10] if len(self.value) < 10 else self.value

    def latest(self) -> str:
        """The last day this date can mean; a month ends on "-31" here, which sorts right for all months."""
        return (self.value + "-12-31"[len(self.value) - 4 :])[:10] if len(self.value) < 10 else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of the body, in reading order. `text` has single spaces; lists and tables keep line ends."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """A pointer to another item: not part of the body, and a lead at most."""

    title: str
    url: str
    heading: str = ""  # the heading of its block, e.g. "Most Popular Now"
    snippet: str = ""
    image: str = ""
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The boilerplate an organisation says of itself below a release."""

    organisation: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Boilerplate with a meaning other than "About": notes to editors, contacts, embargo, footnotes."""

    kind: SectionKind
    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words in somebody's mouth; the passage stays in the body too."""

    speaker: str
    role: str = ""
    organisation: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link inside the body."""

    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """All that one page or text says, read by one version of the extractor. Pure value; compared by content."""

    url: str = ""
    canonical: str = ""
    title: str = ""
    deck: str = ""
    language: str = ""  # two letters, or empty when unknown
    authors: tuple[str, ...] = ()
    published: DateFact | None = None
    updated: DateFact | None = None
    dateline: DateFact | None = None  # "BRUSSELS - 22 June 2015 -"
    date_candidates: tuple[DateFact, ...] = ()  # all that were seen, the chosen one among them
    published_because: str = ""  # why this date and no other candidate
    section: str = ""
    image: str = ""
    site_name: str = ""
    blocks: tuple[Block, ...] = ()
    teasers: tuple[Teaser, ...] = ()
    about: tuple[About, ...] = ()
    sections: tuple[Section, ...] = ()
    quotes: tuple[Quote, ...] = ()
    links: tuple[Link, ...] = ()
    translations: tuple[str, ...] = ()  # addresses that the page names as itself in other languages (hreflang)
    unfit: str | None = None  # why this page is no version of an article, or None

    @property
    def text(self) -> str:
        """The body, paragraphs parted by a blank line."""
        return "\n\n".join(block.text for block in self.blocks)
