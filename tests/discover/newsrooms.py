"""Whole small sites, built as widespread systems build them: what stands where, how it is named, dated and paged.

The markup is ours after the real structures (class names, paths, feeds, pagination); names and texts are made up. Each
site has, besides its news, what every real one has: pages about itself, categories, tags, authors, old events.
"""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape

from tests.acceptance.conftest import Reply, words

Routes = dict[str, Reply]
SUBJECTS = (
    "Members renew the memorandum on imaging data", "Annual congress opens in Vienna", "Joint statement on screening",
    "New president elected by the assembly", "Position paper on medical software", "Report on radiation protection published",
    "Working group calls for nominations", "Hospital survey shows longer waiting times", "Grant awarded for young researchers",
    "Consultation on the data space answered", "Training network welcomes six centres", "Guideline for ultrasound revised",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Post:
    """One news item of a site."""

    number: int
    title: str
    day: date
    path: str = ""

    @property
    def slug(self) -> str:
        return "".join(c if c.isalnum() else "-" for c in self.title.lower()).replace("--", "-").strip("-")

    @property
    def summary(self) -> str:
        return f"{words(self.number + 400, 18).capitalize()}."

    @property
    def body(self) -> str:
        return "".join(f"<p>{words(self.number * 7 + part, 55).capitalize()}.</p>" for part in range(3))


def posts(count: int, path: Callable[[Post], str], newest: date = date(2026, 11, 10), step: int = 3) -> list[Post]:
    """So many items, the newest first, each at the path that this site gives it."""
    found = []
    for n in range(count):
        title = SUBJECTS[n % len(SUBJECTS)] + (f" in round {n // len(SUBJECTS) + 1}" if n >= len(SUBJECTS) else "")
        bare = Post(number=n, title=title, day=newest - timedelta(days=step * n))
        found.append(Post(number=n, title=title, day=bare.day, path=path(bare)))
    return found


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """One site: its pages, the address that a user would give, and the paths that are its news."""

    start: str
    routes: Routes
    news: frozenset[str]
    ways: frozenset[str] = field(default_factory=frozenset)  # paths of the targets that `add` must name


def html(title: str, body: str, *, head: str = "", lang: str = "en", classes: str = "") -> Reply:
    return Reply(
        body=f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head><body class="{classes}">{body}</body></html>'.encode()
    )


def xml(text: str, kind: str = "application/xml") -> Reply:
    return Reply(body=f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), type=kind)


def rss(base: str, items: Iterable[Post], title: str = "Site") -> Reply:
    told = "".join(
        f"<item><title>{p.title}</title><link>{base}{p.path}</link><guid isPermaLink='false'>{p.number} at {base}</guid>"
        f"<pubDate>{format_datetime(datetime.combine(p.day, time(9), UTC))}</pubDate><description>{p.summary}</description></item>"
        for p in items
    )
    return xml(
        f'<rss version="2.0"><channel><title>{title}</title><link>{base}/</link>{told}</channel></rss>',
        "application/rss+xml",
    )


def urlset(base: str, paths: Iterable[str]) -> Reply:
    told = "".join(f"<url><loc>{base}{path}</loc><lastmod>2026-11-01</lastmod></url>" for path in paths)
    return xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{told}</urlset>')


def index(base: str, paths: Iterable[str]) -> Reply:
    told = "".join(f"<sitemap><loc>{base}{path}</loc></sitemap>" for path in paths)
    return xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{told}</sitemapindex>')


def prose(title: str, seed: int) -> str:
    return f"<h1>{title}</h1>" + "".join(f"<p>{words(seed + n, 45).capitalize()}.</p>" for n in range(3))


