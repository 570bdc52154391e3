"""All channels keep one contract; the fake keeps it too."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from scraper.alert.channel import Channel, Inbox, MailSettings
from scraper.alert.channels import channel_for
from scraper.alert.channels.command import Command
from scraper.alert.channels.console import Console
from scraper.alert.channels.email import Email
from scraper.alert.channels.folder import Folder
from scraper.errors import DeliveryError
from storage.records.alert import Message, Receipt
from tests.alert.postoffice import post_office
from tests.alert.test_email import SENDER, a_mail, for_port


def a_program(code: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", code])


def keeping(path: Path) -> str:
    """A mail program that appends what it gets to a file."""
    return a_program(f"import sys; open({str(path)!r}, 'ab').write(sys.stdin.buffer.read())")


@asynccontextmanager
async def opened_channel(name: str, tmp_path: Path) -> AsyncIterator[Channel]:
    settings = MailSettings(folder=tmp_path, sender=SENDER, command=keeping(tmp_path / "spool"))
    channel: Channel
    if name == "smtp":
        async with post_office() as office, aclosing(Email(for_port(office.port))) as channel:
            yield channel
    else:
        made = {"folder": Folder, "command": Command, "console": lambda _: Console(), "inbox": lambda _: Inbox()}
        async with aclosing(made[name](settings)) as channel:
            yield channel


@pytest.mark.parametrize("name", ["folder", "smtp", "command", "console", "inbox"])
async def test_a_channel_says_sent_twice_for_two_mails_and_may_be_closed_twice(name: str, tmp_path: Path):
    async with opened_channel(name, tmp_path) as channel:
        receipts = [await channel.send(a_mail(key=key)) for key in ("one", "two")]
        await channel.aclose()
    assert [receipt.outcome for receipt in receipts] == ["sent", "sent"]


async def test_the_inbox_answers_as_told_and_keeps_one_of_each_id():
    inbox = Inbox(Receipt(outcome="later"), Receipt(outcome="unknown"))
    outcomes = [(await inbox.send(a_mail())).outcome for _ in range(3)]
    assert outcomes == ["later", "unknown", "sent"]
    assert (len(inbox.received), len(inbox.messages)) == (2, 1)


# --- command ---------------------------------------------------------------------------------------------------------


async def ran(code: str, mail: Message | None = None, **facts: Any) -> Receipt:
    settings = MailSettings(sender=SENDER, command=a_program(code), **facts)
    return await Command(settings).send(mail or a_mail())


async def test_the_program_gets_the_whole_mail_with_the_line_ends_of_the_house(tmp_path: Path):
    async with opened_channel("command", tmp_path) as channel:
        await channel.send(a_mail())
    assert (tmp_path / "spool").read_bytes() == a_mail().raw.replace(b"\r\n", b"\n")


async def test_the_program_is_told_the_sender_of_the_envelope(tmp_path: Path):
    code = f"import sys; sys.stdin.read(); open({str(tmp_path / 'args')!r}, 'w').write(sys.argv[1])"
    command = f"{a_program(code)} {{sender}}"
    receipt = await Command(MailSettings(sender="Wächter <watch@press.eu>", command=command)).send(a_mail())
    assert receipt.outcome == "sent"
    assert (tmp_path / "args").read_text() == "watch@press.eu"


@pytest.mark.parametrize("command", ["sendmail 'unclosed", ""])
async def test_a_command_that_cannot_be_read_is_tried_later(command: str):
    receipt = await Command(MailSettings(sender=SENDER, command=command)).send(a_mail())
    assert receipt.outcome == "later"
    assert receipt.detail.startswith("mail.command: ")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("75", "later"), ("1", "later"), ("67", "refused"), ("65", "refused"), ("0", "sent")],
)
async def test_exit_codes_are_answers(code: str, outcome: str):
    assert (await ran(f"import sys; sys.stdin.read(); sys.exit({code})")).outcome == outcome


async def test_what_the_program_complains_of_is_told():
    receipt = await ran("import sys; sys.stderr.write('no such\\nuser'); sys.exit(67)")
    assert "no such user" in receipt.detail


async def test_a_program_that_does_not_come_back_is_stopped_and_its_mail_unknown():
    receipt = await ran("import time; time.sleep(60)", timeout=0.2)
    assert receipt.outcome == "unknown"


async def test_a_program_that_is_not_there_is_named():
    receipt = await Command(MailSettings(sender=SENDER, command="/nowhere/sendmail -t")).send(a_mail())
    assert receipt.outcome == "later"
    assert "/nowhere/sendmail -t" in receipt.detail


async def test_the_program_is_not_called_for_a_placeholder():
    assert (await ran("raise SystemExit(1)", a_mail("you@example.org"))).outcome == "refused"


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "transport", "kind"),
    [
        ("email", "folder", "Folder"),
        ("email", "smtp", "Email"),
        ("email", "command", "Command"),
        ("folder", "smtp", "Folder"),
        ("console", "smtp", "Console"),
        ("json://localhost/hook", "smtp", "Apprise"),
    ],
)
def test_a_rule_names_its_channel(name: str, transport: Any, kind: str):
    assert type(channel_for(name, MailSettings(transport=transport))).__name__ == kind


def test_a_channel_nobody_knows_is_named_with_those_that_are():
    with pytest.raises(DeliveryError, match='"email", "folder", "console" or an Apprise address'):
        channel_for("pigeon", MailSettings())


async def test_the_console_prints_no_escapes(capsys: pytest.CaptureFixture[str]):
    await Console().send(a_mail(text="\x1b[31mred\x07 \x9b5m"))
    assert "\x1b" not in (said := capsys.readouterr().out)
    assert "red" in said


@asynccontextmanager
async def a_hook(status: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A web hook on localhost that answers each POST with that status and keeps the bodies."""
    bodies: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        bodies.append(await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0])))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], bodies
    finally:
        server.close()
        await server.wait_closed()


apprise_warns = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of modules it imports for old mail


@apprise_warns
@pytest.mark.parametrize(("status", "outcome"), [("200 OK", "sent"), ("503 Busy", "later")])
async def test_a_web_hook_through_apprise(status: str, outcome: str):
    pytest.importorskip("apprise")
    async with a_hook(status) as (port, bodies):
        receipt = await channel_for(f"json://127.0.0.1:{port}/hook", MailSettings(timeout=10)).send(a_mail())
    assert receipt.outcome == outcome
    said = json.loads(bodies[0])
    assert (said["title"], said["message"].strip()) == ("COCIR + HIMSS", "Hello.")


@apprise_warns
async def test_an_address_that_apprise_does_not_know_is_refused():
    pytest.importorskip("apprise")
    assert (await channel_for("pigeon://loft", MailSettings()).send(a_mail())).outcome == "refused"


async def test_without_apprise_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    receipt = await channel_for("slack://secret/token", MailSettings()).send(a_mail())
    assert receipt.outcome == "later"
    assert "accordwatch[apprise]" in receipt.detail
    assert "secret" not in receipt.detail
