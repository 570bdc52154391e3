"""The crawl by accordwatch: every page stored and analysed through the very flow that `accordwatch crawl` runs.

Prints one JSON object. Arguments: PORT, FOLDER; a second run over the same folder asks the server whether anything
has changed. CPU is that of this process and of its parser processes.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

CONFIG = """
[storage]
url = "sqlite:///{folder}/accordwatch.db"
archive = "{folder}/archive"
[fetch]
contact = "bench@accordwatch.test"
per_host_delay = "0s"
per_host_connections = 16
allow_addresses = ["127.0.0.0/8"]
[watch]
first_crawl = "all"
alert_age = "36500d"
"""
SOURCE = '[[sources]]\nid = "site{n}"\nname = "Site {n}"\nurl = "http://127.0.0.1:{port}/{n}/"\nevery = "2h"\n'


async def crawl(port: str, folder: Path) -> dict[str, float]:
    """What one crawl of all sites found, and took."""
    from scraper.app import (
        running,
    )  # here: a parser process loads its parent's main module, which the command keeps light
    from scraper.config import load

    file = folder / "config.toml"
    sources = "".join(SOURCE.format(n=site, port=port) for site in range(20))
    file.write_text(CONFIG.format(folder=folder) + sources)
    async with running(load(file, environ={})) as app:
        tallies = await app.crawl(app.config.sources, recheck=True)
    return {
        "pages": sum(tally.requests for tally in tallies), "new": sum(tally.new for tally in tallies),
        "not_modified": sum(tally.not_modified for tally in tallies),
        "trouble": sum(len(tally.trouble) for tally in tallies),
    }  # fmt: skip


if __name__ == "__main__":
    begun = time.perf_counter()
    found = asyncio.run(crawl(sys.argv[1], Path(sys.argv[2])))
    seconds = time.perf_counter() - begun
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (part.ru_utime + part.ru_stime for part in parts)
    print(json.dumps({**found, "seconds": seconds, "own_cpu": own, "cpu": own + children,
                      "memory_mb": parts[0].ru_maxrss // 1024}))  # fmt: skip
