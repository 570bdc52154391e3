"""Hits on ordinary article pages: prints each with its sentence, to be read by a person. usage: ordinary.py
EXTRACTION_YARDSTICK
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path

from scraper.detect.partnerships import find
from scraper.parse.article import read_article
from storage.records.article import Article, Block, DateFact


def main(home: Path, gold: bool) -> None:
    """Read all pages of both sets; `gold` takes the yardstick's bodies in place of the page reader's."""
    pages = hits = 0
    spent = []
    for name, article in [*wcxb(home / "wcxb", gold), *aeb(home / "aeb", gold)]:
        start = time.perf_counter()
        events = find(article).events
        spent.append(time.perf_counter() - start)
        pages += 1
        hits += bool(events)
        for event in events[:1]:
            print(
                name,
                article.title[:80],
                [p.name for p in event.parties][:4],
                event.instrument,
                event.action,
                event.score,
                event.because,
            )
            print("    ", event.evidence[0].block, event.evidence[0].sentence[:240])
    spent.sort()
    median, late = (spent[int(share * len(spent))] * 1e3 for share in (0.5, 0.95))
    print(f"{hits} hits on {pages} pages; median {median:.2f} ms, p95 {late:.2f} ms")


def wcxb(home: Path, gold: bool) -> list[tuple[str, Article]]:
    """The article pages of the first set."""
    found = []
    for path in sorted((home / "ground-truth").glob("*.json")):
        row = json.loads(path.read_text("utf-8"))
        if row["_internal"]["page_type"]["primary"] != "article":
            continue
        truth = row["ground_truth"]
        if gold:
            text = "\n\n".join(part for part in (truth.get("main_content") or "").split("\n") if part.strip())
            article = plain(truth.get("title") or "", text, row.get("url", ""), (truth.get("publish_date") or None))
        else:
            html = gzip.decompress((home / "html" / f"{path.stem}.html.gz").read_bytes())
            article = read_article(html, url=row.get("url", ""))
        found.append((path.stem, article))
    return found


def aeb(home: Path, gold: bool) -> list[tuple[str, Article]]:
    """The pages of the second set; its bodies come without titles."""
    found = []
    for key, row in json.loads((home / "ground-truth.json").read_text("utf-8")).items():
        if gold:
            found.append((key[:8], plain("", row["articleBody"].replace("\n", "\n\n"), row["url"], None)))
        else:
            path = next((home / "html").glob(f"{key}*"))
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found.append((key[:8], read_article(raw, url=row["url"])))
    return found


def plain(title: str, text: str, url: str, published: str | None) -> Article:
    """An article of paragraphs, nothing parted."""
    blocks = tuple(Block(kind="paragraph", text=" ".join(p.split())) for p in text.split("\n\n") if p.strip())
    day = DateFact(value=published, precision="day", origin="feed") if published else None
    return Article(url=url, title=title, blocks=blocks, published=day)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--gold" in sys.argv)
