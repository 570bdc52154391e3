"""Sites as content management systems make them, each with two themes, written by us after their real structures.

WordPress-like: a classic theme with widgets and a block theme; Drupal-like: an old and a new core theme; static: bare
HTML and a grid framework. A story changes the site as an editor or its owner would.
"""

# ruff: noqa: E501 - markup

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import escape

import httpx

PLACES = ("Brussels", "Vienna", "Lisbon", "Tallinn", "Dublin", "Athens", "Prague", "Helsinki", "Ljubljana")
BODIES = ("ECHAlliance", "the European Commission", "MedTech Europe", "the regional hospitals", "its national members")
MATTERS = ("image exchange", "hospital reporting", "patient summaries", "dose registries", "remote care", "procurement")
VERBS = ("welcomed", "discussed", "tested", "described", "compared", "questioned", "supported")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Post:
    """One article; `paragraphs` is its body, plain text."""

    slug: str
    title: str
    day: str  # 2026-02-20
    paragraphs: tuple[str, ...]
    bullets: tuple[str, ...] = ()
    quote: str = ""
    caption: str = ""

    def with_more(self, sentence: str) -> Post:
        return replace(self, paragraphs=(*self.paragraphs, sentence))


def posts(count: int, seed: int = 3) -> list[Post]:
    chance = random.Random(seed)
    return [_post(number, chance) for number in range(count)]


def _post(number: int, chance: random.Random) -> Post:
    matter, place = chance.choice(MATTERS), chance.choice(PLACES)

    def sentence() -> str:
        return (
            f"In {chance.choice(PLACES)} {chance.randrange(3, 90)} of the members {chance.choice(VERBS)} how "
            f"{chance.choice(BODIES)} had used {chance.choice(MATTERS)} since {chance.randrange(2004, 2025)}, and "
            f"{chance.choice(('most', 'some', 'few'))} of them asked for a common way by {chance.choice(MONTHS)}."
        )

    paragraphs = tuple(
        " ".join(sentence() for _ in range(chance.randrange(1, 4))) for _ in range(chance.randrange(2, 6))
    )
    return Post(
        slug=f"{matter.replace(' ', '-')}-{place.lower()}-{number}",
        title=f"Members meet in {place} on {matter}, report {number}",
        day=f"2026-{chance.randrange(1, 3):02}-{chance.randrange(1, 28):02}",
        paragraphs=paragraphs,
        bullets=tuple(f"{chance.choice(VERBS).capitalize()}: {chance.choice(MATTERS)} in {chance.choice(PLACES)}"
                      for _ in range(3)) if number % 3 == 0 else (),
        quote=sentence() if number % 4 == 0 else "",
        caption=f"The meeting in {place}. Photo: the association" if number % 5 == 0 else "",
    )  # fmt: skip


