"""Runs what is measured beside others: `python -m benchmarks [reading crawl watching storage growth] [--rounds 3]`.

Each peer lives in an environment of its own under .bench/, made from its pinned file in peers/; all run in turn
(A B A B), so that what the machine does meanwhile falls on all of them. Prints medians with their spread.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from benchmarks.serving import ROOT, served

HERE = Path(__file__).parent
YARDSTICK = ROOT.parent / "shared" / "yardsticks" / "extraction"
Run = Callable[[Path], dict[str, float]]


def main() -> None:
    """Measure what is asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {asked.rounds} rounds\n")
    measures = {"reading": reading, "crawl": crawl, "watching": watching, "storage": storage, "growth": growth}
    for name, measure in measures.items():
        if name in asked.what or not asked.what:
            measure(asked.rounds)


def reading(rounds: int) -> None:
    """Body extraction by each reader over the labelled pages, where they are."""
    for name in ("aeb", "wcxb"):
        folder = YARDSTICK / name / "html"
        if not folder.is_dir():
            print(f"reading: no pages at {folder}, nothing measured")
            continue
        script, ours = str(HERE / "reading" / "pages.py"), "accordwatch"
        peers = ("trafilatura", "newspaper4k", "readability-lxml", "resiliparse")
        runs = {peer: _script(python("reading"), script, peer, str(folder), "2") for peer in peers}
        runs |= {each: _script(sys.executable, script, each, str(folder), "2") for each in (ours, "floor")}
        _tell(f"reading {name}", in_turn(runs, rounds), "ms", against=ours)


def crawl(rounds: int) -> None:
    """A local site of 20 times 100 articles, first and again; Scrapy alone, with trafilatura and SQLite, and cached."""
    with served() as site:
        peer = str(HERE / "crawl" / "peer_scrapy.py")
        runs = {
            f"scrapy {way}": _script(python("scrapy"), peer, site.port, "{folder}", *way.split())
            for way in ("plain", "full")
        }
        ours = _script(sys.executable, "-m", "benchmarks.crawl.ours", site.port, "{folder}")
        _tell("crawl", in_turn(runs | {"accordwatch": ours}, rounds), "seconds", against="accordwatch")
        again = {"scrapy cached": _twice(_script(python("scrapy"), peer, site.port, "{folder}", "plain", "cache"))}
        _tell(
            "the same again", in_turn(again | {"accordwatch": _twice(ours)}, rounds), "seconds", against="accordwatch"
        )
        print(f"the server itself: {site.cost():.2f} ms of CPU an answer\n")


def watching(rounds: int) -> None:
    """A thousand pages of which none has changed, by a monitor of pages and by us (2,020 of them)."""
    with served() as site:
        peer = _script(python("watching"), str(HERE / "crawl" / "peer_webchanges.py"), site.port, "{folder}")
        ours = _twice(_script(sys.executable, "-m", "benchmarks.crawl.ours", site.port, "{folder}"))
        _tell("watching", in_turn({"webchanges": peer, "accordwatch": ours}, rounds), "seconds", against="accordwatch")


def storage(rounds: int) -> None:
    """What the flow's storing costs beside SQLite's own bulk insert of the same rows."""
    _module("benchmarks.floor", "--rounds", str(rounds))


def growth(rounds: int) -> None:
    """How cost grows with pages, sources, versions and processes, and memory with checks; pictures beside these."""
    _module("benchmarks.growth.measure")
    _module("benchmarks.growth.memory")


def in_turn(runs: dict[str, Run], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Each run once a round, round after round, in a new folder each time."""
    told: dict[str, list[dict[str, float]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory() as folder:
                told[name].append(run(Path(folder)))
    return told


def python(peer: str) -> str:
    """The interpreter of a peer's environment, which is made when it is not there yet."""
    home = ROOT / ".bench" / peer
    interpreter = home / "bin" / "python"
    if not interpreter.exists():
        venv.create(home, with_pip=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--upgrade", "pip"], check=True)
        subprocess.run([*pip, "-r", str(HERE / "peers" / f"{peer}.txt")], check=True)
    return str(interpreter)


def _module(*words: str) -> None:
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True)


def _script(*command: str) -> Run:
    def run(folder: Path) -> dict[str, float]:
        filled = [part.replace("{folder}", str(folder)) for part in command]
        done = subprocess.run(filled, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found

    return run


def _twice(run: Run) -> Run:
    def again(folder: Path) -> dict[str, float]:
        run(folder)
        return run(folder)

    return again


def _tell(title: str, told: dict[str, list[dict[str, float]]], what: str, *, against: str) -> None:
    heads = (f"{what} (least to most)", "pages/s", "CPU ms a page", "MB", f"beside {against}")
    print(f"## {title}\n\n| | {' | '.join(heads)} |\n{'|---' * 6}|")
    middle = {name: statistics.median(run[what] for run in runs) for name, runs in told.items()}
    for name, runs in told.items():
        values = sorted(run[what] for run in runs)
        first = runs[0]
        rate = f"{first['pages'] / middle[name]:.0f}" if what == "seconds" else ""
        cpu = f"{1000 * statistics.median(run['cpu'] for run in runs) / first['pages']:.2f}" if "cpu" in first else ""
        memory = f"{first['memory_mb']:.0f}" if "memory_mb" in first else ""
        spread = f"{middle[name]:.2f} ({values[0]:.2f} to {values[-1]:.2f})"
        print(f"| {name} | {spread} | {rate} | {cpu} | {memory} | {middle[name] / middle[against]:.2f} |")
    print()


if __name__ == "__main__":
    main()
