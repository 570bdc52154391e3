"""Each page in a real Chromium: demonstration's data and hostile data, phone and desktop, both themes."""

from __future__ import annotations

import pytest

from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Dashboard

PAGES = ("/",)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("path", PAGES)
def test_each_page_fits_its_window_and_makes_no_trouble(
    dashboard: Dashboard, visit: Visit, path: str, width: int, theme: str
) -> None:
    look = visit(dashboard.url + path, width, theme)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_an_enemy_wrote_runs_or_leaves(evil: Dashboard, visit: Visit, path: str) -> None:
    look = visit(evil.url + path)
    assert (look.status, look.troubles) == (200, [])
    assert "<script>alert(1)</script>" in look.text
    assert "{{7*7}}" in look.text
