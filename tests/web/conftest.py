"""What tests of the dashboard share: the demonstration's data, hostile data, a server for each, a real browser.

`visit(address, width, theme)` skips with the reason where no Chromium is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scraper.cli.demo import demo
from scraper.clock import FakeClock
from scraper.config import load
from tests.builders import DAY, NOW
from tests.web.harness import Dashboard, Look, Loop, Window, copied, served, windows
from tests.web.hostile import hostile

Visit = Callable[..., Look]


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demonstration leaves: twelve seconds once a run. Read only; `copied` is for those who change things."""
    folder = tmp_path_factory.mktemp("demonstration")
    assert demo(folder / "d", as_json=True) == 0
    return folder / "d"


@pytest.fixture(scope="session")
def dashboard(loop: Loop, demo_folder: Path) -> Iterator[Dashboard]:
    """The demonstration's dashboard, for tests that only look."""
    with served(loop, load(demo_folder / "config.toml", environ={})) as listening:
        yield listening


@pytest.fixture
def own(loop: Loop, demo_folder: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """The same, for a test that changes things."""
    with served(loop, copied(demo_folder, tmp_path / "own")) as listening:
        yield listening


@pytest.fixture(scope="session")
def evil(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard over data that an enemy wrote, on the day after."""
    with served(loop, hostile(tmp_path_factory.mktemp("hostile")), clock=FakeClock(NOW + DAY)) as listening:
        yield listening


@pytest.fixture(scope="session")
def window(loop: Loop) -> Iterator[Window]:
    try:
        with windows(loop) as opened:
            yield opened
    except FileNotFoundError as why:
        pytest.skip(f"no Chromium: {why}")


@pytest.fixture
def visit(window: Window) -> Visit:
    return window.visit
