"""A news overview to leads without selectors: the group of links that repeats, with title, date and snippet.

Links are grouped by their place in the tree (tags and classes up to the body). Each link's own piece of the page, its
card, is as far up as no other link of its group is inside. The group whose cards look most like news wins.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from scraper.discover.autodiscover import is_about_events, is_home, linked_feeds, news_pages
from scraper.discover.dates import date_fact
from scraper.discover.lead import Lead, Leads
from scraper.discover.paging import next_page
from scraper.discover.sitemaps import is_news
from scraper.discover.walls import why_empty
from scraper.page import Page
from scraper.text import fold, squeeze
from scraper.url import identity, same_site
from storage.records.article import DateFact
from storage.records.source import TargetKind

FindDate = Callable[[str], DateFact | None]

MOST_LINKS = 3_000
MOST_ITEMS = 500
LONGEST_LINK = 2_000  # characters; no news lives behind longer ones
DEEPEST = 40  # ancestors looked at
SNIPPET = 300
LONG_TITLE = 300
GOOD = 0.6  # least merit of a group that counts as news
NEAR = 0.75  # part of the best group's quality that a second group needs to be taken along

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_OUTSIDE = frozenset({"nav", "footer", "form", "button", "select", "noscript", "template", "dialog"})
_FURNITURE = re.compile(
    r"(^|[\s_-])(nav(bar|igation)?(?!-tab-?content)|menu|footer|breadcrumbs?|pag(er|ination|ing)|wp-pagenavi|share|sharing|social"
    r"|cookie\w*|consent|lang(uage)?-?(switch\w*|menu|select\w*|nav|chooser)|skip|toolbar|login|search-?(form|box|bar)|tag-?cloud"
    r"|(post|entry)-tags|tags?-(links|list)|cat-links|sitemap|legal|copyright|sponsors?|advert\w*)([\s_-]|$)",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(^|[\s_-])(sidebar|aside|widget\w*|related|popular|most-?read|trending|secondary|complementary|promo|rail)([\s_-]|$)",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"(?!)")
_ROLES = frozenset({"navigation", "contentinfo", "search", "menu", "menubar", "banner", "dialog", "tablist"})
# A link whose words are all of these says nothing about the item it leads to.
GENERIC = frozenset(
    """read learn find out see view show discover continue click know more here detail details full story article text
    reading on now the this weiter weiterlesen mehr lesen erfahren dazu info infos informationen zum zur artikel beitrag
    meldung lire la suite plus l en savoir leer mas informacion ver leggi tutto di piu continua a leggere lees meer
    verder las mer les mere lue lisaa ler mais saiba czytaj dalej wiecej vice cist dal tovabb pdf kb mb download comment
    comments kommentare""".split()  # noqa: SIM905
)
# Endless or empty of news: calendars, replies, carts, logins, feeds, sharing.
_TRAP = re.compile(
    r"[?&/](mini|ical|outlook-ical|month|tribe[-_]bar[-_]date|replytocom|add-to-cart|share|print(er)?|login|logout|signin|register|wp-login\.php|sort|order(by)?|filters?(\[|%5B))[=/?]"
    r"|[?&]\w{0,20}(cal|date|day|week)\w{0,20}=[\w%/-]*\d{4}-\d{1,2}|/(calendar|kalender|calendrier|agenda)/\d{4}|/(tag|tags|category|categories|author|kategorie|rubrik|schlagwort)/[^/]*/?$"
    r"|facebook\.com/sharer|twitter\.com/(intent|share)|linkedin\.com/share|/(wp-json|feed|rss)/?$",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(r"\.(jpe?g|png|gif|svg|webp|mp[34]|zip|docx?|xlsx?|pptx?|ics|vcf|css|js|xml)$", re.IGNORECASE)
_PATH_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0[1-9]|1[0-2])(?:[/-](0[1-9]|[12]\d|3[01]))?(?=[/-])")
_DATE_HINT = re.compile(r"\b(19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b")
_DATE_LINE = re.compile(
    r"\A\W*(\w+,?\s+)?(\d{1,2}\.?\s+(de\s+)?\w+\.?,?\s+(de\s+)?\d{4}|\w+\.?\s+\d{1,2},?\s+\d{4})\W*"
)
_DAY = re.compile(r"\A\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\W*")
_PERIOD = re.compile(r"([^\W\d_]{3,12}\.?\s+)?(19|20)\d{2}")
_STATE_CLASS = re.compile(r"^(first|last|odd|even|active|current|sticky|js-.*|is-.*|has-.*|.*\d.*)$", re.IGNORECASE)
_SLUG = re.compile(r"(?<![a-z])[a-z]{2,40}([-_][a-z0-9]+){2,}|\d{3,}|[-_/]\d+", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class _Card:
    """One link of a group with the piece of the page that is its own."""

    url: str
    anchor: LexborNode
    box: LexborNode
    title: str = ""
    snippet: str = ""
    published: DateFact | None = None
    headed: bool = False
    dated: bool = False


@dataclass(eq=False)
class _Group:
    """Links at like places of the tree."""

    place: str
    cards: list[_Card]
    base: str

    @cached_property
    def merit(self) -> float:
        """How much this looks like a list of news: the quality of its cards, and that there are several."""
        return self.quality * (0.55 + 0.45 * min(math.log2(len(self.cards)) / 3, 1.15))

    @cached_property
    def quality(self) -> float:
        """How much its cards look like news: titles, dates, headings, snippets, speaking addresses; about 0 to 3.6."""
        titles = sum(min(len(card.title), 70) / 70 for card in self.cards if " " in card.title)
        dates = sum(card.dated or card.published is not None for card in self.cards)
        headed = sum(card.headed for card in self.cards)
        told = sum(len(card.snippet) > 40 for card in self.cards)
        slugs = sum(bool(_SLUG.search(urlsplit(card.url).path.rstrip("/").rpartition("/")[2])) for card in self.cards)
        ours = sum(same_site(card.url, self.base) for card in self.cards)
        share = (1.2 * titles + 1.0 * dates + 0.6 * headed + 0.4 * told + 0.4 * slugs) / len(self.cards)
        share *= 0.3 + 0.7 * ours / len(self.cards)
        return share * (0.5 if self.is_aside else 1.0) * (0.5 if self.is_calendar else 1.0)

    @cached_property
    def is_calendar(self) -> bool:
        events = sum(is_about_events(card.url) for card in self.cards)
        return 2 * events > len(self.cards) and not is_about_events(self.base)

    @cached_property
    def is_aside(self) -> bool:
        names = self.place.split(">")
        return any(name.partition(".")[0] == "aside" or _SIDE.search(name.replace(".", " ")) for name in names)


def read_listing(page: Page, *, seen: datetime | None = None, find_date: FindDate | None = None) -> Leads:
    """The news items of a page, in its order; in `more` its feeds and its next page.

    `find_date` reads dates out of running text (the grammar lives in another trade); without it only
    time elements and addresses are believed.
    """
    feeds, pages = linked_feeds(page), news_pages(page)
    taken = _news(_groups(page, seen, find_date, _FURNITURE), page, feeds, pages)
    taken = taken or _news(_groups(page, seen, find_date, _NOTHING), page, feeds, pages)
    order = {url: index for index, url in enumerate(_addresses(page))}
    cards = sorted(
        (card for group in taken for card in group.cards), key=lambda c: (order.get(identity(c.url), 0), not c.headed)
    )
    items = {identity(card.url): card for card in reversed(cards)}
    following = next_page(page)
    title = page.tree.css_first("title")
    root = page.tree.css_first("html")
    return Leads(
        kind=TargetKind.LISTING,
        title=squeeze(title.text())[:200] if title else "",
        language=((root.attributes.get("lang") or "") if root else "")[:2].lower(),
        items=tuple(_lead(card) for card in reversed(items.values()))[:MOST_ITEMS],
        more=feeds + pages + ((following,) if following else ()),
        trouble=page.trouble or ("" if items else why_empty(page)),
    )


def _news(groups: list[_Group], page: Page, feeds: tuple[Lead, ...], pages: tuple[Lead, ...]) -> list[_Group]:
    """The group that looks most like news, with those that belong to it; empty when none looks good."""
    groups = [group for group in groups if not is_home(page.url) or _is_no_offer(group, feeds, pages)]
    best = max(groups, key=lambda group: group.merit, default=None)
    return [group for group in groups if best and best.merit >= GOOD and _fits(group, best)]


def _is_no_offer(group: _Group, feeds: tuple[Lead, ...], pages: tuple[Lead, ...]) -> bool:
    """Whether the cards of a home page are news, not what the site offers ("Become a member", "Training").

    Where the news stand elsewhere, in a list of their own or a feed, cards without dates need an address of news, or
    beside a feed the length of a headline.
    """
    if 2 * sum(card.dated or card.published is not None for card in group.cards) >= len(group.cards):
        return True
    below = tuple(identity(lead.url) + "/" for lead in pages)
    named = sum(is_news(card.url) or identity(card.url).startswith(below) for card in group.cards)
    long = 2 * sum(len(card.title.split()) > 4 for card in group.cards) > len(group.cards)
    return 2 * named > len(group.cards) or (not pages and (long or not feeds))


def _fits(group: _Group, best: _Group) -> bool:
    """A second group belongs to the same list (a big first card, a grid below) when it is dated if the best one is."""
    if group is best:
        return True
    dated = [sum(card.dated or card.published is not None for card in g.cards) / len(g.cards) for g in (group, best)]
    alike = group.quality >= NEAR * best.quality and (dated[0] >= 0.5) == (dated[1] >= 0.5)
    return alike and not group.is_aside and group.is_calendar == best.is_calendar


def _groups(page: Page, seen: datetime | None, find_date: FindDate | None, furniture: re.Pattern[str]) -> list[_Group]:
    """Links by their place, outside of what is `furniture` by its class (a wrong class around all would hide all)."""
    places: dict[str, dict[str, LexborNode]] = defaultdict(dict)
    own = identity(page.url)
    for anchor in page.tree.css("a[href]")[:MOST_LINKS]:
        url = page.join(anchor.attributes.get("href") or "")
        if not url or len(url) > LONGEST_LINK or _TRAP.search(url) or _NO_PAGE.search(urlsplit(url).path):
            continue
        place = place_of(anchor, furniture)
        if place and identity(url) not in (own, "") and urlsplit(url).path not in ("", "/"):
            places[place].setdefault(url, anchor)
    groups = [_group(place, anchors, page.url) for place, anchors in places.items()]
    under = _dated_headings(page)
    for group in groups:
        for card in group.cards:
            _describe(card, under.get(card.anchor.mem_id, ""), seen, find_date)
        group.cards = _of_one_list([card for card in group.cards if card.title])
    return [group for group in groups if len(group.cards) > 1 or _is_rich(group)]


def _dated_headings(page: Page) -> dict[int, str]:
    """For each link the heading above it, where that is a year or a month and speaks for all below it."""
    found: dict[int, str] = {}
    above = ""
    for node in page.tree.body.traverse() if page.tree.body is not None else ():
        if node.tag in (*_HEADINGS, "dt", "button", "summary", "caption"):
            said = squeeze(node.text(separator=" "))
            above = (
                said if _PERIOD.fullmatch(said) else "" if node.tag in _HEADINGS[:4] and not node.css("a") else above
            )
        elif node.tag == "a" and above:
            found[node.mem_id] = above
    return found


def _of_one_list(cards: list[_Card]) -> list[_Card]:
    """The cards without those of another list at a like place: a menu in a table beside the table of dated releases."""
    lists: dict[int, list[_Card]] = defaultdict(list)
    for card in cards:
        around = (node.mem_id for node in line_of(card.anchor) if node.tag in ("table", "ul", "ol", "dl"))
        lists[next(around, 0)].append(card)
    dated = {key: sum(card.dated for card in each) / len(each) for key, each in lists.items()}
    if len(lists) < 2 or max(dated.values()) < 0.8:
        return cards
    return [card for key, each in lists.items() if dated[key] for card in each]


def _is_rich(group: _Group) -> bool:
    """One card alone is news only with a heading and a date: a big first item."""
    return any(card.headed and (card.dated or card.published) for card in group.cards)


def place_of(anchor: LexborNode, furniture: re.Pattern[str]) -> str:
    """Tags and lasting classes from the anchor up to the body; empty inside navigation and other furniture."""
    names: list[str] = []
    node: LexborNode | None = anchor
    for _ in range(DEEPEST):
        if node is None or node.tag in ("body", "html", "-undef"):
            break
        tag, attributes = node.tag or "", node.attributes
        classes = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
        if (
            tag in _OUTSIDE
            or attributes.get("role") in _ROLES
            or (classes and tag not in ("main", "article") and furniture.search(classes))
        ):
            return ""
        lasting = [name for name in (attributes.get("class") or "").split() if not _STATE_CLASS.match(name)]
        names.append(f"{tag}.{lasting[0]}" if lasting else tag)
        node = node.parent
    return ">".join(reversed(names))


def _group(place: str, anchors: dict[str, LexborNode], base: str) -> _Group:
    """Each link's card: as far up as only this link of the group is inside."""
    inside: dict[int, int] = defaultdict(int)
    lines: dict[str, list[LexborNode]] = {}
    for url, anchor in anchors.items():
        lines[url] = line_of(anchor)
        for node in lines[url]:
            inside[node.mem_id] += 1
    cards = []
    for url, anchor in anchors.items():
        alone = [node for node in lines[url] if inside[node.mem_id] == 1]
        box = alone[-1] if len(anchors) > 1 and alone else _own_box(lines[url])
        cards.append(_Card(url=url, anchor=anchor, box=box))
    return _Group(place, cards, base)


