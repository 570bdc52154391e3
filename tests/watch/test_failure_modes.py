"""A mail server in each way it can fail, from the outbox to the mailbox and back: what is right is written beside it.

Two mails wait, the first for Ana, the second for Bob. They are delivered to the failing server, and an hour later to
one that is well. For each mode: where the rows stand in between, where they stand at the end, how often each arrived.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from scraper.alert.channel import MailSettings
from scraper.alert.channels.email import Email
from scraper.clock import FakeClock
from scraper.watch.deliver import deliver
from scraper.watch.post import Post
from scraper.watch.writer import Writer
from storage.records.alert import DeliveryState
from storage.store import Filter, Store, outbox
from tests.alert.postoffice import HANG_UP, SILENCE, PostOffice, bad_clerk, post_office
from tests.builders import HOUR, NOW, an_alert

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
Server = Callable[..., AbstractAsyncContextManager[int]]
WAITING, SENT, FAILED, UNKNOWN = "waiting", "sent", "failed", "unknown"


@dataclass(frozen=True, kw_only=True)
class Mode:
    """What the server does, and what is right then; `then` is where rows stand between the two deliveries."""

    does: dict[str, list[str]] = field(default_factory=dict)
    server: Server | None = None  # in place of an office that does so
    office: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    mails: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    then: tuple[str, str] = (WAITING, SENT)
    end: tuple[str, str] = (SENT, SENT)
    arrived: tuple[int, int] = (1, 1)
    says: str = ""  # part of what `alerts` shows for the first mail in between


def script(*lines: str) -> Server:
    return lambda **_: bad_clerk(*lines)


@asynccontextmanager
async def nobody(**_: Any) -> AsyncIterator[int]:
    async with bad_clerk() as port:
        pass
    yield port


HELLO = ("220 hi", "250 localhost")
NEITHER = {"then": (WAITING, WAITING)}
BIG = {"because": ("word " * 400,) * 60}
UNICODE = {"to": "zoë@press.eu"}
MODES: dict[str, Mode] = {
    "greylisted": Mode(does={"RCPT": ["451 4.7.1 come back later"]}, says="451 4.7.1"),
    "mailbox full for now": Mode(does={"RCPT": ["452 4.2.2 mailbox full"]}),
    "one recipient refused": Mode(
        does={"RCPT": ["550 5.1.1 no such user"]}, then=(FAILED, SENT), end=(FAILED, SENT), arrived=(0, 1), says="550"
    ),
    "all recipients refused": Mode(
        does={"RCPT": ["550 no", "550 no"]}, then=(FAILED, FAILED), end=(FAILED, FAILED), arrived=(0, 0)
    ),
    "sender put off": Mode(does={"MAIL": ["450 4.7.1 too fast"]}),
    "lost at MAIL": Mode(does={"MAIL": [HANG_UP]}, says="lost before the message was sent"),
    "lost after RCPT": Mode(does={"RCPT": [HANG_UP]}, says="lost before the message was sent"),
    "closed right after the answer to MAIL": Mode(server=script(*HELLO, "250 ok"), **NEITHER),
    "lost at DATA": Mode(server=script(*HELLO, "250 ok", "250 ok"), **NEITHER),
    "lost within the message": Mode(  # the dot may have been out already: nobody knows
        server=script(*HELLO, "250 ok", "250 ok", "354 go"), then=(UNKNOWN, UNKNOWN), says="may have arrived"
    ),
    "lost after the closing dot": Mode(does={"DATA": [HANG_UP]}, then=(UNKNOWN, SENT), arrived=(2, 1)),
    "silent after the closing dot": Mode(
        does={"DATA": [SILENCE]}, then=(UNKNOWN, SENT), arrived=(2, 1), settings={"timeout": 0.2}
    ),
    "nonsense after the closing dot": Mode(
        server=script(*HELLO, "250 ok", "250 ok", "354 go", "what?"), then=(UNKNOWN, UNKNOWN)
    ),
    "silent at RCPT": Mode(does={"RCPT": [SILENCE]}, settings={"timeout": 0.2}),
    "never greets": Mode(server=script(), settings={"timeout": 0.2}, says="no answer within", **NEITHER),
    "greets with nonsense": Mode(server=script("HTTP/1.1 400 Bad Request"), says="check mail.host", **NEITHER),
    "greets with 554": Mode(server=script("554 no service"), says="554", **NEITHER),
    "closing with 421": Mode(does={"RCPT": ["421 4.3.2 shutting down", HANG_UP]}, **NEITHER),
    "refused after DATA": Mode(
        does={"DATA": ["554 5.6.0 spam"]}, then=(FAILED, SENT), end=(FAILED, SENT), arrived=(0, 1), says="554"
    ),
    "disk full after DATA": Mode(does={"DATA": ["452 4.3.1 out of space"]}),
    "message beyond SIZE": Mode(
        office={"data_size_limit": 30_000}, mails=(BIG, {}), then=(FAILED, SENT), end=(FAILED, SENT), arrived=(0, 1)
    ),
    "no SMTPUTF8 for such an address": Mode(
        server=script(*HELLO, "550 5.1.1 gone"), mails=(UNICODE, {}), then=(FAILED, FAILED), end=(FAILED, FAILED),
        arrived=(0, 0), says="SMTPUTF8",
    ),
    "nobody listens": Mode(server=nobody, says="check mail.host and mail.port", **NEITHER),
    "certificate of a stranger": Mode(
        office={"tls": "good"}, settings={"security": "starttls"}, says="mail.ca_file", **NEITHER
    ),
    "certificate of another host": Mode(
        office={"tls": "other"}, settings={"security": "starttls", "ca_file": "ours"}, says="check mail.host", **NEITHER
    ),
    "STARTTLS stripped": Mode(settings={"security": "starttls"}, says="check mail.security", **NEITHER),
    "TLS where none is spoken": Mode(settings={"security": "tls"}, says="TLS failed", **NEITHER),
    "login wanted and none given": Mode(
        office={"auth_required": True, "auth_require_tls": False}, says="set mail.username", **NEITHER
    ),
    "login refused": Mode(
        office={"auth_required": True, "auth_require_tls": False},
        settings={"username": "watch", "password": "wrong"}, says="login refused (535", **NEITHER,
    ),
    "no way to log in that we know": Mode(
        server=script("220 hi", "250-localhost\r\n250 AUTH GSSAPI"), settings={"username": "watch", "password": "x"},
        says="check mail", **NEITHER,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def real(facts: dict[str, Any], authority: trustme.CA, tmp_path: Path) -> dict[str, Any]:
    """The words of a mode made into certificates and files."""
    made = dict(facts)
    if "tls" in made:
        made["tls"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost" if facts["tls"] == "good" else "mail.other.eu").configure_cert(made["tls"])
    if "ca_file" in made:
        made["ca_file"] = str(tmp_path / "ca.pem")
        authority.cert_pem.write_to_path(made["ca_file"])
    return made


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    opened = Writer(store)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", MODES)
async def test_each_failure_of_a_mail_server_ends_as_it_should(
    store: Store, writer: Writer, authority: trustme.CA, tmp_path: Path, name: str
) -> None:
    mode, clock = MODES[name], FakeClock(NOW)
    people = [facts.get("to", to) for facts, to in zip(mode.mails, ("ana@press.eu", "bob@press.eu"), strict=True)]
    with store.begin() as work:
        alerts = [
            an_alert(str(n), **{"to": to, **facts})
            for n, (to, facts) in enumerate(zip(people, mode.mails, strict=True))
        ]
        outbox.queue(work.connection, alerts)

    async def delivered(port: int, **facts: Any) -> list[str]:
        known = {"transport": "smtp", "host": "localhost", "port": port, "security": "none", "timeout": 2}
        settings = MailSettings(**{**known, "sender": "watch@press.eu", **facts})
        await deliver(
            Post(
                writer=writer, catalogue=store.catalogue(), clock=clock, channel=lambda _: Email(settings), owner="me",
                sender="watch@press.eu", timezones={},
            )
        )  # fmt: skip
        rows = {row.alert.key: row for row in store.catalogue().deliveries(Filter())}
        return [rows[key].state.value for key in "01"]

    offices: list[PostOffice] = []
    async with failing(mode, offices, real(mode.office, authority, tmp_path)) as port:
        assert await delivered(port, **real(mode.settings, authority, tmp_path)) == list(mode.then)
    (first,) = (row for row in store.catalogue().deliveries(Filter()) if row.alert.key == "0")
    assert mode.says in first.last_error
    clock.advance(HOUR)
    async with post_office() as well:
        assert await delivered(well.port) == list(mode.end)
    assert arrivals(store, [*offices, well]) == list(mode.arrived)


@asynccontextmanager
async def failing(mode: Mode, offices: list[PostOffice], facts: dict[str, Any]) -> AsyncIterator[int]:
    if mode.server is not None:
        async with mode.server() as port:
            yield port
        return
    async with post_office(**facts) as office:
        office.does = {step: list(answers) for step, answers in mode.does.items()}
        offices.append(office)
        yield office.port


def arrivals(store: Store, offices: list[PostOffice]) -> list[int]:
    """How often each mail arrived, byte for byte as it was stored before its first try."""
    contents = [mail.content for office in offices for mail in office.mails]
    rows = {row.alert.key: row for row in store.catalogue().deliveries(Filter())}
    return [contents.count(message.raw) if (message := rows[key].message) else 0 for key in "01"]


def test_there_are_at_least_nineteen_of_them() -> None:
    assert len(MODES) >= 19
    assert {state for mode in MODES.values() for state in mode.end} <= {state.value for state in DeliveryState}
