"""What the partnership yardstick calls (`read`), and its scorer over our own sets of texts.

    python -m benchmarks.partnerships.measure SCORE_PY [--errors] [--kept]

Some sets are parted by the hash of their id: rules may be tuned on the even half; of the odd half only sums are
shown, and only when asked.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from scraper.detect.partnerships import find_partnerships
from scraper.parse.article import read_text

HOME = Path(__file__).parent
HALVED = ("stranger", "third", "fifth")  # sets of which half is kept apart
Row = dict[str, Any]
_NAMED = {  # instruments as the glossary names them, and as the scorer does
    "memorandum of understanding": "mou", "statement of understanding": "mou", "letter of intent (LoI)": "loi",
    "framework agreement": "framework_agreement", "cooperation agreement": "cooperation_agreement",
    "partnership agreement": "partnership", "covenant / pact": "cooperation_agreement", "consortium": "alliance",
    "association / membership agreement": "membership", "licence / liaison agreement": "cooperation_agreement",
    "strategic partnership / alliance": "strategic_partnership", "joint declaration": "joint_declaration",
    "protocol": "cooperation_agreement",
}  # fmt: skip


def read(title: str, text: str, url: str, published: str | None) -> Row:
    """One record, as the yardstick's interface has it; `score`, `since` and `until` are more than it asks."""
    event = next(iter(find_partnerships(read_text(title, text, url=url, published=published))), None)
    if event is None:
        return {"partnership": False}
    parties = [f"{p.name} ({p.acronym})" if p.acronym else p.name for p in event.parties]
    return {
        "partnership": True, "parties": parties, "instrument": event.instrument, "action": event.action,
        "date": event.date.value if event.date else None, "since": event.since, "until": event.until,
        "score": event.score,
    }  # fmt: skip


def is_kept(row_id: str) -> bool:
    """Whether a text belongs to the half that no rule is tuned on."""
    return int(sha256(row_id.encode()).hexdigest(), 16) % 2 == 1


def rows(kept: bool, folder: str = "stranger") -> Iterator[Row]:
    """The texts of one half in the scorer's shape; their kind stands where it prints the set. Of the second stranger's
    texts no half is kept.
    """
    for file in sorted((HOME / folder).glob("*.jsonl")):
        for row in map(json.loads, file.read_text("utf-8").splitlines()):
            if (folder in HALVED and is_kept(row["id"])) == kept:
                label = row.pop("label")
                parties = [_party(name) for name in label.get("parties") or ()]
                label["instrument"] = _NAMED.get(label.get("instrument"), label.get("instrument"))
                yield {
                    **row, **label, "url": row.get("url", ""), "set": row["kind"], "parties": parties,
                    "label": "POS" if label["partnership"] else "NEG",
                }  # fmt: skip


def _party(text: str) -> dict[str, str]:
    name, _, acronym = text.partition(" (")
    return {"name": name, "acronym": acronym.rstrip(")")}


def _show_errors(found: list[Row], answers: list[Row]) -> None:
    """One line for each field that is wrong, for the half that is tuned on."""
    for row, answer in zip(found, answers, strict=True):
        wanted = row["label"] == "POS"
        if wanted != answer["partnership"]:
            print("MISSED" if wanted else "FALSE", row["id"], row["lang"], row["set"], row["title"], answer)
        elif wanted:
            for key in ("instrument", "action", "date", "since"):
                if (row.get(key) and str(answer[key] or "") != str(row[key])) or (
                    key == "date" and answer[key] != row[key]
                ):
                    print(key.upper(), row["id"], row["title"], "| wanted", row.get(key), "| got", answer[key])
            print("PARTIES", row["id"], [f"{p['name']} ({p['acronym']})" for p in row["parties"]], answer["parties"])


def main() -> None:
    spec = importlib.util.spec_from_file_location("score", sys.argv[1])
    if spec is None or spec.loader is None:
        sys.exit(f"{sys.argv[1]} is no Python file")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    parts = (
        (False, "stranger", "the half tuned on"), (False, "second", "the second stranger's, all tuned on"),
        (False, "third", "the third set, open half"), (False, "fourth", "digests"),
        (False, "fifth", "the fifth set, open half"), (True, "stranger", "the half kept apart"),
        (True, "third", "the third set, half kept apart"), (True, "fifth", "the fifth set, half kept apart"),
    )  # fmt: skip
    for kept, folder, name in parts:
        if kept and "--kept" not in sys.argv:
            continue
        found = list(rows(kept, folder))
        print(f"== {name}")
        answers, times = scorer.run(read, found)
        scorer.report(found, answers, times)
        if not kept and "--errors" in sys.argv:
            _show_errors(found, answers)


if __name__ == "__main__":
    main()