def line_of(node: LexborNode) -> list[LexborNode]:
    """The node and its ancestors below the body."""
    line: list[LexborNode] = []
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html", "-undef") and len(line) < DEEPEST:
        line.append(current)
        current = current.parent
    return line


def _own_box(line: list[LexborNode]) -> LexborNode:
    """The card of a link that is alone in its group: the nearest article, list item or div around it."""
    return next((node for node in line if node.tag in ("article", "li", "section", "tr", "div")), line[0])


def _describe(card: _Card, under: str, seen: datetime | None, find_date: FindDate | None) -> None:
    own = squeeze(card.anchor.text(separator=" "))
    generic = len(own) < 4 or GENERIC.issuperset(re.findall(r"[^\W\d_]+", fold(own)))
    heading = _heading_of(card, generic)
    text = squeeze(heading.text(separator=" ")) if heading is not None else ""
    told = "" if text else _telling_piece(card.anchor)
    card.headed = bool(text)
    whole = squeeze(card.box.text(separator=" "))[:3_000]
    if card.box.mem_id == card.anchor.mem_id:
        whole = f"{whole} {_beside(card.anchor)}"
    card.title = (text or told or ("" if generic else own) or _said_elsewhere(card, own, whole))[:500]
    card.published = _date_of(card, whole, under, seen, find_date)
    card.dated = bool(_DATE_HINT.search(f"{whole} {under}"))
    card.snippet = _snippet(card, whole)


