"""The demonstration as a new user runs it: a process of its own, real HTTP, its happenings each found once."""

from __future__ import annotations

import email
import json
import os
import subprocess
import sys
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from scraper.cli.demo import in_words

STEPS = ("baseline", "release", "twins", "correction", "shuffle", "move", "withdrawal", "outage", "recovery", "morning")
MAILS = (
    "accordwatch is watching 3 sources",
    "EIIC + ESHI renew memorandum of understanding",
    "Trouble: Imaging Wire refuses us",
    "Recovered: Imaging Wire is well again",
    "Digest: 1 change, 1 withdrawal, 1 partnership told again",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The folder of one demonstration and what it printed; a proxy of the environment does not reach it."""
    folder = tmp_path_factory.mktemp("demo") / "here"
    environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "demo", "--dir", str(folder), "--json"],
        capture_output=True, text=True, timeout=120, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return folder, json.loads(done.stdout)["steps"]


@pytest.mark.parametrize("name", STEPS)
def test_each_happening_is_found_as_it_happened(told: tuple[Path, list[dict[str, Any]]], name: str) -> None:
    step = next(step for step in told[1] if step["happening"] == name)
    assert step["as_expected"], step["found"]


def test_each_kind_of_mail_is_sent_once(told: tuple[Path, list[dict[str, Any]]]) -> None:
    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in (told[0] / "mails").glob("*.eml")]
    by_id = {str(mail["Message-ID"]): mail for mail in found}
    listed = [mail["message_id"] for step in told[1] for mail in step["mails"]]
    assert sorted(by_id) == sorted(listed)
    mails = [by_id[key] for key in listed]  # as they were sent: several may share their second
    assert tuple(mail["Subject"] for mail in mails) == MAILS
    trouble, recovery = mails[2:4]
    assert recovery["References"] == trouble["Message-ID"]


def test_all_three_witnesses_stand_in_the_ledger(told: tuple[Path, list[dict[str, Any]]]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "partnerships", "--json", "--config", str(told[0] / "config.toml")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    newest = json.loads(done.stdout)[0]
    assert sorted(witness["source"] for witness in newest["witnesses"]) == ["eiic", "eshi", "wire"]


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert in_words({"new": 3, "partnerships": 1, "witnesses": 3, "mails": 1}) == (
        "3 new, 1 partnership, 3 witnesses, 1 mail"
    )
    assert in_words({"new": 0, "partnerships": 2}) == "2 partnerships"
