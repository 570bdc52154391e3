"""What a screen reader and a keyboard need of the pages on articles and the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.harness import PHONE, Dashboard

PATHS = ("/items", "/items/1", "/items/3/diff", "/items/1/read", "/partnerships", "/partnerships?view=network",
         "/partnerships?view=timeline", "/partnerships/1", "/organisations", "/organisations/EIIC")  # fmt: skip
# ruff: noqa: E501 - the script below reads best in long lines
FAULTS = """() => {
  const all = selector => [...document.querySelectorAll(selector)], found = [];
  const ids = all("[id]").map(each => each.id);
  found.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `id ${id} twice`));
  for (const name of ["aria-labelledby", "aria-describedby"])
    all(`[${name}]`).forEach(each => { if (!document.getElementById(each.getAttribute(name))) found.push(`${name} of nothing`) });
  all("input:not([type=hidden]), select, textarea").forEach(each => { if (!each.labels.length) found.push(`${each.name} has no label`) });
  all("a[href], button").forEach(each => { if (!each.textContent.trim() && !each.ariaLabel) found.push(`nameless ${each.outerHTML.slice(0, 80)}`) });
  let before = 0;
  all("h1, h2, h3, h4").forEach(each => {
    const level = +each.tagName[1];
    if (level > before + 1) found.push(`${each.tagName} after H${before}: ${each.textContent.slice(0, 40)}`);
    before = level;
  });
  if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
  if (all("main").length !== 1) found.push("not one main");
  all("svg").forEach(each => { if (each.getAttribute("role") !== "img" || !each.querySelector("title")) found.push("unnamed picture") });
  all("th").forEach(each => { if (!each.textContent.trim()) found.push("empty th") });
  return found;
}"""


@pytest.mark.parametrize("path", PATHS)
def test_everything_has_a_name_and_a_place(dashboard: Dashboard, visit: Visit, path: str) -> None:
    async def faults(page: Any) -> Any:
        return await page.evaluate(FAULTS)

    assert visit(dashboard.url + path, then=faults).value == []


def test_a_form_is_reached_and_sent_by_keyboard_alone(own: Dashboard, visit: Visit) -> None:
    async def confirm(page: Any) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.textContent.trim()") == "Confirm":
                await page.keyboard.press("Enter")
                await page.wait_for_url("**kept=confirm")
                return

    assert "Kept: confirmed" in visit(f"{own.url}/partnerships/1", then=confirm).text


def test_a_wide_picture_scrolls_in_its_own_box(dashboard: Dashboard, visit: Visit) -> None:
    async def widths(page: Any) -> Any:
        return await page.evaluate(
            "(b => [b.scrollWidth > b.clientWidth, b.tabIndex])(document.querySelector('.drawing'))"
        )

    look = visit(f"{dashboard.url}/partnerships?view=timeline", PHONE, then=widths)
    assert (look.value, look.overflow) == ([True, 0], 0)
