"""Each page in a real Chromium: demonstration's data and hostile data, phone and desktop, both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scraper.config.settings import WebUser
from scraper.web.login import hashed
from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Dashboard, Loop, Window, copied, served
from tests.web.hostile import EVIL

PAGES = (
    "/",
    "/?span=month",
    "/sources",
    "/sources/eiic",
    "/sources/add?q=radiology",
    "/alerts",
    "/alerts/2",
    "/alerts/what-if",
)
HOSTILE = (
    "/?span=month", "/sources", "/sources/evil", "/sources/add?q=" + quote(EVIL), "/alerts", "/alerts/1", "/alerts/2",
    "/alerts/what-if?days=366",
)  # fmt: skip


@pytest.mark.parametrize(("width", "theme"), [(PHONE, "dark"), (DESKTOP, "light")])
@pytest.mark.parametrize("path", PAGES)
def test_each_page_fits_its_window_and_makes_no_trouble(
    dashboard: Dashboard, visit: Visit, path: str, width: int, theme: str
) -> None:
    look = visit(dashboard.url + path, width, theme)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


@pytest.mark.parametrize("path", ["/", "/partnerships"])
def test_the_head_takes_two_rows_on_a_phone(dashboard: Dashboard, visit: Visit, path: str) -> None:
    async def rows(page: Any) -> Any:
        return await page.evaluate("new Set([...document.querySelectorAll('.top a')].map(a => a.offsetTop)).size")

    assert visit(dashboard.url + path, PHONE, then=rows).value == 2


@pytest.mark.parametrize("path", HOSTILE)
def test_nothing_that_an_enemy_wrote_runs_or_leaves(evil: Dashboard, visit: Visit, path: str) -> None:
    look = visit(evil.url + path, PHONE)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)
    assert "49" not in look.text or "{{7*7}}" in look.text


def test_nothing_runs_in_an_enemys_mail_either(evil: Dashboard, visit: Visit) -> None:
    look = visit(evil.url + "/alerts/1/mail")
    assert (look.status, look.troubles) == (200, [])
    assert "<script>alert(1)</script>" in look.text


def test_an_enemys_words_are_shown_as_they_are(evil: Dashboard, visit: Visit) -> None:
    for path in ("/sources", "/alerts", "/?span=month"):
        look = visit(evil.url + path)
        assert "<script>alert(1)</script>" in look.text
        assert "{{7*7}}" in look.text


@pytest.mark.parametrize("path", ["/?span=month", "/sources/evil", "/alerts/2", "/alerts"])
def test_no_link_of_an_enemy_runs_and_none_outside_tells_where_one_came_from(
    evil: Dashboard, visit: Visit, path: str
) -> None:
    async def links(page: Any) -> Any:
        return await page.evaluate("[...document.querySelectorAll('a[href]')].map(a => [a.href, a.rel])")

    for address, rel in visit(evil.url + path, then=links).value:
        assert address.startswith(("http://", "https://"))
        assert address.startswith(evil.url) or "noreferrer" in rel


@pytest.mark.parametrize("path", [path for path in PAGES if "?" not in path])
def test_a_page_has_its_landmarks_one_heading_of_the_first_rank_and_a_name_for_each_field(
    dashboard: Dashboard, visit: Visit, path: str
) -> None:
    async def structure(page: Any) -> Any:
        return await page.evaluate(STRUCTURE)

    found = visit(dashboard.url + path, then=structure).value
    assert found == {"main": 1, "h1": 1, "nav": True, "lang": "en", "unnamed": [], "captions": True, "skipped": [],
                     "current": 1, "twice": []}  # fmt: skip


STRUCTURE = """() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const ids = all("[id]").map((e) => e.id);
  const ranks = all("h1,h2,h3,h4").map((e) => Number(e.tagName[1]));
  return {
    main: all("main").length, h1: all("h1").length, nav: !!document.querySelector("nav[aria-label]"),
    lang: document.documentElement.lang,
    unnamed: all("input:not([type=hidden]),select,textarea,button,iframe,a,svg").filter((e) => !(
      e.labels?.length || e.getAttribute("aria-label") || e.textContent.trim() || e.title)).map((e) => e.outerHTML),
    captions: all("table").every((e) => e.caption),
    skipped: ranks.filter((rank, at) => at && rank > ranks[at - 1] + 1),
    current: all("header nav [aria-current]").length,
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
  };
}"""


def test_the_keyboard_reaches_the_content_first_and_everything_shows_where_it_is(
    dashboard: Dashboard, visit: Visit
) -> None:
    async def walk(page: Any) -> Any:
        seen = []
        for _ in range(12):
            await page.keyboard.press("Tab")
            seen.append(await page.evaluate(FOCUSED))
        return seen

    seen = visit(dashboard.url + "/sources", then=walk).value
    assert seen[0]["words"] == "Skip to the content"
    assert all(each["shown"] for each in seen)
    assert [each["words"] for each in seen[2:8]] == ["Today", "Articles", "Partnerships", "Sources", "Alerts", "Search"]


FOCUSED = """() => { const e = document.activeElement, box = e.getBoundingClientRect();
  return {words: e.textContent.trim(), shown: box.left >= 0 && getComputedStyle(e).outlineStyle !== "none"} }"""


def test_everything_works_without_scripts(own: Dashboard, visit: Visit) -> None:
    async def pause(page: Any) -> Any:
        await page.get_by_role("button", name="Pause").click()
        return await page.inner_text("[role=status]")

    look = visit(own.url + "/sources/eiic", scripts=False, then=pause)
    assert look.value == "Paused. Its items are kept."
    assert not own.web.state.desk.source("eiic").enabled


def test_a_person_logs_in_and_out_in_a_browser(loop: Loop, demo_folder: Path, tmp_path: Path, visit: Visit) -> None:
    user = WebUser(name="ana", password=hashed("four words are plenty"))

    async def there_and_back(page: Any) -> Any:
        await page.get_by_label("Name").fill("ana")
        await page.get_by_label("Password").fill("four words are plenty")
        await page.get_by_role("button", name="Log in").click()
        inside = await page.inner_text("h1")
        cookies = await page.evaluate("document.cookie")
        await page.get_by_role("button", name="Log out").click()
        return inside, cookies

    with served(loop, copied(demo_folder, tmp_path / "in", users=(user,))) as at:
        look = visit(at.url + "/sources", then=there_and_back)
    assert look.value == ("Sources", "")
    assert look.url.endswith("/login")
    assert look.troubles == []


def test_a_form_of_another_site_changes_nothing(own: Dashboard, window: Window, loop: Loop) -> None:
    """A real page of another origin sends a form here: the browser says so itself, and the guard hears it."""
    with served(loop, own.config) as other:

        async def attack(page: Any) -> Any:
            await page.evaluate(
                f"""() => {{ const f = document.createElement("form"); f.method = "post";
                f.action = "{own.url}/sources/eiic/pause"; document.body.append(f); f.submit(); }}"""
            )
            await page.wait_for_load_state()

        other.web.state.desk = own.web.state.desk
        look = window.visit(other.url + "/", then=attack)
    assert look.troubles
    assert own.web.state.desk.source("eiic").enabled
