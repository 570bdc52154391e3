"""Teasers of an article as leads: followed only inside the article's own site."""

from __future__ import annotations

from scraper.discover.lead import Lead
from scraper.url import canonical, identity, same_site
from storage.records.article import Article


def leads_of_teasers(article: Article) -> tuple[Lead, ...]:
    """One lead an address that the article points to, itself left out; a truncated title is kept as it stands."""
    own = {identity(article.url), identity(article.canonical)}
    found: dict[str, Lead] = {}
    for teaser in article.teasers:
        url = canonical(teaser.url, article.url)
        if url and same_site(url, article.url) and identity(url) not in own:
            lead = Lead(url=url, origin="teaser", title=teaser.title, snippet=teaser.snippet)
            found.setdefault(identity(url), lead)
    return tuple(found.values())
