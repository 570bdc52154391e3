"""What a person names, made into a source to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.config import load
from scraper.errors import ConfigError
from scraper.watch.newcomer import newcomer

HERE = "https://a.example/news"


def test_a_name_is_kept_as_it_is_seen_and_one_that_nobody_can_see_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    config = load(tmp_path / "config.toml", environ={})
    fields, _ = newcomer(HERE, "\u202eMedical\n\0 Im\u200baging", config, {})
    assert (fields["name"], fields["id"]) == ("Medical Imaging", "medical-imaging")
    for name in ("\0", "\n", "\u202e", "\u3164\u2800"):
        with pytest.raises(ConfigError, match="a name that nobody can see"):
            newcomer(HERE, name, config, {})
