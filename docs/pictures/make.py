"""Makes the pictures of README and docs from the demonstration: a mail, the dashboard, the network of the ledger.

Run `python docs/pictures/make.py`; needs the package, Playwright and a Chromium on this machine.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGES = {"today": "/", "item": "/items", "partnerships": "/partnerships?view=network", "sources": "/sources"}
WIDTH, HEIGHT, SCALE = 1100, 760, 1


def main() -> None:
    """Play the demonstration, serve its dashboard, take the pictures."""
    command = [sys.executable, "-m", "scraper"]
    chromium = next(found for name in BROWSERS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        subprocess.run([*command, "demo"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        home = Path(folder) / "accordwatch-demo"
        browser = playwright.chromium.launch(executable_path=chromium)
        mail = next(file for file in sorted(home.glob("mails/*.html")) if "sentence that says so" in file.read_text())
        _picture(browser, mail.as_uri(), "mail")
        port = _free_port()
        web = [*command, "web", "--config", str(home / "config.toml"), "--bind", f"127.0.0.1:{port}"]
        with subprocess.Popen(web, cwd=folder, stdout=subprocess.DEVNULL) as server:
            try:
                _wait_for(port)
                for name, path in PAGES.items():
                    _picture(browser, f"http://127.0.0.1:{port}{path}", name)
            finally:
                server.terminate()
        browser.close()


def _picture(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE, color_scheme="light"
    )
    page.goto(address)
    page.screenshot(path=HERE / f"{name}.png", full_page=False)
    page.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the dashboard did not come up")


if __name__ == "__main__":
    main()
