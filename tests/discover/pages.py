"""Overview pages written after real structures: WordPress, TYPO3, Drupal, Joomla, hand-made tables, cards of today.

Names and texts are ours; what is kept of the real ones is how they nest, name and date their items.
"""

# ruff: noqa: E501 - markup is written as it comes
from __future__ import annotations

TITLES = (
    "COCIR and HIMSS renew their memorandum of understanding",
    "Joint statement on the European Health Data Space",
    "New president elected at the general assembly",
    "Position paper: artificial intelligence in imaging",
    "Annual report 2025 is out",
    "Workshop on the cybersecurity of devices",
)
SUMMARY = "What the two bodies agreed on in Brussels, and what it means for their members."
NAV = "<header><nav><ul class='menu'>" + "".join(
    f"<li><a href='/{word}'>{word.title()} of the association</a></li>" for word in ("about", "members", "policy", "events")
) + "</ul></nav></header>"  # fmt: skip
FOOTER = "<footer><ul>" + "".join(
    f"<li><a href='/legal/{word}'>Our {word} information for you</a></li>" for word in ("privacy", "imprint", "cookies")
) + "</ul></footer>"  # fmt: skip
POPULAR = "<aside class='sidebar'><h3>Most popular now</h3><ul>" + "".join(
    f"<li><a href='/news/old-{n}'>An old story that many people read, number {n}</a></li>" for n in range(8)
) + "</ul></aside>"  # fmt: skip


