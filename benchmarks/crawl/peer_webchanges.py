"""Watching 1,000 pages with webchanges, in its own environment: the second look, at which nothing has changed.

Prints one JSON object. Arguments: PORT, FOLDER.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

PORT, FOLDER = sys.argv[1], Path(sys.argv[2])
SITES = 10  # of 100 articles
FOLDER.mkdir(parents=True, exist_ok=True)
jobs = [f"http://127.0.0.1:{PORT}/{site}/news/{number}.html" for site in range(SITES) for number in range(100)]
(FOLDER / "jobs.yaml").write_text("\n---\n".join(f"url: {url}" for url in jobs))
(FOLDER / "config.yaml").write_text("report:\n  stdout:\n    enabled: false\n")
command = [
    str(Path(sys.executable).parent / "webchanges"), "--urls", str(FOLDER / "jobs.yaml"),
    "--config", str(FOLDER / "config.yaml"), "--database", str(FOLDER / "snapshots.db"),
    "--hooks", str(FOLDER / "none.py"),
]  # fmt: skip
for _ in range(2):
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.perf_counter() - begun
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
if done.returncode:
    sys.exit(done.stderr[-500:])
print(json.dumps({"pages": len(jobs), "seconds": seconds, "cpu": cpu, "memory_mb": after.ru_maxrss // 1024}))
