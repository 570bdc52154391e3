"""The trade's data files (vocabulary, headings, model), read once; what they mean is said where they are used."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> Any:
    """The content of scraper/parse/<name>.json."""
    return json.loads(resources.files("scraper.parse").joinpath(f"{name}.json").read_text("utf-8"))