@dataclass
class Cms:
    """A site that a story drives; `theme` 0 or 1; `popular` seeds the side column."""

    kind: str
    posts: list[Post]
    theme: int = 0
    popular: int = 0
    maintenance: str = ""  # "", "503" or "200"
    cosmetic: set[str] = field(default_factory=set)
    leaks: bool = False  # the new theme puts a line of its own into the body
    asked: list[str] = field(default_factory=list)

    def respond(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path == "/robots.txt":
            return httpx.Response(404)
        if self.maintenance:
            return httpx.Response(int(self.maintenance), html=self._whole("We will be right back", BRB, ""))
        if path in ("/news", "/news/"):
            return httpx.Response(200, html=self._listing())
        if path == "/feed/" and self.kind == "wordpress":
            return httpx.Response(200, content=self._feed(), headers={"content-type": "application/rss+xml"})
        post = next((post for post in self.posts if path == self.path(post)), None)
        if post is None:
            return httpx.Response(404, html=self._whole("Page not found", "<h1>Page not found</h1>", ""))
        return httpx.Response(200, html=self._whole(post.title, THEMES[self.kind][self.theme](self, post), post.slug))

    def path(self, post: Post) -> str:
        return {"wordpress": f"/{post.day[:4]}/{post.day[5:7]}/{post.slug}/", "drupal": f"/news/{post.slug}"}.get(
            self.kind, f"/news/{post.slug}.html"
        )

    def change(self, slug: str, how: Callable[[Post], Post]) -> None:
        self.posts = [how(post) if post.slug == slug else post for post in self.posts]

    def drop(self, slug: str) -> Post:
        gone = next(post for post in self.posts if post.slug == slug)
        self.posts = [post for post in self.posts if post.slug != slug]
        return gone

    def recent(self, but: str = "") -> list[Post]:
        others = [post for post in self.posts if post.slug != but]
        return random.Random(self.popular).sample(others, min(5, len(others)))

    def _listing(self) -> str:
        cards = "".join(
            f'<article class="{("post hentry", "wp-block-post", "teaser")[self.theme]}"><h2 class="entry-title">'
            f'<a href="{self.path(post)}">{post.title}</a></h2><time datetime="{post.day}">{long_day(post.day)}</time>'
            f"<p>{post.paragraphs[0][:110]}…</p></article>"
            for post in sorted(self.posts, key=lambda post: post.day, reverse=True)
        )
        return self._whole("News", f"<h1>News</h1><div class='posts'>{cards}</div>", "")

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{escape(post.title)}</title><link>https://cms.test{self.path(post)}</link>"
            f"<pubDate>{post.day}T09:00:00Z</pubDate><guid>{post.slug}</guid></item>"
            for post in sorted(self.posts, key=lambda post: post.day, reverse=True)[:10]
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'

    def _whole(self, title: str, main: str, slug: str) -> str:
        post = next((post for post in self.posts if post.slug == slug), None)
        return FRAMES[self.kind][self.theme](self, title, main, post)

    def body(self, post: Post, picture: str) -> str:
        """The body's markup, the same in each theme but for the picture; a cosmetic edit changes how it is typed."""
        texts = [escape(text, quote=False) for text in post.paragraphs]
        if post.slug in self.cosmetic:
            texts = [
                text.replace(" of ", "&nbsp;of ").replace("members", "<strong>mem&shy;bers</strong>") for text in texts
            ]
        lines = [f"<p>{text}</p>" for text in texts]
        if post.bullets:
            lines.insert(1, "<ul>" + "".join(f"<li>{bullet}</li>" for bullet in post.bullets) + "</ul>")
        if post.quote:
            lines.insert(1, f"<blockquote><p>{post.quote}</p></blockquote>")
        if self.leaks and self.theme:
            minutes = 1 + len(post.title) % 7
            lines.insert(
                0, f"<p>Reading this report takes {minutes} minutes on the train, and {minutes + 2} at home.</p>"
            )
        return (picture if post.caption else "") + "\n".join(lines)


BRB = (
    "<h1>We will be right back</h1><p>Our site is being worked on at this moment. Please come back in a few hours.</p>"
)


def long_day(day: str) -> str:
    return f"{int(day[8:])} {MONTHS[int(day[5:7]) - 1]} {day[:4]}"


def us_day(day: str) -> str:
    return f"{MONTHS[int(day[5:7]) - 1]} {int(day[8:])}, {day[:4]}"


def _links(site: Cms, posts: list[Post]) -> str:
    return "".join(f'<li><a href="{site.path(post)}">{post.title}</a></li>' for post in posts)


# --- WordPress-like --------------------------------------------------------------------------------------------------


def _classic(site: Cms, post: Post) -> str:
    picture = (f'<div class="wp-caption alignright"><img src="/wp-content/{post.slug}-300.jpg" width="300">'
               f'<p class="wp-caption-text">{post.caption}</p></div>')  # fmt: skip
    return (
        f'<article id="post-7" class="post-7 post type-post hentry"><header class="entry-header">'
        f'<h1 class="entry-title">{post.title}</h1><div class="entry-meta">Posted on <a href="{site.path(post)}">'
        f'<time class="entry-date" datetime="{post.day}T09:00:00+00:00">{us_day(post.day)}</time></a> by '
        f'<span class="author vcard"><a href="/author/press/">press</a></span></div></header>'
        f'<div class="entry-content">{site.body(post, picture)}<div class="sharedaddy"><h3>Share this:</h3><ul>'
        f'<li><a href="?share=x">X</a></li><li><a href="?share=in">LinkedIn</a></li></ul></div></div>'
        f'<footer class="entry-footer">Posted in <a href="/category/news/">News</a>. Bookmark the '
        f'<a href="{site.path(post)}">permalink</a>.</footer></article>'
        f'<nav class="navigation post-navigation"><a href="{site.path(site.posts[0])}">← {site.posts[0].title}</a></nav>'
        f'<div id="comments"><h3>Leave a Reply</h3><p>Your email address will not be published.</p></div>'
    )


def _blocks(site: Cms, post: Post) -> str:
    picture = (f'<figure class="wp-block-image size-large"><img src="/wp-content/{post.slug}-1024.jpg" alt="">'
               f"<figcaption class=\"wp-element-caption\">{post.caption}</figcaption></figure>")  # fmt: skip
    cards = "".join(
        f'<li class="wp-block-post"><h3 class="wp-block-post-title"><a href="{site.path(other)}">{other.title}</a></h3>'
        f'<div class="wp-block-post-date"><time datetime="{other.day}">{long_day(other.day)}</time></div></li>'
        for other in site.recent(post.slug)[:3]
    )
    return (
        f'<main class="wp-block-group alignfull is-layout-constrained"><h1 class="wp-block-post-title">{post.title}</h1>'
        f'<div class="wp-block-template-part"><div class="wp-block-post-author-name">Written by The press office</div>'
        f'<div class="wp-block-post-date"><time datetime="{post.day}T09:00:00+00:00">{long_day(post.day)}</time></div>'
        f'<div class="taxonomy-category wp-block-post-terms">in <a href="/category/news/">News</a></div></div>'
        f'<div class="entry-content wp-block-post-content is-layout-flow">{site.body(post, picture)}</div>'
        f'<div class="wp-block-group"><h2 class="wp-block-heading">More posts</h2>'
        f'<ul class="wp-block-post-template">{cards}</ul></div></main>'
    )


def _classic_frame(site: Cms, title: str, main: str, post: Post | None) -> str:
    meta = (f'<link rel="canonical" href="https://cms.test{site.path(post)}"><meta property="og:title" content="{title}">'
            f'<meta property="article:published_time" content="{post.day}T09:00:00+00:00">') if post else ""  # fmt: skip
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="UTF-8"><title>{title} – Imaging Association</title>{meta}'
        f'<link rel="alternate" type="application/rss+xml" href="/feed/">'
        f'<link rel="stylesheet" href="/wp-content/themes/twentyfifteen/style.css"></head><body class="single hentry">'
        f'<div id="page" class="hfeed site"><a class="skip-link" href="#content">Skip to content</a>'
        f'<header id="masthead" class="site-header"><p class="site-title"><a href="/">Imaging Association</a></p></header>'
        f'<div id="content" class="site-content"><div id="primary" class="content-area">{main}</div></div>'
        f'<div id="secondary" class="widget-area"><aside class="widget widget_search"><form><input name="s"></form></aside>'
        f'<aside class="widget widget_recent_entries"><h2 class="widget-title">Recent Posts</h2>'
        f"<ul>{_links(site, site.recent())}</ul></aside>"
        f'<aside class="widget widget_archive"><h2 class="widget-title">Archives</h2><ul><li><a href="/2026/02/">'
        f'February 2026</a></li><li><a href="/2026/01/">January 2026</a></li></ul></aside></div>'
        f'<footer class="site-footer">Proudly powered by WordPress</footer></div></body></html>'
    )


