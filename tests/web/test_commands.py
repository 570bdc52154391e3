"""`web` and `run --web` as commands: where they listen, for whom, how they end; and users written into config.toml."""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from urllib.parse import urlsplit

import pytest

from scraper.cli.users import change_user
from scraper.config import load
from scraper.config.edit import set_user
from scraper.config.template import packaged
from scraper.errors import ConfigError
from scraper.web.login import token_hash
from scraper.web.server import bound, is_loopback

PASSWORD = "four words are plenty"
TOP = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(packaged().replace('contact = "" ', 'contact = "ana@press.eu"'), encoding="utf-8")
    return path


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@contextmanager
def command(*words: str, config: Path) -> Iterator[subprocess.Popen[str]]:
    """A command as people start it; killed at the end, if it has not ended by itself."""
    line = [sys.executable, "-m", "scraper", *words, "--config", str(config)]
    given = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with subprocess.Popen(line, cwd=TOP, env=given, stdout=PIPE, stderr=PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("words", [("web",), ("run", "--web")])
def test_the_dashboard_says_its_address_and_ends_when_it_is_told_to(words: tuple[str, ...], config: Path) -> None:
    for source in ("cocir", "himss", "esr"):
        config.write_text(config.read_text("utf-8").replace(f'id = "{source}"', f'id = "{source}"\nenabled = false', 1))
    config.write_text(config.read_text("utf-8").replace("\nenabled = true", "\n# enabled = true"), "utf-8")
    with command(*words, "--bind", "127.0.0.1:0", config=config) as running:
        assert running.stdout is not None
        said = running.stdout.readline()
        address = next(word for word in said.split() if word.startswith("http://127.0.0.1:"))
        assert "\x1b" not in said
        talk = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        talk.request("GET", "/static/style.css")
        assert talk.getresponse().status in (200, 503)  # it listens before its memory is open
        talk.close()
        running.send_signal(signal.SIGTERM)
        _, complaints = running.communicate(timeout=60)
    assert (running.returncode, "Traceback" in complaints) == (0, False)


def test_a_port_in_use_is_one_line(config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with command("web", "--bind", f"127.0.0.1:{taken.getsockname()[1]}", config=config) as ended:
            _, said = ended.communicate(timeout=60)
    assert ended.returncode == 2
    assert said.count("\n") == 1
    assert "is in use by another program; name another with --bind" in said


def test_without_users_it_listens_to_this_machine_alone(config: Path) -> None:
    with command("web", "--bind", "0.0.0.0:0", config=config) as ended:
        _, said = ended.communicate(timeout=60)
    assert ended.returncode == 2
    assert "accordwatch web --add-user NAME" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("bind", "here"), [("127.0.0.1:0", True), ("[::1]:0", True), ("0.0.0.0:0", False)])
def test_an_address_of_this_machine_is_told_from_others(bind: str, here: bool) -> None:
    sockets = bound(bind)
    assert is_loopback(sockets) is here
    for each in sockets:
        each.close()


def test_an_address_that_is_not_ours_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^web.bind 192.0.2.1:80: cannot be used"):
        bound("192.0.2.1:80")


def test_help_loads_none_of_the_webs_libraries() -> None:
    code = (
        "import sys; sys.argv = ['accordwatch', '--help']\n"
        "try:\n    from scraper.__main__ import main; main()\nexcept SystemExit: pass\n"
        "assert not {'fastapi', 'uvicorn', 'argon2', 'starlette'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, check=True).returncode == 0


def test_a_user_is_written_as_a_hash_and_every_comment_stays(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = config.read_text("utf-8")
    typed(monkeypatch, f"{PASSWORD}\n")
    change_user(config, add="ana", token="", remove="")
    after = config.read_text("utf-8")
    (user,) = load(config, environ={}).web.users
    assert user.name == "ana"
    assert user.password.startswith("$argon2id$")
    assert PASSWORD not in after
    assert all(line in after.splitlines() for line in before.splitlines())


def test_a_token_is_shown_once_and_its_hash_kept(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_user(config, add="", token="bot", remove="")
    shown = capsys.readouterr().out.split()[-1]
    assert load(config, environ={}).web.users[0].token == token_hash(shown)
    assert shown not in config.read_text("utf-8")


def test_a_removed_user_is_gone_and_one_that_never_was_is_said(config: Path) -> None:
    before = config.read_text("utf-8")
    change_user(config, add="", token="ana", remove="")
    with pytest.raises(ConfigError, match='did you mean "ana"'):
        change_user(config, add="", token="", remove="anna")
    change_user(config, add="", token="", remove="ana")
    assert load(config, environ={}).web.users == ()
    assert tomllib.loads(config.read_text("utf-8"))["fetch"] == tomllib.loads(before)["fetch"]


@pytest.mark.parametrize("password", ["", "short"])
def test_a_short_password_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    typed(monkeypatch, f"{password}\n")
    with pytest.raises(ConfigError, match="take at least 10"):
        change_user(config, add="ana", token="", remove="")


@pytest.mark.parametrize("name", ["a b", "a]\n[x", "é", "", "a" * 101])
def test_a_name_that_cannot_be_typed_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    typed(monkeypatch, f"{PASSWORD}\n")
    before = config.read_bytes()
    if name:
        with pytest.raises(ConfigError, match="is no user's name"):
            change_user(config, add=name, token="", remove="")
    assert config.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    ["", '[web]\nbind = "127.0.0.1:1"\n', "\ufeff[web]\n", '[web.users.eva]\ntoken = ""\n', "[web]\r\nb = 2\r\n",
     'web.bind = "127.0.0.1:1"\n', 'web = { bind = "127.0.0.1:1" }\n', "[web]\nusers = { }  # nobody\n"],
)  # fmt: skip
def test_any_layout_takes_a_user_and_loses_nothing(text: str) -> None:
    edited = set_user(text, "ana", {"token": "x"})
    was, now = (tomllib.loads(each.removeprefix("\ufeff")) for each in (text, edited))
    assert now["web"]["users"].pop("ana") == {"token": "x"}
    now["web"]["users"] = now["web"]["users"] or was.get("web", {}).get("users")
    assert {k: v for k, v in now["web"].items() if v} == {k: v for k, v in was.get("web", {}).items() if v}
    assert edited.startswith("\ufeff") == text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('password = "hunter2hunter2"', "is no hash"),
        ('token = "hunter2hunter2"', "is no hash of a token"),
        ('pasword = ""', "unknown key"),
    ],
)
def test_a_password_in_the_clear_is_refused_and_never_shown(config: Path, written: str, said: str) -> None:
    config.write_text(f"[web.users.ana]\n{written}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as refused:
        load(config, environ={})
    assert "hunter2" not in str(refused.value)
