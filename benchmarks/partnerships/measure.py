"""The call that the partnership yardstick measures; `plain` stands in where no text reader is at hand."""

from __future__ import annotations

from scraper.detect.partnerships import find_partnerships
from storage.records.article import Article, Block, DateFact

try:
    from scraper.parse.article import read_text
except ImportError:
    read_text = None


def plain(title: str, text: str, url: str, published: str | None) -> Article:
    """An article of paragraphs, nothing parted."""
    blocks = tuple(Block(kind="paragraph", text=" ".join(p.split())) for p in text.split("\n\n") if p.strip())
    day = DateFact(value=published, precision="day", origin="feed") if published else None
    return Article(url=url, title=title, blocks=blocks, published=day)


def read(title: str, text: str, url: str, published: str | None) -> dict[str, object]:
    """One record through the text reader if there is one."""
    return _answer(
        read_text(title, text, url=url, published=published) if read_text else plain(title, text, url, published)
    )


def bare(title: str, text: str, url: str, published: str | None) -> dict[str, object]:
    """One record as bare paragraphs, for telling what the text reader adds."""
    return _answer(plain(title, text, url, published))


def _answer(article: Article) -> dict[str, object]:
    event = next(iter(find_partnerships(article)), None)
    if event is None:
        return {"partnership": False}
    parties = [f"{p.name} ({p.acronym})" if p.acronym else p.name for p in event.parties]
    return {
        "partnership": True, "parties": parties, "instrument": event.instrument, "action": event.action,
        "date": event.date.value if event.date else None, "score": event.score,
    }  # fmt: skip