def _said_elsewhere(card: _Card, own: str, whole: str) -> str:
    """The title of a link that says nothing itself: its attribute, its image's text, or the line it stands in."""
    image = card.anchor.css_first("img[alt]")
    named = card.anchor.attributes.get("title") or (image.attributes.get("alt") if image is not None else "") or ""
    line = _DATE_LINE.sub("", _DAY.sub("", whole.replace(own, " ", 1))) if own else ""
    return squeeze(named) or (squeeze(line).strip(" -–—:|()[]·,") if 20 < len(line) <= LONG_TITLE else "")


def _telling_piece(anchor: LexborNode) -> str:
    """The title inside a link around a whole card that has no heading: its first line that is no date or label."""
    lines = [squeeze(node.text(separator=" ")) for node in anchor.css("p, div, span, strong, b") if _is_leaf(node)]
    telling = (line for line in lines if len(line.split()) > 2 and not _DATE_LINE.fullmatch(fold(line)))
    return next(telling, "")[:LONG_TITLE] if len(lines) > 1 else ""


def _is_leaf(node: LexborNode) -> bool:
    return all(child.tag not in ("p", "div", "span", "strong", "b") for child in node.iter())


def _beside(anchor: LexborNode) -> str:
    """Bare text next to a link that has no element of its own: before it, else behind it."""
    for node in (anchor.prev, anchor.next):
        if node is not None and node.tag == "-text" and squeeze(node.text()):
            return squeeze(node.text())[:SNIPPET]
    return ""