def _block_frame(site: Cms, title: str, main: str, post: Post | None) -> str:
    meta = (f'<link rel="canonical" href="https://cms.test{site.path(post)}"><script type="application/ld+json">'
            f'{{"@context":"https://schema.org","@type":"Article","headline":"{title}",'
            f'"datePublished":"{post.day}T09:00:00+00:00"}}</script>') if post else ""  # fmt: skip
    return (
        f'<!DOCTYPE html><html lang="en-US"><head><meta charset="UTF-8"><title>{title} | Imaging Association</title>{meta}'
        f'<link rel="stylesheet" href="/wp-includes/blocks.css"></head><body class="wp-embed-responsive">'
        f'<div class="wp-site-blocks"><header class="wp-block-template-part"><div class="wp-block-site-title">'
        f'<a href="/">Imaging Association</a></div><nav class="wp-block-navigation"><a href="/news">News</a>'
        f'<a href="/about/">About</a><a href="/join/">Join us</a></nav></header>{main}'
        f'<footer class="wp-block-template-part"><p>Designed with WordPress</p></footer></div></body></html>'
    )


# --- Drupal-like -----------------------------------------------------------------------------------------------------


def _old_node(site: Cms, post: Post) -> str:
    picture = (f'<div class="field field-name-field-image"><img src="/sites/default/files/styles/medium/{post.slug}.jpg">'
               f'<div class="caption">{post.caption}</div></div>')  # fmt: skip
    return (
        f'<h1 class="title" id="page-title">{post.title}</h1><div class="tabs"></div>'
        f'<div id="node-7" class="node node-article clearfix"><div class="meta submitted">Submitted by <span '
        f'class="username">editor</span> on {us_day(post.day)} - 09:00</div><div class="content clearfix">'
        f'<div class="field field-name-body field-type-text-with-summary"><div class="field-items">'
        f'<div class="field-item even">{site.body(post, picture)}</div></div></div>'
        f'<div class="field field-name-field-tags"><h3 class="field-label">Tags:</h3><ul class="links">'
        f'<li><a href="/tags/imaging">imaging</a></li></ul></div></div></div>'
    )


