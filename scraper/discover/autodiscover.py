"""Where a site keeps its feeds and sitemaps: what a page links to, robots.txt names, or custom suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from scraper.discover.lead import Lead
from scraper.page import Page
from scraper.text import fold, squeeze
from scraper.url import canonical, identity, same_site
from storage.records.source import TargetKind

MOST = 30
MOST_MAPS = 5
_FEED_TYPE = re.compile(
    r"application/(rss|atom|rdf|feed)\+(xml|json)|(text|application)/(xml|rss)|application/json", re.I
)
_FEED_PATH = re.compile(
    r"(^|/)(rss|atom|feed|feeds|rdf)(/|$|\.(xml|php|aspx?|jsp|json)$)|\.(rss|atom|rdf)$|[/_-](rss|atom|feed)[\w-]{0,40}\.xml$"
    r"|(^|/)(index|news|feed|rss\w*)\.xml$|^feeds\.feedburner\.com/",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(^|&)(format|type|feed|output)=(feed|rss2?|atom|rdf)(&|$)|tx_\w+\[(format|type)\]=rss", re.I)
_COMMENTS = re.compile(r"comments?([/_.?&=-]|$)|kommentar|commentaire|comentario|commenti\b|reacties", re.IGNORECASE)
_EVENTS = re.compile(
    r"\b(events?|calendar|agenda|veranstaltung\w*|termine|kalender|eventi|eventos|evenements?|ical)([/_.?&=-]|\b)",
    re.IGNORECASE,
)
_NEWS = re.compile(r"news|press|aktuell|nachricht|actu|noticia|notizi|nieuws|nyhet|blog|release", re.IGNORECASE)
# What links to news overviews say, folded; the surest first.
_SAY_NEWS = (
    """press releases|news & press releases|pressemitteilungen|communiques de presse|comunicados de prensa
    |comunicati stampa|persberichten|comunicados de imprensa""",
    """news|latest news|all news|our news|newsroom|news room|news & events|news and events|aktuelles|neuigkeiten
    |nachrichten|meldungen|actualites|actualite|toutes les actualites|noticias|todas las noticias|actualidad|notizie
    |news e comunicati|novita|nieuws|nyheter|nyheder|uutiset|ajankohtaista|aktualnosci|aktuality|novinky|hirek|novosti
    |novice|noutati|stiri""",
    """press|press room|pressroom|press centre|press center|media|media centre|media center|presse|pressebereich
    |espace presse|prensa|sala de prensa|stampa|area stampa|pers|press & media|news & media|media & press|medien
    |imprensa|articles|stories|blog|insights""",
)
_PAGES_OF_NEWS = {words.strip(): rank for rank, text in enumerate(_SAY_NEWS) for words in text.split("|")}
MOST_NEWS_PAGES = 3
# wp-json is an API of WordPress, oembed a card for embedding: neither is a feed.
_NO_FEED = re.compile(r"wp-json|oembed|opensearch|manifest\.json|/api/", re.IGNORECASE)
_FEED_PLACES = (
    "feed/", "rss.xml", "feed.xml", "rss", "atom.xml", "index.xml", "feed.json", "news/feed/", "news/rss.xml",
    "blog/feed/", "?format=feed&type=rss",
)  # fmt: skip
_SITEMAP_PLACES = (
    "sitemap.xml",
    "sitemap_index.xml",
    "news-sitemap.xml",
    "wp-sitemap.xml",
    "sitemap.xml.gz",
    "sitemap.txt",
)


def linked_feeds(page: Page) -> tuple[Lead, ...]:
    """Feeds that a page declares or, failing that, links to: news first, feeds of comments and of events left out.

    A feed given over http on an https page of the same host is asked for over https.
    """
    declared = [
        (node.attributes.get("href"), node.attributes.get("title") or "")
        for node in page.tree.css("link[rel~=alternate i][href][type]")
        if _FEED_TYPE.fullmatch((node.attributes.get("type") or "").split(";")[0].strip())
    ]
    if not declared:
        anchors = (a for a in page.tree.css("a[href]") if _looks_like_feed(page.join(a.attributes.get("href") or "")))
        declared = [(a.attributes.get("href"), squeeze(a.text())) for a in anchors]
    leads = [
        Lead(url=url, kind=TargetKind.FEED, origin="autodiscovery", title=squeeze(title)[:200])
        for href, title in declared[: MOST * 3]
        if (url := _secure(page.join(href or ""), page.url)) and not _NO_FEED.search(url)
    ]
    fitting = [lead for lead in leads if not _is_aside(lead, page.url)]
    return _once(sorted(fitting, key=lambda lead: _rank(lead, page.url)))[:MOST]


def news_pages(page: Page) -> tuple[Lead, ...]:
    """Where a home page leads for its news; nothing for pages below it, which would lead round in circles."""
    if not is_home(page.url):
        return ()
    found: list[tuple[int, Lead]] = []
    for anchor in page.tree.css("a[href]"):
        said, url = fold(squeeze(anchor.text())), page.join(anchor.attributes.get("href") or "")
        rank = _PAGES_OF_NEWS.get(said)
        if rank is not None and same_site(url, page.url) and identity(url) != identity(page.url):
            found.append(
                (rank, Lead(url=url, kind=TargetKind.LISTING, origin="autodiscovery", title=squeeze(anchor.text())))
            )
    return _once(lead for _, lead in sorted(found, key=lambda pair: pair[0]))[:MOST_NEWS_PAGES]


def is_home(url: str) -> bool:
    """Whether an address may be a home page: the root, or one step below it, such as a language."""
    path = urlsplit(url).path.strip("/")
    return "/" not in path and not _NEWS.search(path)


def usual_places(url: str) -> tuple[Lead, ...]:
    """Addresses where feeds and sitemaps often are; candidates, to be tried in this order."""
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    here = home + parts.path.lstrip("/").rpartition("/")[0]
    here = here if here.endswith("/") else here + "/"
    near = [Lead(url=here + "feed/", kind=TargetKind.FEED, origin="autodiscovery")] if here != home else []
    feeds = [Lead(url=home + place, kind=TargetKind.FEED, origin="autodiscovery") for place in _FEED_PLACES]
    maps = [Lead(url=home + place, kind=TargetKind.SITEMAP, origin="autodiscovery") for place in _SITEMAP_PLACES]
    return _once([*near, *feeds, *maps])


def named_sitemaps(sitemaps: Iterable[str], url: str) -> tuple[Lead, ...]:
    """Sitemaps of robots.txt (`Fetched.sitemaps`) beside a page as leads."""
    found = (canonical(address, url) for address in sitemaps)
    return _once(Lead(url=each, kind=TargetKind.SITEMAP, origin="robots") for each in found if each)[:MOST_MAPS]


def is_about_events(url: str) -> bool:
    """Whether an address names a calendar or its entries: dates to come, not news."""
    return _EVENTS.search(f"{urlsplit(url).path}?{urlsplit(url).query}") is not None


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    path = f"{host}{parts.path}" if "feedburner" in host else parts.path
    return bool(_FEED_PATH.search(path) or _FEED_QUERY.search(parts.query))


def _secure(url: str, page_url: str) -> str:
    one, other = urlsplit(url), urlsplit(page_url)
    if one.scheme == "http" and other.scheme == "https" and one.netloc == other.netloc:
        return "https" + url.removeprefix("http")
    return url


def _is_aside(lead: Lead, page_url: str) -> bool:
    """A feed of comments, or of events beside a page that is not about events itself."""
    where = f"{urlsplit(lead.url).path}?{urlsplit(lead.url).query}"
    if _COMMENTS.search(where) or re.search(r"\bcomments?\b|kommentare|commentaires", lead.title, re.IGNORECASE):
        return True
    return (is_about_events(lead.url) or bool(_EVENTS.search(lead.title))) and not is_about_events(page_url)


def _rank(lead: Lead, page_url: str) -> tuple[bool, bool, bool]:
    """The feed of this very page first, then those of news, then the rest in the page's order."""
    path, here = urlsplit(lead.url).path, urlsplit(page_url).path.rstrip("/")
    return (
        not (len(here) > 1 and path.startswith(here + "/")),
        not (_NEWS.search(lead.url) or _NEWS.search(lead.title)),
        not same_site(lead.url, page_url),
    )


def _once(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    first: dict[str, Lead] = {}
    for lead in leads:
        first.setdefault(identity(lead.url), lead)
    return tuple(first.values())
