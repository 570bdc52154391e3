from importlib.resources import files

from scraper.draw.svg import PAINT


def light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_what_is_read_stands_out_in_both_themes():
    for at in (1, 2):
        ground, box = PAINT["d-ground"][at], PAINT["d-box"][at]
        for name in ("d-ink", "d-soft", "d-mark", "d-over", "d-soon"):
            assert contrast(PAINT[name][at], ground) >= 4.5, name
        assert contrast(PAINT["d-ink"][at], box) >= 4.5
        for name in ("d-line", "d-rim", "d-gone"):
            assert contrast(PAINT[name][at], ground) >= 3, name


def test_the_dashboard_paints_each_class_as_its_theme_does():
    sheet = files("scraper.web").joinpath("static", "style.css").read_text()
    for name, (what, *_) in PAINT.items():
        assert f".{name} {{ {what}: var(--" in sheet, name
