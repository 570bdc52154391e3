"""The next page of a listing: rel=next, a "next" link, or the number after the present one."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from scraper.discover.lead import Lead
from scraper.page import Page
from scraper.text import squeeze
from scraper.url import identity, same_site
from storage.records.source import TargetKind

MOST_PAGES = 500
_NEXT_WORDS = re.compile(
    r"(next|older|weiter|n[äa]chste|vor|[äa]ltere|suivante?s?|siguientes?|successiv[oai]|avanti|volgende|n[äa]sta|neste"
    r"|n[æa]ste|seuraava|pr[óo]xim[oa]s?|seguinte|nast[ęe]pn[aey]|dal[šs][íi]|k[öo]vetkez[őo]"
    r"|(load|show|view|see) (more|older)|mehr (laden|anzeigen)|(voir|charger) plus)(\s+\d{1,3})?"
    r"(\s+(page|posts?|entries|items|news|articles|results|seite|p[áa]gina|pagina|strona|sida|oldal))?\W{0,6}|>+|»|›|→|≫",
    re.IGNORECASE,
)
_PAGE_SAID = re.compile(r"(?:(?:page|seite|p[áa]gina|pagina)\s*)?(\d{1,4})", re.IGNORECASE | re.ASCII)
_PAGER = re.compile(
    r"pag(er|ination|ing|enavi|es?\b|e-num)|page-numbers|nav-(links|previous)|browse_nav|seiten", re.IGNORECASE
)
# /page/6/  ?page=6  /_p4/  ",5"  ",11,strona,x.html"  /p/3  ?offset=20  page-2.html
_PAGE_ADDRESS = re.compile(
    r"(?:/page[/-]?|/_?p(?:age)?[-_/]?|/seite[-/]|/pagina[-/]|[?&](?:\w*[\[_-])?(?:page|paged|pg|p|pn|seite|pagina|currentpage|start|limitstart|offset|from)(?::int)?\]?=|,|[-_]page[-_]?)(\d{1,5})"
    r"(?=[/?&#,.]|$)",
    re.IGNORECASE,
)
# The months of a calendar go on for ever, and hold no news.
_CALENDAR = re.compile(
    r"[?&/](?:mini|ical|outlook-ical|month|tribe[-_]bar[-_]date)[=/?]|[?&]\w{0,20}(?:cal|date|day|week)\w{0,20}=[\w%/-]{0,60}\d{4}-\d"
    r"|/(?:calendar|kalender|calendrier|agenda|events?)/\d{4}",
    re.IGNORECASE,
)


def next_page(page: Page) -> Lead | None:
    """Where this listing goes on, one page at a time; None on the last one and for what leads off the site."""
    for candidate in (_declared(page), _worded(page), _numbered(page)):
        known = identity(candidate) in ("", identity(page.url)) or _CALENDAR.search(candidate)
        if not known and same_site(candidate, page.url):
            return Lead(url=candidate, kind=TargetKind.LISTING, origin="pagination")
    return None


def number_of(url: str) -> int | None:
    """The page number, or offset, that an address names."""
    match = _PAGE_ADDRESS.search(unquote(url))
    return int(match[1]) if match else None


def _declared(page: Page) -> str:
    for node in page.tree.css("link[rel~=next i][href]") + page.tree.css("a[rel~=next i][href]"):
        url = page.join(node.attributes.get("href") or "")
        if node.tag == "link" or _is_page_of(url, page.url) or _in_pager(node):
            return url
    return ""


def _worded(page: Page) -> str:
    """A link that says "next" and goes to a page of this listing."""
    for anchor in page.tree.css("a[href]"):
        attributes = anchor.attributes
        said = squeeze(anchor.text()) or squeeze(attributes.get("aria-label") or attributes.get("title") or "")
        if len(said) > 40 or not _NEXT_WORDS.fullmatch(said):
            continue
        url = page.join(attributes.get("href") or "")
        if url and _is_page_of(url, page.url) and (_PAGE_ADDRESS.search(unquote(url)) or _in_pager(anchor)):
            return url
    return ""


def _numbered(page: Page) -> str:
    """Among links whose whole text is a number, the one after the present page."""
    numbers: dict[int, str] = {}
    for anchor in page.tree.css("a[href]"):
        said = squeeze(anchor.text())
        number = _PAGE_SAID.fullmatch(said)
        if number and 0 < int(number[1]) <= MOST_PAGES:
            url = page.join(anchor.attributes.get("href") or "")
            if url and (_in_pager(anchor) or _PAGE_ADDRESS.search(unquote(url))):
                numbers.setdefault(int(number[1]), url)
    present = next((number for number, url in numbers.items() if identity(url) == identity(page.url)), None)
    # The present page is no link mostly: it is the gap in the row. Addresses count from 0, from 1, or in items.
    gap = next(
        (n for n in range(1, MOST_PAGES) if n not in numbers and n + 1 in numbers and (n == 1 or n - 1 in numbers)),
        None,
    )
    return numbers.get((present or gap or number_of(page.url) or 1) + 1, "")


def _is_page_of(url: str, page_url: str) -> bool:
    """Both addresses are the same but for a page number, or one is below the other."""
    one, other = (urlsplit(_PAGE_ADDRESS.sub("", unquote(address))).path.rstrip("/") for address in (url, page_url))
    return one.startswith(other) or other.startswith(one)


def _in_pager(anchor: LexborNode) -> bool:
    node: LexborNode | None = anchor
    for _ in range(5):
        if node is None:
            return False
        attributes = node.attributes
        if _PAGER.search(
            f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('aria-label') or ''}"
        ):
            return True
        node = node.parent
    return False
