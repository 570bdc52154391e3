"""How well near duplicates are told from look-alikes: pairs made from labelled pages, candidates and verdicts counted.

    python benchmarks/change/pairs.py ../shared/yardsticks/extraction

Same story: a text edited, shortened, or wrapped in the furniture of another site's page. Different: two texts under
the same boilerplate of one sender, a tenth to once their length; and one template filled with other facts. A copy has
the same headline, a cut one or, one time in four, another.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scraper import read_article
from scraper.detect.duplicates import FEWEST_WORDS, same_story
from scraper.detect.fingerprint import fingerprint
from storage.records.article import Article, Block

SHARED_KEYS = 2  # as storage/sql/recall.py asks of candidates


def main(folder: Path, every: int = 1) -> None:
    chance = random.Random(5)
    pages = list(texts(folder, every))
    counts: dict[str, list[int]] = {}
    for name, same, titles, one, other in pairs(pages, chance):
        if min(len(words(t)) for t in (one, other)) < FEWEST_WORDS + 10:
            continue
        own, told_as = titles
        a, b = article(own, one), article(told_as, other)
        near = len(set(fingerprint(a).bands) & set(fingerprint(b).bands)) >= SHARED_KEYS
        told = near and same_story(a, b)
        row = counts.setdefault(name, [0, 0, 0, int(same)])
        row[0] += 1
        row[1] += near
        row[2] += told
    right = sum(row[2] for row in counts.values() if row[3])
    wrong = sum(row[2] for row in counts.values() if not row[3])
    all_same = sum(row[0] for row in counts.values() if row[3])
    for name, (n, near, told, same) in counts.items():
        print(
            f"{name:<24} {'same' if same else 'different':<10} pairs {n:>5}  candidates {near:>5}  told same {told:>5}"
        )
    print(f"precision {right / (right + wrong):.4f}  recall {right / all_same:.4f}")


def texts(folder: Path, every: int) -> Iterator[tuple[str, str, list[str]]]:
    """Title, body and furniture lines of each page; several hundred pages."""
    for path in sorted((folder / "wcxb" / "ground-truth").glob("*.json"))[::every]:
        gold = json.loads(path.read_text())
        if gold.get("ground_truth", {}).get("page_type", gold.get("page_type", "article")) != "article":
            continue
        html = gzip.decompress((folder / "wcxb" / "html" / f"{path.stem}.html.gz").read_bytes())
        read = read_article(html, url=gold["url"])
        furniture = [t.title for t in read.teasers] + [a.text for a in read.about] + [s.text for s in read.sections]
        if len(words(read.text)) >= 2 * FEWEST_WORDS:
            yield read.title, read.text, furniture


Pair = tuple[str, bool, tuple[str, str], str, str]


def pairs(pages: list[tuple[str, str, list[str]]], chance: random.Random) -> Iterator[Pair]:
    for at, (title, text, _) in enumerate(pages):
        other, third = (pages[(at + chance.randrange(1, len(pages) - 1)) % len(pages)] for _ in range(2))
        short = chance.uniform(0.4, 0.8)
        copies = {
            "edited": edited(text, chance),
            "shortened": shortened(text, chance.uniform(0.3, 0.7)),
            "wrapped": wrapped(text, other[2], chance),
            "edited and shortened": shortened(edited(text, chance), short),
            "shortened and wrapped": wrapped(shortened(text, short), other[2], chance),
        }
        for name, copy in copies.items():
            yield name, True, (title, chance.choice((title, title, cut(title), other[0]))), text, copy
        both = (title, other[0])
        if third[1] not in (text, other[1]) and other[1] != text:
            about = boilerplate(third[1], chance.uniform(0.1, 1.0) * len(words(text)))
            yield "one sender", False, both, f"{text}\n\n{about}", f"{other[1]}\n\n{about}"
            yield "one sender, above", False, both, f"{about}\n\n{text}", f"{about}\n\n{other[1]}"
            yield "two pages", False, both, text, other[1]
        yield "one template", False, (title, refilled(title, chance)), text, refilled(text, chance)


def cut(title: str) -> str:
    return " ".join(title.split()[: max(3, len(title.split()) // 2)])


def edited(text: str, chance: random.Random) -> str:
    """A sentence in eight dropped, as many added, and one word in twenty-five exchanged."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if chance.random() > 0.125]
    said = []
    for sentence in sentences or [text]:
        tokens = [w if chance.random() > 0.04 else "".join(chance.sample(w, len(w))) for w in sentence.split()]
        said.append(" ".join(tokens))
        if chance.random() < 0.1:
            said.append(" ".join(chance.sample(sorted(set(words(text))), 8)) + ".")
    return " ".join(said)


def shortened(text: str, share: float) -> str:
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(sentences[: max(1, round(len(sentences) * share))])


def wrapped(text: str, furniture: list[str], chance: random.Random) -> str:
    """Up to a third as much again of another site's teasers and boxes, around and between the paragraphs."""
    room, taken = len(words(text)) // 3, []
    for line in chance.sample(furniture, len(furniture)):
        if room > 0:
            taken.append(line)
            room -= len(words(line))
    parts = text.split("\n\n")
    for line in taken:
        parts.insert(chance.randrange(len(parts) + 1), line)
    return "\n\n".join(parts)


def boilerplate(text: str, wanted: float) -> str:
    return " ".join(text.split()[: max(20, round(wanted))])


def refilled(text: str, chance: random.Random) -> str:
    """The same form with other numbers and names: what a monthly bulletin is to last month's."""
    names = set(re.findall(r"(?<=[a-z,] )[A-Z]\w+|\d+", text))
    new = {w: "".join(chance.sample("bdfgklmnprstvz", min(14, len(w)))).title() for w in names}
    new |= {w: str(chance.randrange(10 ** (len(w) - 1), 10 ** len(w))) for w in names if w.isdigit() and len(w) < 9}
    return re.sub(r"\w+", lambda m: new.get(m[0], m[0]), text)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def article(title: str, text: str) -> Article:
    return Article(title=title, blocks=tuple(Block(kind="paragraph", text=part) for part in text.split("\n\n")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