def slug(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-")


def around(content: str, head: str = "") -> str:
    return f"<!doctype html><html lang='en-GB'><head><title>News</title>{head}</head><body>{NAV}{content}{POPULAR}{FOOTER}</body></html>"


WORDPRESS = around(
    "<main id='content'>"
    + "".join(
        f"<article class='post-{n} post type-post category-news tag-ehds'><header class='entry-header'><h2 class='entry-title'>"
        f"<a href='/2025/0{n + 1}/{slug(title)}/' rel='bookmark'>{title}</a></h2><div class='entry-meta'>"
        f"<time datetime='2025-0{n + 1}-1{n}T10:00:00+01:00'>1{n} of the month</time> by <a href='/author/jane'>Jane Doe of the staff</a>"
        f" in <a href='/category/policy/'>Policy and regulation</a></div></header><div class='entry-summary'><p>{SUMMARY}</p>"
        f"<a class='more-link' href='/2025/0{n + 1}/{slug(title)}/'>Read more</a></div></article>"
        for n, title in enumerate(TITLES)
    )
    + "<nav class='navigation pagination'><span class='page-numbers current'>1</span><a class='page-numbers' href='/news/page/2/'>2</a>"
    "<a class='next page-numbers' href='/news/page/2/'>Next</a></nav></main>",
    head="<link rel='alternate' type='application/rss+xml' title='Association &raquo; Feed' href='/feed/'>"
    "<link rel='alternate' type='application/rss+xml' title='Association &raquo; Comments Feed' href='/comments/feed/'>",
)

TYPO3 = around(
    "<div class='news-list-view'>"
    + "".join(
        f"<div class='article articletype-0'><div class='header'><h3><a title='{title}' href='/aktuelles/detail/{slug(title)}?tx_news_pi1[news]={n}'>"
        f"<span itemprop='headline'>{title}</span></a></h3></div><div class='footer-date'><time itemprop='datePublished' datetime='2025-02-0{n + 1}'>"
        f"0{n + 1}.02.2025</time></div><div class='teaser-text'><p>{SUMMARY}</p><a class='more' href='/aktuelles/detail/{slug(title)}?tx_news_pi1[news]={n}'>"
        f"Weiterlesen</a></div></div>"
        for n, title in enumerate(TITLES)
    )
    + "<ul class='f3-widget-paginator'><li class='current'>1</li><li><a href='/aktuelles/seite-2'>2</a></li></ul></div>"
)

DRUPAL = around(
    "<div class='view view-news view-search'><div class='view-content'>"
    + "".join(
        f"<div class='views-row views-row-{n} {'odd' if n % 2 else 'even'}'><span class='views-field views-field-created'>1{n} March 2025</span>"
        f"<span class='field-content'><a href='/news/{slug(title)}'>{title}</a></span></div>"
        for n, title in enumerate(TITLES)
    )
    + "</div><ul class='pager'><li class='pager-current'>1</li><li class='pager-item'><a href='/news?page=1'>2</a></li>"
    "<li class='pager-item'><a href='/news?page=2'>3</a></li></ul></div>"
)

READ_MORE_CARDS = around(
    "<div class='row'>"
    + "".join(
        f"<div class='col card'><a href='/news/{n}-{slug(title)}'><img src='x.jpg' alt='A picture of something'></a><h3>{title}</h3>"
        f"<span class='date'>1{n} March 2025</span><p>{SUMMARY}</p><a class='btn' href='/news/{n}-{slug(title)}'>Read more</a></div>"
        for n, title in enumerate(TITLES)
    )
    + "</div>"
)

WRAPPED_CARDS = around(
    "<section class='hero'><a class='hero-link' href='/news/hero'><h2>The one big story of today comes first</h2>"
    f"<time datetime='2025-06-01'>1 June</time><p>{SUMMARY}</p></a></section><section class='grid'>"
    + "".join(
        f"<a class='teaser' href='/news/{slug(title)}'><span class='day'>1{n}.03.2025</span><h4>{title}</h4><div>{SUMMARY}</div></a>"
        for n, title in enumerate(TITLES)
    )
    + "</section>"
)

TABLE = around(
    "<table class='news'>"
    + "".join(
        f"<tr><td>0{n + 1}.02.2025</td><td><a href='index.php?r=news&amp;id={n + 10}'>{title}</a></td></tr>"
        for n, title in enumerate(TITLES)
    )
    + "</table>"
)

LINES = around(
    "<p>" + "<br>".join(f"1{n}/03/2025 <a href='pr{n}.html'>{title}</a>" for n, title in enumerate(TITLES)) + "</p>"
)

DEFINITIONS = around(
    "<dl>"
    + "".join(
        f"<dt><a href='press/{n}.pdf'>{title}</a></dt><dd>1{n} March 2025. {SUMMARY}</dd>"
        for n, title in enumerate(TITLES)
    )
    + "</dl>"
)

JOOMLA = around(
    "<div class='com-content-category-blog blog'><h1>News</h1>"
    + "".join(
        f"<div class='blog-item' itemprop='blogPost'><div class='page-header'><h2 itemprop='name'><a href='/index.php/news/{n}-{slug(title)}'>{title}</a></h2></div>"
        f"<dl class='article-info'><dd class='category-name'>Category: <a href='/index.php/news'>News</a></dd><dd class='published'><time datetime='2025-03-1{n}T09:00:00+00:00'>"
        f"Published: 1{n} March 2025</time></dd></dl><p>{SUMMARY}</p><p class='readmore'><a class='btn' href='/index.php/news/{n}-{slug(title)}'>Read more: {title}</a></p></div>"
        for n, title in enumerate(TITLES)
    )
    + "<ul class='pagination'><li class='active'><a aria-current='true' href='#'>1</a></li><li><a href='/index.php/news?start=5'>2</a></li></ul></div>"
)

GHOST = around(
    "<div class='post-feed'>"
    + "".join(
        f"<article class='post-card post {'' if n else 'post-card-large'}'><a class='post-card-image-link' href='/{slug(title)}/'><img src='x.jpg' alt='{title}'></a>"
        f"<div class='post-card-content'><a class='post-card-content-link' href='/{slug(title)}/'><header><span class='post-card-primary-tag'>News</span><h2>{title}</h2></header>"
        f"<div class='post-card-excerpt'>{SUMMARY}</div></a><footer><time datetime='2025-03-1{n}'>Mar 1{n}</time></footer></div></article>"
        for n, title in enumerate(TITLES)
    )
    + "</div>"
)

OVERLAY_LINKS = around(
    "".join(
        f"<article class='post-entry'><header class='entry-header'><h2>{title}</h2></header><div class='entry-content'><p>{SUMMARY}</p></div><footer class='entry-footer'>"
        f"<span title='2025-03-1{n}'>March 1{n}, 2025</span></footer><a class='entry-link' aria-label='post link to {title}' href='/posts/{slug(title)}/'></a></article>"
        for n, title in enumerate(TITLES)
    )
)

HASHED_CLASSES = (
    "<html><body class='menu-open'><div id='app' class='nav sc-1a2b3c'><header class='css-9x8'><a href='/'>Logo</a><a class='css-77' href='/about'>About the association</a>"
    "<a class='css-77' href='/members'>Our members and partners</a></header><div class='flex flex-col gap-4'>"
    + "".join(
        f"<a class='group p-4' href='/newsroom/{slug(title)}'><p class='text-sm'>1{n} Mar 2025</p><p class='text-lg'>{title}</p><p class='text-gray'>{SUMMARY}</p></a>"
        for n, title in enumerate(TITLES)
    )
    + "</div></div></body></html>"
)

HOME = around(
    "<div class='services'>"
    + "".join(
        f"<div class='box'><h3><a href='/what/{word}'>{word.title()} for our members everywhere</a></h3><p>{SUMMARY}</p></div>"
        for word in ("policy", "standards", "training")
    )
    + "</div><div class='home-news'><h2>Latest news</h2>"
    + "".join(
        f"<div class='item'><span>1{n}.03.2025</span><h4><a href='/news/{slug(title)}'>{title}</a></h4></div>"
        for n, title in enumerate(TITLES)
    )
    + "<a href='/news'>All news</a></div><div class='events'>"
    + "".join(
        f"<div class='event'><span>1{n}.09.2026</span><h4><a href='/events/meeting-{n}'>Annual meeting number {n} in Vienna</a></h4></div>"
        for n in range(3)
    )
    + "</div>"
)

SITES = {
    "joomla": JOOMLA,
    "ghost": GHOST,
    "overlay links": OVERLAY_LINKS,
    "hashed classes": HASHED_CLASSES,
    "home page": HOME,
    "wordpress": WORDPRESS,
    "typo3": TYPO3,
    "drupal": DRUPAL,
    "read more cards": READ_MORE_CARDS,
    "wrapped cards": WRAPPED_CARDS,
    "table": TABLE,
    "lines": LINES,
    "definitions": DEFINITIONS,
}
