"""Organisations: found by id or name, with names, ties and events; and all of them."""

from __future__ import annotations

from typing import Any

import pytest

from storage.records.partnership import Party
from tests.web.conftest import Visit
from tests.web.harness import DESKTOP, PHONE, Dashboard
from tests.web.hostile import EVIL
from tests.web.test_partnerships import add

EIIC = "/organisations/EIIC"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("way", ["/organisations", EIIC])
def test_it_fits_every_window(dashboard: Dashboard, visit: Visit, way: str, width: int, theme: str) -> None:
    look = visit(dashboard.url + way, width, theme)
    assert (look.status, look.troubles, look.overflow) == (200, [], 0)


def test_nothing_that_an_enemy_wrote_runs_or_leaves(own: Dashboard, visit: Visit) -> None:
    add(own, parties=(Party(name=EVIL, acronym=EVIL[:60], organisation=f"../{EVIL[:40]}"), Party(name=f"B {EVIL}")))

    async def follow(page: Any) -> None:
        await page.locator(f"tbody th a:has-text('{EVIL[2:12]}')").first.click()

    assert visit(f"{own.url}/organisations").troubles == []
    look = visit(f"{own.url}/organisations", then=follow)
    assert (look.troubles, look.url.startswith(f"{own.url}/organisations/")) == ([], True)
    assert "<script>alert(1)</script>" in look.text


def test_one_is_found_by_its_id_its_name_and_its_acronym(own: Dashboard) -> None:
    add(
        own, parties=(Party(name="Society of A/B (Tests)", acronym="SAB", organisation="sab.test"), Party(name="HIMSS"))
    )
    for key in ("sab.test", "SAB", "Society%20of%20A%2FB%20%28Tests%29"):
        page = own.ask(f"/organisations/{key}")
        assert page.status == 200, key
        assert "<h1>Society of A/B (Tests) (SAB)</h1>" in page.text


def test_it_shows_names_ties_events_and_who_names_it(own: Dashboard) -> None:
    add(own, parties=(Party(name="Society of Tests", acronym="SOT"), Party(name="HIMSS", organisation="himss.org")))
    add(own, parties=(Party(name="SOT", acronym="SOT"), Party(name="ESR", organisation="myesr.org")))
    page = own.ask("/organisations/SOT").text
    assert page.count("<svg") == 2
    assert all(f'href="/organisations/{other}"' in page for other in ("himss.org", "myesr.org"))
    assert page.count('id="partnership-') == 2
    assert "2 pages" in page


def test_one_that_the_registry_alone_knows_has_a_page_without_ties(dashboard: Dashboard) -> None:
    page = dashboard.ask("/organisations/cocir.org").text
    assert "(COCIR)" in page
    assert "No partnerships yet" in page


@pytest.mark.parametrize("key", ["Nobody%20at%20All", "%00", "%F0%9F%92%A9", "x" * 3000])
def test_one_that_nobody_knows_is_said_so(dashboard: Dashboard, key: str) -> None:
    assert dashboard.ask(f"/organisations/{key}").status == 404


def test_all_of_them_are_listed_with_their_ties(dashboard: Dashboard) -> None:
    page = dashboard.ask("/organisations").text
    assert all(name in page for name in ("(EIIC)", "(ESHI)"))
