"""Makes written.jsonl of the plain lines in written.txt: lang|P or N|instrument|action|date|parties|title|text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """One record a line, with the shape of the partnership yardstick; the id is a hash of title and text."""
    lines = (HERE / "written.txt").read_text("utf-8").splitlines()
    rows = [record(line) for line in lines if line.strip()]
    (HERE / "written.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def record(line: str) -> dict[str, object]:
    """One line as a record."""
    lang, label, instrument, action, day, parties, title, text = line.split("|")
    named = [part.partition("=") for part in parties.split(";") if part]
    return {
        "id": "x" + hashlib.sha256((title + text).encode()).hexdigest()[:8],
        "url": "",
        "lang": lang,
        "title": title,
        "text": text,
        "core": text,
        "label": "POS" if label == "P" else "NEG-HARD",
        "parties": [{"name": name, "acronym": acronym or None} for name, _, acronym in named],
        "instrument": instrument or None,
        "action": action or None,
        "date": day or None,
    }


def half(row: dict[str, object]) -> str:
    """Which half a record belongs to: rules are tuned on "tune" only, "kept" is reported."""
    return "kept" if int(str(row["id"])[-1], 16) % 2 else "tune"


if __name__ == "__main__":
    main()