def _new_node(site: Cms, post: Post) -> str:
    picture = (f'<figure role="group" class="caption caption-img align-center"><img src="/media/{post.slug}.webp">'
               f"<figcaption>{post.caption}</figcaption></figure>")  # fmt: skip
    return (
        f'<div class="block block-core block-page-title-block"><h1 class="title page-title"><span '
        f'class="field--name-title">{post.title}</span></h1></div><article class="node node--type-article '
        f'node--view-mode-full"><header><div class="node__meta">By editor, {long_day(post.day)}</div></header>'
        f'<div class="node__content"><div class="text-content clearfix field field--name-body field__item">'
        f'{site.body(post, picture)}</div></div></article><section class="block-views"><h2>Related news</h2>'
        f'<ul class="item-list">{_links(site, site.recent(post.slug)[:3])}</ul></section>'
    )


def _old_page(site: Cms, title: str, main: str, post: Post | None) -> str:
    return (
        f'<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{title} | Imaging Association</title>'
        f'<meta name="Generator" content="Drupal 7"></head><body class="html not-front one-sidebar page-node">'
        f'<div id="page-wrapper"><div id="page"><div id="header"><div id="name-and-slogan"><a href="/">Imaging '
        f'Association</a></div></div><div id="main-wrapper"><div id="main"><div id="content" class="column">'
        f'<div class="section">{main}</div></div><div id="sidebar-first" class="column sidebar"><div class="block '
        f'block-views"><h2>Most read</h2><div class="content"><ul>{_links(site, site.recent())}</ul></div></div></div>'
        f'</div></div><div id="footer-wrapper"><div class="section">Imaging Association aisbl</div></div></div></div>'
        f"</body></html>"
    )


def _new_page(site: Cms, title: str, main: str, post: Post | None) -> str:
    day = f'<meta property="article:published_time" content="{post.day}T09:00:00+01:00">' if post else ""
    return (
        f'<!DOCTYPE html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{title} | Imaging Association</title>'
        f'{day}<meta name="Generator" content="Drupal 11"></head><body class="path-node">'
        f'<div class="dialog-off-canvas-main-canvas"><div class="site-header"><nav class="primary-nav"><a href="/news">News'
        f'</a><a href="/events">Events</a></nav></div><div class="layout-main-wrapper"><main role="main">'
        f'<div class="region region--content grid-full">{main}</div></main></div><div class="social-bar">Follow us on '
        f'LinkedIn</div><footer class="site-footer"><div class="region--footer-bottom">Powered by Drupal</div></footer>'
        f"</div></body></html>"
    )


# --- static ----------------------------------------------------------------------------------------------------------


def _bare(site: Cms, post: Post) -> str:
    picture = f'<p><img src="../img/{post.slug}.gif"><br><small>{post.caption}</small></p>'
    return f"<h1>{post.title}</h1><p><em>{long_day(post.day)}</em></p>{site.body(post, picture)}<hr><a href='/news'>Back</a>"


def _grid(site: Cms, post: Post) -> str:
    picture = (f'<figure class="figure"><img class="figure-img" src="/img/{post.slug}.jpg"><figcaption '
               f'class="figure-caption">{post.caption}</figcaption></figure>')  # fmt: skip
    return (
        f'<article class="col-lg-8"><h2 class="display-5">{post.title}</h2><p class="text-muted small">Published: '
        f'<time datetime="{post.day}">{us_day(post.day)}</time></p><div class="content lh-lg">{site.body(post, picture)}'
        f'</div></article><div class="col-lg-4"><div class="card"><div class="card-header">Latest news</div><ul '
        f'class="list-group">{_links(site, site.recent(post.slug))}</ul></div></div>'
    )


def _bare_page(site: Cms, title: str, main: str, post: Post | None) -> str:
    return (
        f"<html><head><title>{title}</title></head><body bgcolor=white><table width=100%><tr><td width=20%><a href='/'>"
        f"Home</a><br><a href='/news'>News</a><br><a href='/members'>Members</a></td><td>{main}</td></tr></table>"
        f"<center><small>Imaging Association, Brussels</small></center></body></html>"
    )


def _grid_page(site: Cms, title: str, main: str, post: Post | None) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · Imaging Association</title></head>'
        f'<body><nav class="navbar"><div class="container"><a class="navbar-brand" href="/">Imaging Association</a>'
        f'<a class="nav-link" href="/news">News</a></div></nav><main class="container"><div class="row">{main}</div></main>'
        f'<footer class="footer mt-auto"><div class="container"><span>© Imaging Association</span></div></footer></body></html>'
    )


THEMES = {"wordpress": (_classic, _blocks), "drupal": (_old_node, _new_node), "static": (_bare, _grid)}
FRAMES = {"wordpress": (_classic_frame, _block_frame), "drupal": (_old_page, _new_page),
          "static": (_bare_page, _grid_page)}  # fmt: skip
