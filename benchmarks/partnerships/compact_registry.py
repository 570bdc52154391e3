"""Makes scraper/detect/lexicon/organisations.json from the list of organisations that was gathered for the project."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HOME = Path(__file__).parents[2] / "scraper" / "detect" / "lexicon" / "organisations.json"
NOTE = (
    "Names, acronyms and domains are facts; rows that come from ROR are CC0 1.0. "
    "rivals: domains and countries of other bodies with the same acronym."
)


def main(source: str) -> None:
    """Read the list at `source` and write the packaged registry, one body a line."""
    rows = [compact(row) for row in json.loads(Path(source).read_text("utf-8"))["orgs"]]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    HOME.write_text('{"note": "' + NOTE + '",\n"organisations": [\n' + lines + "\n]}\n", "utf-8")


def compact(row: dict) -> dict:  # type: ignore[type-arg]
    """One body with what recognition needs."""
    acronym = row["acronym"] or ""
    domain = (row["domain"] or "").removeprefix("www.")
    aliases = []
    for entry in row["names"]:
        value = re.sub(r"\s*\([^)]*\)", "", entry["value"]).strip()
        if value not in (row["name"], acronym, "") and value not in aliases and "representing" not in value:
            aliases.append(value)
    rivals = []
    for text in row["acronym_collisions"]:
        rivals += re.findall(r"\(([A-Z]{2}),", text) + re.findall(r"\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b", text)
    rivals += [r.rpartition(".")[2].upper() for r in rivals if "." in r and len(r.rpartition(".")[2]) == 2]
    compacted = {
        "id": domain or f"{acronym}:{row['country'] or ''}".lower(), "name": row["name"], "acronym": acronym,
        "aliases": aliases,
        "domain": domain, "country": row["country"] or "", "rivals": sorted(set(rivals)),
    }  # fmt: skip
    return {key: value for key, value in compacted.items() if value}


if __name__ == "__main__":
    main(sys.argv[1])
