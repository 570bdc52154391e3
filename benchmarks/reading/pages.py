"""Times one reader over a folder of pages in its own environment: CPU a page, one process. Prints one JSON object.

Arguments: the reader's name, the folder of gzipped pages, passes. Each page counts with the quickest of its passes.
Peers give the body alone; accordwatch reads all fields.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path


def reader(name: str) -> Callable[[bytes], object]:
    """A function of the page's bytes that does what this peer calls extraction."""
    if name == "accordwatch":
        from scraper import read_article

        return lambda page: read_article(page, url="https://example.org/news/a")
    if name == "trafilatura":
        from trafilatura import extract

        return lambda page: extract(page)
    if name == "newspaper4k":
        from newspaper import Article, Config

        still = Config()
        still.fetch_images = False  # nothing is asked of the network

        def read(page: bytes) -> object:
            article = Article("https://example.org/news/a", config=still)
            return article.download(input_html=page.decode("utf-8", "replace")).parse()

        return read
    if name == "readability-lxml":
        from readability import Document

        return lambda page: Document(page.decode("utf-8", "replace")).summary()
    if name == "resiliparse":
        from resiliparse.extract.html2text import extract_plain_text

        return lambda page: extract_plain_text(page.decode("utf-8", "replace"), main_content=True)
    if name == "floor":
        from selectolax.lexbor import LexborHTMLParser

        return lambda page: [node.tag for node in LexborHTMLParser(page).root.traverse(include_text=True)]
    raise SystemExit(f"{name}: no such reader")


def timed(read: Callable[[bytes], object], pages: list[bytes], passes: int) -> tuple[float, int]:
    """Mean of the quickest times in milliseconds of CPU, and how many pages the reader gave up on."""
    best, lost = [float("inf")] * len(pages), 0
    for turn in range(passes):
        for place, page in enumerate(pages):
            begun = time.process_time()
            try:
                read(page)
            except Exception:
                lost += not turn
            best[place] = min(best[place], time.process_time() - begun)
    return 1000 * sum(best) / len(best), lost


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, folder, passes = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    pages = [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("*.gz"))[:120]]
    milliseconds, lost = timed(reader(name), pages, passes)
    print(json.dumps({"reader": name, "pages": len(pages), "ms": milliseconds, "lost": lost}))