def chunks(items: list[Post], size: int) -> list[list[Post]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def wordpress(base: str) -> Newsroom:
    """A block theme on the front page: dated paths, ten a page, categories, tags, author, comments feed, wp-sitemap."""
    news = posts(34, lambda p: f"/{p.day:%Y/%m/%d}/{p.slug}/")
    head = (
        f'<link rel="alternate" type="application/rss+xml" title="Assoc &raquo; Feed" href="{base}/feed/">'
        f'<link rel="alternate" type="application/rss+xml" title="Assoc &raquo; Comments Feed" href="{base}/comments/feed/">'
        f'<link rel="https://api.w.org/" href="{base}/wp-json/"><link rel="EditURI" type="application/rsd+xml" title="RSD" href="{base}/xmlrpc.php?rsd">'
    )
    pages = {
        "/about-us/": "About us",
        "/contact/": "Contact",
        "/sample-page/": "Sample Page",
        "/privacy-policy/": "Privacy Policy",
    }
    top = (
        '<header class="wp-block-template-part"><p class="wp-block-site-title"><a href="/" rel="home">Assoc</a></p><nav class="wp-block-navigation">'
        + "".join(
            f'<a class="wp-block-pages-list__item__link" href="{path}">{name}</a>' for path, name in pages.items()
        )
        + "</nav></header>"
    )
    foot = (
        '<footer class="wp-block-template-part"><aside class="widget widget_recent_entries"><h2>Recent Posts</h2><ul>'
        + "".join(f'<li><a href="{p.path}">{p.title}</a></li>' for p in news[:5])
        + '</ul></aside><div class="widget_archive"><h2>Archives</h2><ul>'
        + "".join(f'<li><a href="/2026/{m:02}/">{m} 2026</a></li>' for m in range(8, 12))
        + '</ul></div><div class="widget_categories"><ul><li><a href="/category/news/">News</a></li><li><a href="/category/uncategorized/">Uncategorized</a></li></ul></div>'
        '<p>Proudly powered by <a href="https://wordpress.org">WordPress</a></p></footer>'
    )

    def listing(items: list[Post], number: int, last: int, root: str) -> Reply:
        cards = "".join(
            f'<li class="wp-block-post post-{p.number} post type-post status-publish format-standard hentry category-news tag-eu"><h2 class="wp-block-post-title"><a href="{base}{p.path}" target="_self">{p.title}</a></h2>'
            f'<div class="wp-block-post-date"><time datetime="{p.day}T09:00:00+00:00"><a href="{base}{p.path}">{p.day:%B %d, %Y}</a></time></div><div class="wp-block-post-excerpt"><p class="wp-block-post-excerpt__excerpt">{p.summary} […]</p></div>'
            f'<div class="taxonomy-category wp-block-post-terms"><a href="{base}/category/news/" rel="tag">News</a></div><a href="/author/admin/">admin</a></li>'
            for p in items
        )
        older = (
            f'<a href="{root}page/{number + 1}/" class="wp-block-query-pagination-next">Next Page</a>'
            if number < last
            else ""
        )
        return html(
            "Assoc",
            f'{top}<main class="wp-block-group"><div class="wp-block-query"><ul class="wp-block-post-template">{cards}</ul><nav class="wp-block-query-pagination">{older}</nav></div></main>{foot}',
            head=head,
            classes="home blog",
        )

    routes: Routes = {"/feed/": rss(base, news[:10], "Assoc"), "/comments/feed/": rss(base, [], "Comments on Assoc")}
    for root, items in (
        ("/", news),
        ("/category/news/", news),
        ("/author/admin/", news),
        ("/tag/eu/", news[:12]),
        ("/2026/11/", news[:4]),
    ):
        parted = chunks(items, 10)
        for n, part in enumerate(parted, 1):
            routes[root if n == 1 else f"{root}page/{n}/"] = listing(part, n, len(parted), root)
    for p in news:
        links = "".join(f'<a href="{q.path}" rel="prev">{q.title}</a>' for q in news[p.number + 1 : p.number + 2])
        routes[p.path] = html(
            p.title,
            f'{top}<main><article class="post type-post"><h1 class="wp-block-post-title">{p.title}</h1><time datetime="{p.day}T09:00:00+00:00">{p.day:%B %d, %Y}</time><div class="entry-content wp-block-post-content">{p.body}</div><nav class="post-navigation">{links}</nav><div id="comments"><h3>Leave a Reply</h3></div></article></main>{foot}',
            head=head
            + f'<link rel="canonical" href="{base}{p.path}"><link rel="alternate" type="application/rss+xml" title="Comments Feed" href="{p.path}feed/">',
        )
    routes |= {
        path: html(name, f"{top}<main>{prose(name, 70)}</main>{foot}", head=head) for path, name in pages.items()
    }
    maps = {
        "/wp-sitemap-posts-post-1.xml": [p.path for p in news],
        "/wp-sitemap-posts-page-1.xml": list(pages),
        "/wp-sitemap-taxonomies-category-1.xml": ["/category/news/"],
        "/wp-sitemap-users-1.xml": ["/author/admin/"],
    }
    routes |= {path: urlset(base, paths) for path, paths in maps.items()}
    routes |= {
        "/wp-sitemap.xml": index(base, maps),
        "/robots.txt": Reply(
            body=f"User-agent: *\nDisallow: /wp-admin/\n\nSitemap: {base}/wp-sitemap.xml\n".encode(), type="text/plain"
        ),
    }
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/", "/feed/"}))


def drupal(base: str) -> Newsroom:
    """Node teasers on the front page, ?page=1, /rss.xml, taxonomy pages, a user login block, a search form."""
    news = posts(26, lambda p: f"/node/{p.number + 5}" if p.number % 4 else f"/news/{p.slug}")
    head = '<meta name="Generator" content="Drupal 10"><link rel="alternate" type="application/rss+xml" title="Assoc feed" href="/rss.xml">'
    top = '<header role="banner"><a href="/" rel="home">Assoc</a><nav role="navigation" aria-labelledby="block-main-menu"><ul class="menu"><li><a href="/" class="is-active">Home</a></li><li><a href="/node/1">About the association</a></li><li><a href="/node/2">Contact and directions</a></li><li><a href="/user/login">Log in</a></li></ul></nav></header>'
    foot = '<footer role="contentinfo"><nav><ul class="menu"><li><a href="/contact">Contact</a></li><li><a href="/node/3">Imprint and privacy</a></li></ul></nav><a href="https://www.drupal.org">Powered by Drupal</a></footer>'

    def card(p: Post) -> str:
        return (
            f'<div class="views-row"><article data-history-node-id="{p.number}" role="article" class="node node--type-article node--promoted node--view-mode-teaser"><header><h2 class="node__title"><a href="{p.path}" rel="bookmark"><span class="field field--name-title">{p.title}</span></a></h2>'
            f'<div class="node__meta"><span class="field--name-uid">By <a title="View user profile." href="/user/1" class="username">admin of the site</a></span>, <span class="field--name-created"><time datetime="{p.day}T10:00:00+00:00" class="datetime">{p.day:%d %B, %Y}</time></span></div></header>'
            f'<div class="node__content"><div class="field--name-body"><p>{p.summary}</p></div><div class="field--name-field-tags"><ul class="links field__items"><li><a href="/taxonomy/term/3" hreflang="en">european policy</a></li></ul></div>'
            f'<div class="node__links"><ul class="links inline"><li class="node-readmore"><a href="{p.path}" rel="tag" title="{p.title}">Read more<span class="visually-hidden"> about {p.title}</span></a></li><li class="comment-add"><a href="{p.path}#comment-form" title="Share your thoughts">Add new comment</a></li></ul></div></div></article></div>'
        )

    parted = chunks(news, 10)
    routes: Routes = {"/rss.xml": rss(base, news[:10], "Assoc")}
    for n, part in enumerate(parted):
        pager = "".join(
            f'<li class="pager__item"><a href="?page={m}" title="Go to page {m + 1}"><span class="visually-hidden">Page</span>{m + 1}</a></li>'
            for m in range(len(parted))
            if m != n
        )
        after = (
            f'<li class="pager__item pager__item--next"><a href="?page={n + 1}" title="Go to next page" rel="next"><span class="visually-hidden">Next page</span><span aria-hidden="true">›› </span></a></li>'
            if n + 1 < len(parted)
            else ""
        )
        routes["/" if not n else f"/?page={n}"] = html(
            "Welcome | Assoc",
            f'{top}<main role="main"><div class="views-element-container"><div class="view view-frontpage">{"".join(map(card, part))}<nav class="pager" role="navigation"><ul class="pager__items js-pager__items">{pager}{after}</ul></nav><div class="feed-icons"><a href="{base}/rss.xml" class="feed-icon">Subscribe to Assoc</a></div></div></div></main><aside class="layout-sidebar-second" role="complementary"><div class="block block-search"><form action="/search/node"><input name="keys"></form></div></aside>{foot}',
            head=head,
        )
    for p in news:
        routes[p.path] = html(
            f"{p.title} | Assoc",
            f'{top}<main><h1 class="page-title"><span class="field--name-title">{p.title}</span></h1><article class="node node--type-article node--view-mode-full"><footer class="node__meta">By <a href="/user/1">admin</a>, <time datetime="{p.day}T10:00:00+00:00">{p.day:%d %B, %Y}</time></footer><div class="node__content"><div class="field--name-body">{p.body}</div></div></article></main>{foot}',
            head=head + f'<link rel="canonical" href="{base}{p.path}">',
        )
    routes |= {
        path: html(name, f"{top}<main>{prose(name, 80 + n)}</main>{foot}", head=head)
        for n, (path, name) in enumerate(
            {
                "/node/1": "About the association",
                "/node/2": "Contact and directions",
                "/node/3": "Imprint and privacy",
                "/user/1": "admin",
                "/contact": "Contact",
            }.items()
        )
    }
    routes["/taxonomy/term/3"] = html(
        "european policy | Assoc", f"{top}<main>{''.join(map(card, news[:10]))}</main>{foot}", head=head
    )
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/", "/rss.xml"}))


def joomla(base: str) -> Newsroom:
    """A category blog of five intro items a page, start=5, feeds by ?format=feed, a breadcrumb, hits and voting."""
    news = posts(17, lambda p: f"/index.php/news/{p.number + 2}-{p.slug}")
    head = '<link href="/index.php/news?format=feed&amp;type=rss" rel="alternate" type="application/rss+xml" title="Assoc"><link href="/index.php/news?format=feed&amp;type=atom" rel="alternate" type="application/atom+xml" title="Assoc"><meta name="generator" content="Joomla! - Open Source Content Management">'
    top = '<header class="header container-header"><nav class="navbar"><ul class="mod-menu mod-list nav"><li class="nav-item default"><a href="/index.php">Home</a></li><li class="nav-item current active"><a href="/index.php/news">News</a></li><li><a href="/index.php/about-the-association">About the association</a></li><li><a href="/index.php/contact-us">Contact us</a></li></ul></nav></header>'
    side = (
        '<div class="container-sidebar-right"><div class="sidebar-right card"><h3 class="card-header">Popular Tags</h3><ul class="mod-tagspopular"><li><a href="/index.php/component/tags/tag/imaging">imaging and data</a></li><li><a href="/index.php/component/tags/tag/health">public health care</a></li></ul></div><div class="sidebar-right card"><h3 class="card-header">Latest Articles</h3><ul class="mod-articleslatest mod-list">'
        + "".join(f'<li><a href="{p.path}"><span>{p.title}</span></a></li>' for p in news[:5])
        + "</ul></div></div>"
    )
    parted = chunks(news, 5)
    routes: Routes = {
        "/index.php/news?format=feed&type=rss": rss(base, news[:5]),
        "/index.php/news?format=feed&type=atom": xml(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Assoc</title><id>{base}/</id>'
            + "".join(
                f'<entry><title>{p.title}</title><link rel="alternate" type="text/html" href="{base}{p.path}"/><published>{p.day}T09:00:00+00:00</published><updated>{p.day}T09:00:00+00:00</updated><id>{base}{p.path}</id><summary type="html">&lt;p&gt;{p.summary}&lt;/p&gt;</summary></entry>'
                for p in news[:5]
            )
            + "</feed>",
            "application/atom+xml",
        ),
    }
    for n, part in enumerate(parted):
        cards = "".join(
            f'<div class="com-content-category-blog__item blog-item"><div class="item-content"><div class="page-header"><h2><a href="{p.path}">{p.title}</a></h2></div><dl class="article-info text-muted"><dt class="article-info-term">Details</dt><dd class="createdby">Written by: <span>Super User</span></dd><dd class="category-name">Category: <a href="/index.php/news">News</a></dd><dd class="published"><time datetime="{p.day}T09:00:00+00:00">Published: {p.day:%d %B %Y}</time></dd><dd class="hits">Hits: {p.number}</dd></dl><p>{p.summary}</p><p class="readmore"><a class="btn btn-secondary" href="{p.path}" aria-label="Read more: {p.title}">Read more: {p.title}</a></p></div></div>'
            for p in part
        )
        pager = "".join(
            f'<li class="page-item"><a aria-label="Go to page {m + 1}" href="/index.php/news{f"?start={5 * m}" if m else ""}" class="page-link">{m + 1}</a></li>'
            for m in range(len(parted))
        )
        after = (
            f'<li class="page-item"><a aria-label="Go to next page" href="/index.php/news?start={5 * (n + 1)}" class="page-link"><span class="icon-angle-right" aria-hidden="true"></span></a></li>'
            if n + 1 < len(parted)
            else ""
        )
        routes["/index.php/news" + (f"?start={5 * n}" if n else "")] = html(
            "News",
            f'{top}<main><div class="com-content-category-blog blog"><div class="page-header"><h1>News</h1></div><div class="com-content-category-blog__items blog-items">{cards}</div><div class="com-content-category-blog__pagination"><nav class="pagination__wrapper" aria-label="Pagination"><ul class="pagination">{pager}{after}</ul></nav></div></div></main>{side}',
            head=head,
        )
    for p in news:
        routes[p.path] = html(
            p.title,
            f'{top}<main><div class="com-content-article item-page"><div class="page-header"><h1>{p.title}</h1></div><dl class="article-info"><dd class="published"><time datetime="{p.day}T09:00:00+00:00">Published: {p.day:%d %B %Y}</time></dd></dl><div class="com-content-article__body">{p.body}</div><nav class="pagenavigation"><a class="btn" href="{news[max(p.number - 1, 0)].path}" rel="prev">Prev</a></nav></div></main>{side}',
            head=head if p.number < 0 else "",
        )
    routes |= {
        path: html(name, f"{top}<main>{prose(name, 90)}</main>")
        for path, name in {
            "/index.php": "Home",
            "/index.php/about-the-association": "About the association",
            "/index.php/contact-us": "Contact us",
        }.items()
    }
    return Newsroom(
        start="/index.php/news",
        routes=routes,
        news=frozenset(p.path for p in news),
        ways=frozenset({"/index.php/news", "/index.php/news?format=feed&type=rss"}),
    )


def ghost(base: str) -> Newsroom:
    """Cards wrapped in links on the front page, posts right below the root, /rss/, sitemap-posts.xml beside sitemap-pages.xml."""
    news = posts(19, lambda p: f"/{p.slug}/")
    head = f'<link rel="alternate" type="application/rss+xml" title="Assoc" href="{base}/rss/"><meta name="generator" content="Ghost 5.80">'
    top = '<header id="gh-head" class="gh-head"><nav class="gh-head-menu"><ul class="nav"><li class="nav-home nav-current"><a href="/">Home</a></li><li class="nav-about"><a href="/about/">About</a></li></ul></nav><div class="gh-head-actions"><a class="gh-head-link" href="#/portal/signin">Sign in</a></div></header>'
    foot = '<footer class="site-footer outer"><nav class="site-footer-nav"><ul class="nav"><li><a href="#/portal/">Sign up</a></li></ul></nav><a href="https://ghost.org/">Powered by Ghost</a></footer>'
    parted = chunks(news, 7)
    routes: Routes = {"/rss/": rss(base, news[:15])}
    for n, part in enumerate(parted, 1):
        cards = "".join(
            f'<article class="post-card post {"post-card-large" if not p.number else "no-image"}"><a class="post-card-image-link" href="{p.path}"><img class="post-card-image" src="/i{p.number}.jpg" alt="{p.title}" loading="lazy"></a><div class="post-card-content"><a class="post-card-content-link" href="{p.path}"><header class="post-card-header"><div class="post-card-tags"><span class="post-card-primary-tag">News</span></div><h2 class="post-card-title">{p.title}</h2></header><div class="post-card-excerpt">{p.summary}</div></a><footer class="post-card-meta"><time class="post-card-meta-date" datetime="{p.day}">{p.day:%b %d, %Y}</time><span class="post-card-meta-length">2 min read</span></footer></div></article>'
            for p in part
        )
        older = (
            f'<a class="older-posts" href="/page/{n + 1}/"><span aria-hidden="true">&larr;</span> Older Posts</a>'
            if n < len(parted)
            else ""
        )
        rel = f'<link rel="next" href="{base}/page/{n + 1}/">' if n < len(parted) else ""
        routes["/" if n == 1 else f"/page/{n}/"] = html(
            "Assoc",
            f'<div class="viewport">{top}<div class="site-content"><main id="site-main" class="site-main outer"><div class="inner posts"><div class="post-feed">{cards}</div><nav class="pagination">{older}<span class="page-number">Page {n} of {len(parted)}</span></nav></div></main></div>{foot}</div>',
            head=head + rel,
        )
    for p in news:
        more = "".join(
            f'<article class="post-card"><a class="post-card-content-link" href="{q.path}"><h2 class="post-card-title">{q.title}</h2></a></article>'
            for q in news[:3]
        )
        routes[p.path] = html(
            p.title,
            f'{top}<main class="site-main"><article class="article post"><header class="article-header gh-canvas"><h1 class="article-title">{p.title}</h1><div class="article-byline"><h4 class="author-name"><a href="/author/ghost/">Ghost</a></h4><time class="byline-meta-date" datetime="{p.day}">{p.day:%b %d, %Y}</time></div></header><section class="gh-content gh-canvas">{p.body}</section></article></main><aside class="read-more-wrap outer"><div class="read-more inner">{more}</div></aside>{foot}',
            head=head,
        )
    routes |= {
        "/about/": html("About this site", f"{top}<main>{prose('About this site', 95)}</main>{foot}", head=head),
        "/author/ghost/": html("Ghost", f"{top}<main>{prose('Ghost', 97)}</main>", head=head),
        "/tag/news/": html("News", f"{top}<main>{prose('News', 99)}</main>", head=head),
    }
    maps = {
        "/sitemap-pages.xml": ["/", "/about/"],
        "/sitemap-posts.xml": [p.path for p in news],
        "/sitemap-authors.xml": ["/author/ghost/"],
        "/sitemap-tags.xml": ["/tag/news/"],
    }
    routes |= {path: urlset(base, paths) for path, paths in maps.items()} | {
        "/sitemap.xml": index(base, maps),
        "/robots.txt": Reply(
            body=f"User-agent: *\nSitemap: {base}/sitemap.xml\nDisallow: /ghost/\n".encode(), type="text/plain"
        ),
    }
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/", "/rss/"}))


def typo3(base: str) -> Newsroom:
    """A German site without a feed: the home page only links to its news page; the plugin's own paths for pages."""
    news = posts(14, lambda p: f"/aktuelles/detail/{p.slug}")
    top = '<header><nav class="navbar navbar-mainnavigation"><ul class="nav navbar-nav"><li class="nav-item"><a href="/" class="nav-link"><span class="nav-link-text">Startseite</span></a></li><li class="nav-item"><a class="nav-link" href="/verband"><span class="nav-link-text">Verband</span></a></li><li class="nav-item"><a class="nav-link" href="/aktuelles"><span class="nav-link-text">Aktuelles</span></a></li><li class="nav-item"><a class="nav-link" href="/termine"><span class="nav-link-text">Termine</span></a></li></ul></nav></header>'
    foot = '<footer><a href="/impressum">Impressum</a><a href="/datenschutz">Datenschutz</a></footer>'
    parted = chunks(news, 6)
    routes: Routes = {}
    for n, part in enumerate(parted, 1):
        cards = "".join(
            f'<div class="article articletype-0 topnews" itemscope itemtype="http://schema.org/Article"><div class="header"><h3><a title="{p.title}" href="{p.path}"><span itemprop="headline">{p.title}</span></a></h3></div><div class="teaser-text"><div itemprop="description"><p>{p.summary}</p></div><a class="more" title="{p.title}" href="{p.path}">Weiterlesen</a></div><div class="footer"><p><span class="news-list-date"><time itemprop="datePublished" datetime="{p.day}">{p.day:%d.%m.%Y}</time></span><span class="news-list-category">Verband</span></p></div></div>'
            for p in part
        )
        pager = "".join(
            f'<li class="page-item"><a class="page-link" href="/aktuelles{f"/page-{m}" if m > 1 else ""}">{m}</a></li>'
            for m in range(1, len(parted) + 1)
        )
        routes["/aktuelles" if n == 1 else f"/aktuelles/page-{n}"] = html(
            "Aktuelles: Verband",
            f'{top}<main><h1>Aktuelles</h1><div class="news"><div class="news-list-view">{cards}<ul class="pagination">{pager}</ul></div></div></main>{foot}',
            lang="de",
        )
    for p in news:
        routes[p.path] = html(
            p.title,
            f'{top}<main><div class="news news-single"><div class="article"><div class="header"><h1 itemprop="headline">{p.title}</h1></div><div class="footer"><span class="news-list-date"><time itemprop="datePublished" datetime="{p.day}">{p.day:%d.%m.%Y}</time></span></div><div class="news-text-wrap" itemprop="articleBody">{p.body}</div><div class="news-backlink-wrap"><a href="/aktuelles">Zurück</a></div></div></div></main>{foot}',
            lang="de",
        )
    routes["/"] = html(
        "Verband",
        f'{top}<main>{prose("Willkommen beim Verband", 60)}<p><a href="/verband">Mehr über den Verband</a></p></main>{foot}',
        lang="de",
    )
    routes |= {
        path: html(name, f"{top}<main>{prose(name, 62)}</main>{foot}", lang="de")
        for path, name in {"/verband": "Verband", "/impressum": "Impressum", "/datenschutz": "Datenschutz"}.items()
    }
    dates = "".join(
        f'<div class="article"><h3><a href="/termine/{n}">Jahrestagung der Sektion {n}</a></h3><time datetime="2027-0{n}-10">10.0{n}.2027</time></div>'
        for n in range(1, 7)
    )
    routes["/termine"] = html("Termine", f"{top}<main>{dates}</main>{foot}", lang="de")
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/aktuelles"}))


def hugo(base: str) -> Newsroom:
    """A static site with sections: /index.xml of the whole site (pages too), /posts/ and /posts/index.xml, no class names to speak of."""
    news = posts(16, lambda p: f"/posts/{p.slug}/")
    head = f'<link rel="alternate" type="application/rss+xml" href="{base}/posts/index.xml" title="Posts">'
    top = '<header><h1><a href="/">Assoc</a></h1><nav><a href="/posts/" title="Posts">Posts</a> <a href="/about/" title="About">About</a> <a href="/tags/">Tags</a></nav></header>'
    parted = chunks(news, 8)
    routes: Routes = {
        "/posts/index.xml": rss(base, news, "Posts on Assoc"),
        "/about/": html("About", f"{top}{prose('About', 50)}"),
    }
    about = Post(number=900, title="About", day=date(2026, 1, 1), path="/about/")
    routes["/index.xml"] = rss(base, [*news, about], "Assoc")
    for n, part in enumerate(parted, 1):
        rows = "".join(f'<li><a href="{p.path}">{p.title}</a> <small>{p.day:%b %d, %Y}</small></li>' for p in part)
        following = f'<a href="/posts/page/{n + 1}/">Next</a>' if n < len(parted) else ""
        routes["/posts/" if n == 1 else f"/posts/page/{n}/"] = html(
            "Posts",
            f"{top}<main><h2>Posts</h2><ul>{rows}</ul><ul class='pagination'>{following}</ul></main><footer>made with Hugo</footer>",
            head=head,
        )
    for p in news:
        routes[p.path] = html(
            p.title,
            f"{top}<main><h1>{p.title}</h1><time>{p.day:%b %d, %Y}</time><div>{p.body}</div><ul><li><a href='/tags/news/'>news</a></li></ul></main>",
            head="",
        )
    routes["/sitemap.xml"] = urlset(
        base, ["/", "/posts/", *(p.path for p in news), "/tags/", "/tags/news/", "/about/", "/categories/"]
    )
    return Newsroom(
        start="/posts/",
        routes=routes,
        news=frozenset(p.path for p in news),
        ways=frozenset({"/posts/", "/posts/index.xml"}),
    )


def plone(base: str) -> Newsroom:
    """A folder summary view: b_start:int=10, /news/RSS, authors and dates in a line, no date element."""
    news = posts(23, lambda p: f"/news/{p.slug}")
    head = f'<link rel="alternate" title="News - RSS 1.0" href="{base}/news/rss.xml" type="application/rss+xml"><meta name="generator" content="Plone - https://plone.org/">'
    top = '<header id="portal-top"><ul id="portal-globalnav"><li id="portaltab-index_html"><a href="/">Home</a></li><li id="portaltab-news"><a href="/news">News</a></li><li id="portaltab-events"><a href="/events">Events</a></li><li id="portaltab-members"><a href="/Members">Users</a></li></ul><nav id="portal-breadcrumbs"><ol><li><a href="/">Home</a></li><li>News</li></ol></nav></header>'
    foot = '<footer id="portal-footer-wrapper"><ul><li><a href="/sitemap">Site Map</a></li><li><a href="/accessibility-info">Accessibility</a></li></ul></footer>'
    parted = chunks(news, 10)
    rdf = "".join(
        f'<item rdf:about="{base}{p.path}"><title>{p.title}</title><link>{base}{p.path}</link><description>{p.summary}</description><dc:creator>admin</dc:creator><dc:date>{p.day}T08:00:00Z</dc:date></item>'
        for p in news[:15]
    )
    routes: Routes = {
        "/news/rss.xml": xml(
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="{base}/news"><title>News</title><link>{base}/news</link><items><rdf:Seq>{"".join(f"""<rdf:li rdf:resource="{base}{p.path}"/>""" for p in news[:15])}</rdf:Seq></items></channel>{rdf}</rdf:RDF>',
            "text/xml",
        )
    }
    for n, part in enumerate(parted):
        cards = "".join(
            f'<article class="entry"><header><span class="summary" title="News Item"><a class="contenttype-news-item state-published url" href="{base}{p.path}" title="News Item">{p.title}</a></span><div class="documentByLine">by <a href="/author/admin">admin</a> — published {p.day:%b %d, %Y}</div></header><p class="description discreet">{p.summary}</p></article>'
            for p in part
        )
        following = (
            f'<li class="page-item next"><a class="page-link" href="{base}/news?b_start:int={10 * (n + 1)}"><span class="label">Next {min(10, len(news) - 10 * (n + 1))} items</span></a></li>'
            if n + 1 < len(parted)
            else ""
        )
        numbers = "".join(
            f'<li class="page-item"><a class="page-link" href="{base}/news?b_start:int={10 * m}">{m + 1}</a></li>'
            for m in range(len(parted))
            if m != n
        )
        routes["/news" + (f"?b_start:int={10 * n}" if n else "")] = html(
            "News",
            f'{top}<main id="main-container"><article id="content"><h1 class="documentFirstHeading">News</h1><div class="entries">{cards}</div><nav class="pagination" aria-label="pagination"><ul class="pagination">{numbers}{following}</ul></nav></article></main>{foot}',
            head=head,
        )
    for p in news:
        routes[p.path] = html(
            p.title,
            f'{top}<main><article id="content"><h1 class="documentFirstHeading">{p.title}</h1><div class="documentByLine">by admin — published {p.day:%b %d, %Y}</div><div id="parent-fieldname-text">{p.body}</div></article></main>{foot}',
        )
    routes |= {
        path: html(name, f"{top}{prose(name, 40)}{foot}")
        for path, name in {"/": "Welcome", "/events": "Events", "/Members": "Users", "/author/admin": "admin"}.items()
    }
    return Newsroom(
        start="/news", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/news", "/news/rss.xml"})
    )


def table(base: str) -> Newsroom:
    """A hand-made French table of releases: PDFs and pages, the date in a cell of its own, no feed and no class."""
    news = posts(12, lambda p: f"/docs/cp-{p.number:02}.html")
    rows = "".join(
        f'<tr bgcolor="#eeeeee"><td>{p.day:%d/%m/%Y}</td><td><a href="docs/cp-{p.number:02}.html">{p.title}</a></td><td><font size="1">{words(p.number + 40, 6)}</font></td></tr>'
        for p in news
    )
    menu = '<table><tr><td><a href="index.html">Accueil</a></td><td><a href="membres.html">Nos membres</a></td><td><a href="communiques.html">Communiqués</a></td><td><a href="contact.html">Nous contacter</a></td></tr></table>'
    routes: Routes = {
        "/communiques.html": html(
            "Communiqués de presse",
            f'{menu}<h1>Communiqués de presse</h1><table border="1"><tr><th>Date</th><th>Titre</th><th>Résumé</th></tr>{rows}</table><p align="center"><a href="mailto:a@b.test">Courriel</a></p>',
            lang="fr",
        )
    }
    routes |= {
        p.path: html(p.title, f"{menu}<h1>{p.title}</h1><p><i>Paris, le {p.day:%d/%m/%Y}</i></p>{p.body}", lang="fr")
        for p in news
    }
    routes |= {
        f"/{name}.html": html(name, f"{menu}{prose(name, 30)}", lang="fr") for name in ("index", "membres", "contact")
    }
    return Newsroom(
        start="/communiques.html",
        routes=routes,
        news=frozenset(p.path for p in news),
        ways=frozenset({"/communiques.html"}),
    )


def accordion(base: str) -> Newsroom:
    """A Polish site with a year to each panel of an accordion: all items on one page, dates in text only."""
    news = posts(20, lambda p: f"/aktualnosci/{p.number + 100}", step=30)
    years: dict[int, list[Post]] = {}
    for p in news:
        years.setdefault(p.day.year, []).append(p)
    panels = "".join(
        f'<div class="accordion-item"><h2 class="accordion-header" id="h{year}"><button class="accordion-button collapsed" data-bs-target="#c{year}">{year}</button></h2><div id="c{year}" class="accordion-collapse collapse"><div class="accordion-body"><ul>'
        + "".join(f'<li>{p.day:%d.%m.%Y} – <a href="{p.path}">{p.title}</a></li>' for p in items)
        + "</ul></div></div></div>"
        for year, items in years.items()
    )
    top = '<nav class="navbar"><a href="/">Strona główna</a><a href="/o-nas">O nas</a><a href="/aktualnosci">Aktualności</a><a href="/kontakt">Kontakt</a></nav>'
    routes: Routes = {
        "/aktualnosci": html(
            "Aktualności",
            f'{top}<main><h1>Aktualności</h1><div class="accordion" id="archive">{panels}</div></main>',
            lang="pl",
        )
    }
    routes |= {
        p.path: html(
            p.title, f"{top}<main><h1>{p.title}</h1><p class='data'>{p.day:%d.%m.%Y}</p>{p.body}</main>", lang="pl"
        )
        for p in news
    }
    routes |= {path: html(path, f"{top}{prose(path, 20)}", lang="pl") for path in ("/o-nas", "/kontakt")}
    routes["/"] = html("Towarzystwo", f"{top}<main>{prose('Towarzystwo', 21)}</main>", lang="pl")
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/aktualnosci"}))


def builder(base: str) -> Newsroom:
    """A site of a page builder: whole-card links in anonymous divs with hashed classes, a blog feed not declared."""
    news = posts(9, lambda p: f"/post/{p.slug}")
    cards = "".join(
        f'<div class="c1inmq _9jd2k" data-hook="post-list-item"><div class="gallery-item-container"><a class="O16KGI pu51Xe" href="{base}{p.path}"><div class="bmyIpm"><img src="https://static.test/i.jpg" alt=""></div><div class="zrRIYG"><span class="post-metadata__date">{p.day:%b %d}</span><span class="time-to-read">2 min read</span></div><h2 class="bD0vt9">{p.title}</h2><div class="BOlnTh">{p.summary}</div></a><div class="like"><button>3 likes</button></div></div></div>'
        for p in news
    )
    top = '<div id="SITE_HEADER"><nav aria-label="Site"><ul><li><a href="/">Home</a></li><li><a href="/our-team">Our Team</a></li><li><a href="/blog">Blog</a></li><li><a href="/services-and-fees">Services and Fees</a></li></ul></nav></div>'
    routes: Routes = {
        "/blog": html(
            "Blog",
            f'{top}<div id="PAGES_CONTAINER"><div class="blog-nav"><a href="/blog">All Posts</a><a href="/blog/categories/policy-news">Policy news of ours</a><a href="/blog/categories/member-stories">Stories of members</a></div>{cards}</div><div id="SITE_FOOTER"><a href="/privacy-policy-of-ours">Privacy policy of ours</a></div>',
        ),
        "/blog-feed.xml": rss(base, news),
    }
    routes |= {
        p.path: html(
            p.title,
            f"{top}<article><h1>{p.title}</h1><span>{p.day:%b %d, %Y}</span><section>{p.body}</section></article>",
        )
        for p in news
    }
    routes |= {
        path: html(path, f"{top}{prose(path, 25)}")
        for path in (
            "/our-team",
            "/services-and-fees",
            "/blog/categories/policy-news",
            "/blog/categories/member-stories",
        )
    }
    return Newsroom(start="/blog", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/blog"}))


def intranet(base: str) -> Newsroom:
    """An ASP site: news as .aspx pages named by query, events beside them on the home page, several lists at once."""
    news = posts(8, lambda p: f"/Pages/NewsDetail.aspx?ItemNumber={p.number + 300}")
    events = "".join(
        f'<div class="ms-event"><a href="/events/detail.aspx?ID={n}">Workshop of the northern chapter, part {n}</a><span>1{n}/03/2027</span></div>'
        for n in range(6)
    )
    cards = "".join(
        f'<div class="dfwp-item"><div class="item link-item"><a href="{p.path.replace("&", "&amp;")}" title="">{p.title}</a></div><div class="description">{p.day:%m/%d/%Y} - {p.summary}</div></div>'
        for p in news
    )
    quick = "".join(
        f'<li><a class="ms-core-listMenu-item" href="/Pages/{name}.aspx">{name} of the association</a></li>'
        for name in ("Board", "Statutes", "Committees", "Membership", "Jobs")
    )
    top = f'<div id="s4-bodyContainer"><div class="ms-core-navigation" role="navigation"><ul>{quick}</ul></div>'
    routes: Routes = {
        "/": html(
            "Home",
            f'{top}<div id="contentBox"><div class="ms-webpart-zone"><h2 class="ms-webpart-titleText">News</h2>{cards}</div><div class="ms-webpart-zone"><h2 class="ms-webpart-titleText">Events</h2>{events}</div><div class="ms-webpart-zone"><h2>Our members</h2><ul>{"".join(f"<li><a href=/members/m{n}.aspx>Member society number {n}</a></li>" for n in range(9))}</ul></div></div></div>',
        )
    }
    routes |= {
        p.path: html(
            p.title,
            f'{top}<div id="contentBox"><h1>{p.title}</h1><div class="date">{p.day:%m/%d/%Y}</div><div class="ms-rtestate-field">{p.body}</div></div></div>',
        )
        for p in news
    }
    return Newsroom(start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/"}))


def moved(base: str) -> Newsroom:
    """An old address whose HTML sends the reader on; the new place has a feed of the whole, cut to three items, and a stale sitemap."""
    news = posts(11, lambda p: f"/en/press/{p.day.year}/{p.slug}")
    top = '<nav><ul><li><a href="/en/about">About the federation</a></li><li><a href="/en/press">Press</a></li></ul></nav>'
    cards = "".join(
        f'<div class="press-item"><p class="press-item__date">{p.day.day} {p.day:%B %Y}</p><h3 class="press-item__title"><a href="{p.path}">{p.title}</a></h3></div>'
        for p in news
    )
    routes: Routes = {
        "/": Reply(
            body=b'<html><head><meta http-equiv="refresh" content="0; url=/en/press"></head><body></body></html>'
        ),
        "/en/press": html(
            "Press",
            f"{top}<main><h1>Press</h1>{cards}</main>",
            head='<link rel="alternate" type="application/atom+xml" href="/en/press/feed.atom">',
        ),
    }
    routes["/en/press/feed.atom"] = xml(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}/en/press/"><title>Press</title>'
        + "".join(
            f'<entry><title type="html">{p.title}</title><link href="{p.day.year}/{p.slug}"/><id>urn:uuid:{p.number}</id><updated>{p.day}T00:00:00Z</updated></entry>'
            for p in news[:3]
        )
        + "</feed>",
        "application/atom+xml",
    )
    routes["/sitemap.xml"] = urlset(base, ["/en/about", "/en/press", *(p.path for p in news[4:])])
    routes |= {
        p.path: html(p.title, f"{top}<main><h1>{p.title}</h1><p>{p.day.day} {p.day:%B %Y}</p>{p.body}</main>")
        for p in news
    }
    routes["/en/about"] = html("About", f"{top}{prose('About the federation', 15)}")
    return Newsroom(
        start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/", "/en/press/feed.atom"})
    )


def corporate(base: str) -> Newsroom:
    """A home page of offers in cards beside the link to the news, which are on a page of their own; a feed for all."""
    news = posts(13, lambda p: f"/{p.slug}/")
    head = f'<link rel="alternate" type="application/rss+xml" title="Assoc &raquo; Feed" href="{base}/feed/">'
    offers = {
        "/membership/": "Become a member",
        "/training/": "Training and courses",
        "/policy/": "What we stand for",
        "/guidelines/": "Clinical practice guidelines",
        "/grants/": "Grants and awards",
    }
    top = '<header class="site-header"><ul id="menu-main" class="menu"><li class="menu-item"><a href="/who-we-are/">Who we are</a></li><li class="menu-item"><a href="/news/">News</a></li><li class="menu-item"><a href="/contact/">Contact</a></li></ul></header>'
    cards = "".join(
        f'<div class="elementor-column"><div class="elementor-image-box-wrapper"><h3 class="elementor-image-box-title"><a href="{path}">{name}</a></h3><p class="elementor-image-box-description">{words(n + 700, 16).capitalize()}.</p></div></div>'
        for n, (path, name) in enumerate(offers.items())
    )
    team = "".join(
        f'<div class="team-member"><h4><a href="/team/person-{n}/">Professor Person {n} of the board</a></h4><p>Chair of section {n} of the association since long</p></div>'
        for n in range(6)
    )
    routes: Routes = {
        "/feed/": rss(base, news[:10]),
        "/": html(
            "Assoc",
            f'{top}<main><section class="elementor-section">{cards}</section><section class="team">{team}</section></main>',
            head=head,
        ),
    }
    parted = chunks(news, 6)
    for n, part in enumerate(parted, 1):
        teasers = "".join(
            f'<article class="elementor-post elementor-grid-item post type-post"><div class="elementor-post__card"><a class="elementor-post__thumbnail__link" href="{p.path}" tabindex="-1"><img src="/i.jpg" alt=""></a><div class="elementor-post__text"><h3 class="elementor-post__title"><a href="{p.path}">{p.title}</a></h3><div class="elementor-post__excerpt"><p>{p.summary}</p></div><a class="elementor-post__read-more" href="{p.path}" aria-label="Read more about {p.title}">Read More »</a></div><div class="elementor-post__meta-data"><span class="elementor-post-date">{p.day:%B} {p.day.day}, {p.day.year}</span></div></div></article>'
            for p in part
        )
        pager = "".join(
            f'<a class="page-numbers" href="/news/page/{m}/"><span class="elementor-screen-only">Page</span>{m}</a>'
            if m != n
            else f'<span aria-current="page" class="page-numbers current"><span class="elementor-screen-only">Page</span>{m}</span>'
            for m in range(1, len(parted) + 1)
        )
        routes["/news/" if n == 1 else f"/news/page/{n}/"] = html(
            "News",
            f'{top}<main><div class="elementor-posts-container">{teasers}</div><nav class="elementor-pagination" aria-label="Pagination">{pager}</nav></main>',
            head=head,
        )
    routes |= {
        p.path: html(
            p.title,
            f'{top}<main><article><h1 class="entry-title">{p.title}</h1><time datetime="{p.day}">{p.day}</time>{p.body}</article></main>',
            head=head,
        )
        for p in news
    }
    routes |= {
        path: html(name, f"{top}<main>{prose(name, 130)}</main>", head=head)
        for path, name in {
            **offers,
            "/who-we-are/": "Who we are",
            "/contact/": "Contact",
            **{f"/team/person-{n}/": f"Person {n}" for n in range(6)},
        }.items()
    }
    return Newsroom(
        start="/", routes=routes, news=frozenset(p.path for p in news), ways=frozenset({"/news/", "/feed/"})
    )


NEWSROOMS: dict[str, Callable[[str], Newsroom]] = {
    each.__name__: each for each in (wordpress, drupal, joomla, ghost, typo3, hugo, plone, table, accordion, builder, intranet, moved, corporate)
}  # fmt: skip
