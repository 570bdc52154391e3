"""The same crawl by Scrapy, in its own environment (requirements-scrapy.txt): alone, or with trafilatura and SQLite.

Prints one JSON object. Arguments: PORT, FOLDER, then "plain" or "full", and "cache" for its RFC 2616 cache.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess

PORT, FOLDER, *WAYS = sys.argv[1:]
SEEN = {"pages": 0}


class News(scrapy.Spider):
    name = "news"
    start_urls = tuple(f"http://127.0.0.1:{PORT}/{site}/" for site in range(20))

    def parse(self, response):
        SEEN["pages"] += 1
        for link in response.css("main li a::attr(href)").getall():
            yield response.follow(link, self.read)

    def read(self, response):
        SEEN["pages"] += 1
        if "full" in WAYS:
            from trafilatura import bare_extraction

            document = bare_extraction(response.text, url=response.url, with_metadata=True)
            yield {"url": response.url, "title": document.title, "text": document.text, "date": document.date}
        else:
            yield {"url": response.url, "title": response.css("h1::text").get()}


class Store:
    """One row an item, one transaction a hundred."""

    def open_spider(self):
        self.db = sqlite3.connect(f"{FOLDER}/items.db")
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("create table if not exists items (url primary key, title, text, date)")
        self.waiting = 0

    def process_item(self, item):
        row = [item.get(key) for key in ("url", "title", "text", "date")]
        self.db.execute("insert or replace into items values (?, ?, ?, ?)", row)
        self.waiting += 1
        if self.waiting % 100 == 0:
            self.db.commit()
        return item

    def close_spider(self):
        self.db.commit()
        self.db.close()


SETTINGS = {
    "LOG_ENABLED": False, "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "TELNETCONSOLE_ENABLED": False,
    "ITEM_PIPELINES": {Store: 1} if "full" in WAYS else {},
    "HTTPCACHE_ENABLED": "cache" in WAYS, "HTTPCACHE_DIR": f"{FOLDER}/cache",
    "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
}  # fmt: skip
begun = time.perf_counter()
process = CrawlerProcess(SETTINGS)
process.crawl(News)
process.start()
used = resource.getrusage(resource.RUSAGE_SELF)
seconds, cpu, peak = time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
print(json.dumps({"pages": SEEN["pages"], "seconds": seconds, "cpu": cpu, "memory_mb": peak}))