def _heading_of(card: _Card, generic: bool) -> LexborNode | None:
    """The heading inside the link, else around it, else, for a link that only says "read more", that of its card."""
    inner = card.anchor.css_first(", ".join(_HEADINGS))
    if inner is not None:
        return inner
    above = next((node for node in line_of(card.anchor)[:4] if node.tag in _HEADINGS), None)
    if above is not None:
        return above
    own = card.box.css(", ".join(_HEADINGS)) if generic else []
    return own[0] if len(own) == 1 else None


def _date_of(card: _Card, whole: str, under: str, seen: datetime | None, find_date: FindDate | None) -> DateFact | None:
    for node in card.box.css("time[datetime], [itemprop=datePublished][content]")[:3]:
        written = node.attributes.get("datetime") or node.attributes.get("content") or ""
        fact = date_fact(written, "listing", seen)
        if fact is not None:
            return fact
    fact = find_date(whole.replace(card.title, " ", 1)) if find_date is not None else None
    if fact is not None:
        return fact
    path = _PATH_DATE.search(unquote(urlsplit(card.url).path) + "/")
    if path:
        return date_fact("-".join(part for part in path.groups() if part), "url", seen)
    return (date_fact(under, "listing", seen) or (find_date(under) if find_date else None)) if under else None


def _snippet(card: _Card, whole: str) -> str:
    paragraphs = [squeeze(node.text(separator=" ")) for node in card.box.css("p")[:8]]
    best = max(paragraphs, key=len, default="")
    if len(best) < 30 or best == card.title:
        best = squeeze(whole.replace(card.title, " ", 1))
    return best[:SNIPPET] if len(best) >= 30 else ""


def _lead(card: _Card) -> Lead:
    return Lead(url=card.url, origin="listing", title=card.title, published=card.published, snippet=card.snippet)


def _addresses(page: Page) -> list[str]:
    seen: dict[str, None] = {}
    for anchor in page.tree.css("a[href]")[:MOST_LINKS]:
        seen.setdefault(identity(page.join(anchor.attributes.get("href") or "")), None)
    return list(seen)
