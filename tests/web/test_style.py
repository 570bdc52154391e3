"""Colours that can be read in both themes, computed from the style's own tokens (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

import pytest

from scraper.web.render import static

CSS = static("style.css").decode()
TEXT, PART = 4.5, 3.0  # the least contrast of text, and of what shows where a field is (level AA)
GROUNDS = ("ground", "card", "sunk")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "muted", "link", "accent") for ground in ("ground", "card")),
    ("ink", "sunk", TEXT), ("on-accent", "accent", TEXT), ("good", "good-ground", TEXT), ("warn", "warn-ground", TEXT),
    ("bad", "bad-ground", TEXT), ("bad", "card", TEXT), ("ins", "ins-ground", TEXT), ("del", "del-ground", TEXT),
    *(("edge", ground, PART) for ground in ("ground", "card")), ("accent", "ground", PART),
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if theme == "dark" else {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_what_is_written_can_be_read(theme: str, ink: str, ground: str, least: float) -> None:
    known = tokens(theme)
    assert contrast(known[ink], known[ground]) >= least


def test_black_on_white_is_21_to_1() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0


def test_both_themes_name_the_same_colours() -> None:
    light, dark = (
        set(re.findall(r"--([\w-]+): #", part)) for part in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    )
    assert light == dark


def test_colours_stand_in_tokens_alone_and_nothing_is_asked_of_another_host() -> None:
    rules = re.sub(r":root \{.*?\}|var\(--[\w-]+, #\w+\)", "", CSS, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", rules)) <= {"#fff"}  # paper, when printed
    assert "url(" not in CSS
    assert "@import" not in CSS
