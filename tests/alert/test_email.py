"""The SMTP channel against a real server, in each way a server can fail."""

from __future__ import annotations

import asyncio
import base64
import shlex
import ssl
import sys
from contextlib import aclosing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import trustme

from scraper.alert.channel import MailSettings
from scraper.alert.channels.email import Email
from scraper.alert.mail import Envelope, make_mail
from storage.records.alert import Message, Receipt
from tests.alert.builders import NOW
from tests.alert.postoffice import HANG_UP, SILENCE, PostOffice, bad_clerk, post_office

SENDER = "watch@press.eu"


def a_mail(to: str = "ana@press.eu", key: str = "one", text: str = "Hello.\n") -> Message:
    envelope = Envelope(key=key, channel="email", to=to, sender=SENDER, subject="COCIR + HIMSS", date=NOW)
    return make_mail(envelope, text=text, html=f"<p>{text}</p>")


def for_port(port: int, **facts: Any) -> MailSettings:
    known = {"transport": "smtp", "host": "localhost", "port": port, "security": "none", "sender": SENDER, "timeout": 2}
    return MailSettings(**{**known, **facts})


async def sent(office: PostOffice, *mails: Message, **facts: Any) -> list[Receipt]:
    """The receipts of one batch."""
    async with aclosing(Email(for_port(office.port, **facts))) as channel:
        return [await channel.send(mail) for mail in mails or (a_mail(),)]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def a_server_tls(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


# --- what arrives ----------------------------------------------------------------------------------------------------


async def test_a_mail_arrives_as_it_was_stored():
    async with post_office() as office:
        mail = a_mail(text=".\n..dots\nFrom here\n" + "ä" * 300)
        (receipt,) = await sent(office, mail)
    assert receipt.outcome == "sent"
    (envelope,) = office.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["ana@press.eu"])
    assert envelope.content == mail.raw
    body = message_from_bytes(mail.raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == mail.text


async def test_many_mails_go_over_one_connection():
    async with post_office() as office:
        receipts = await sent(office, *(a_mail(key=str(number)) for number in range(5)))
    assert [receipt.outcome for receipt in receipts] == ["sent"] * 5
    assert office.connections == 1


async def test_a_closed_channel_may_be_used_again():
    async with post_office() as office:
        channel = Email(for_port(office.port))
        for key in ("one", "two"):
            assert (await channel.send(a_mail(key=key))).outcome == "sent"
            await channel.aclose()
    assert office.connections == 2


async def test_an_address_beyond_ascii_goes_by_smtputf8():
    async with post_office() as office:
        (receipt,) = await sent(office, a_mail("zoë@press.eu"))
    assert receipt.outcome == "sent"
    assert office.mails[0].rcpt_tos == ["zoë@press.eu"]


async def test_a_domain_beyond_ascii_goes_by_its_ascii_form():
    async with post_office() as office:
        await sent(office, a_mail("Zoë <zoe@münchen.de>"))
    assert office.mails[0].rcpt_tos == ["zoe@xn--mnchen-3ya.de"]


async def test_without_smtputf8_such_an_address_is_refused_and_the_next_mail_goes():
    async with (
        bad_clerk("220 hi", "250 localhost", "250 ok", "250 ok", "354 go") as port,
        aclosing(Email(for_port(port))) as channel,
    ):
        receipt = await channel.send(a_mail("zoë@press.eu"))
    assert receipt.outcome == "refused"
    assert "SMTPUTF8" in receipt.detail


# --- one no of the server --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("RCPT", "451 4.7.1 greylisted, come back later", "later"),
        ("RCPT", "452 4.2.2 mailbox full", "later"),
        ("RCPT", "550 5.1.1 no such user", "refused"),
        ("MAIL", "451 4.3.0 try later", "later"),
        ("MAIL", "550 5.7.1 sender rejected", "refused"),
        ("DATA", "451 4.3.0 out of space", "later"),
        ("DATA", "554 5.6.0 looks like spam", "refused"),
        ("DATA", "552 5.3.4 message too big", "refused"),
        ("RCPT", "530 5.7.0 authentication required", "later"),
    ],
)
async def test_a_no_concerns_one_mail_and_the_next_goes_over_the_same_connection(step: str, answer: str, outcome: str):
    async with post_office() as office:
        office.does[step] = [answer]
        first, second = await sent(office, a_mail("bob@press.eu"), a_mail("ana@press.eu"))
    assert (first.outcome, second.outcome) == (outcome, "sent")
    assert answer in first.detail
    assert [envelope.rcpt_tos for envelope in office.mails] == [["ana@press.eu"]]
    assert office.connections == 1


async def test_a_greylisted_mail_goes_with_the_same_id_at_the_next_try():
    async with post_office() as office:
        office.does["RCPT"] = ["451 4.7.1 greylisted"]
        mail = a_mail()
        outcomes = [(await sent(office, mail))[0].outcome for _ in range(2)]
    assert outcomes == ["later", "sent"]
    assert [envelope.content for envelope in office.mails] == [mail.raw]


async def test_a_mail_too_large_for_the_server_is_refused_before_it_is_sent():
    async with post_office(data_size_limit=2_000) as office:
        big, small = await sent(office, a_mail(text="word " * 2_000), a_mail())
    assert (big.outcome, small.outcome) == ("refused", "sent")
    assert "552" in big.detail


async def test_a_server_that_closes_with_421_gets_the_next_mail_on_a_new_connection():
    async with post_office() as office:
        office.does["RCPT"] = ["421 4.3.2 shutting down", HANG_UP]
        first, second, third = await sent(office, *(a_mail(key=key) for key in "abc"))
    assert [receipt.outcome for receipt in (first, second, third)] == ["later", "later", "sent"]


# --- connections lost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
async def test_lost_before_data_is_tried_later(step: str):
    async with post_office() as office:
        office.does[step] = [HANG_UP]
        first, second = await sent(office, a_mail(), a_mail(key="two"))
    assert (first.outcome, second.outcome) == ("later", "sent")
    assert "lost before the message was sent" in first.detail
    assert len(office.mails) == 1


async def test_lost_at_the_data_command_is_tried_later():
    async with (
        bad_clerk("220 hi", "250 localhost", "250 ok", "250 ok") as port,
        aclosing(Email(for_port(port))) as channel,
    ):
        assert (await channel.send(a_mail())).outcome == "later"


async def test_lost_after_data_is_unknown_and_the_next_mail_goes():
    async with post_office() as office:
        office.does["DATA"] = [HANG_UP]
        first, second = await sent(office, a_mail(), a_mail(key="two"))
    assert (first.outcome, second.outcome) == ("unknown", "sent")
    assert "may have arrived" in first.detail
    assert len(office.mails) == 2


async def test_a_server_silent_after_data_is_unknown():
    async with post_office() as office:
        office.does["DATA"] = [SILENCE]
        (receipt,) = await sent(office, timeout=0.1)
    assert receipt.outcome == "unknown"


async def test_a_server_silent_before_data_is_tried_later():
    async with post_office() as office:
        office.does["RCPT"] = [SILENCE]
        (receipt,) = await sent(office, timeout=0.1)
    assert receipt.outcome == "later"


async def test_a_malformed_answer_after_data_is_unknown():
    async with (
        bad_clerk("220 hi", "250 localhost", "250 ok", "250 ok", "354 go", "") as port,
        aclosing(Email(for_port(port))) as channel,
    ):
        assert (await channel.send(a_mail())).outcome == "unknown"


# --- no connection at all --------------------------------------------------------------------------------------------


async def failing(port: int, **facts: Any) -> str:
    """The one line that every mail of the batch gets."""
    async with aclosing(Email(for_port(port, **facts))) as channel:
        receipts = [await channel.send(a_mail(key=key)) for key in ("one", "two")]
    assert [receipt.outcome for receipt in receipts] == ["later", "later"]
    assert receipts[0].detail == receipts[1].detail
    assert receipts[0].detail.startswith(f"localhost:{port}: ")
    return receipts[0].detail


async def test_a_port_where_nobody_listens():
    async with bad_clerk() as port:
        pass
    assert "check mail.host and mail.port" in await failing(port)


async def test_a_server_that_never_greets():
    async with bad_clerk() as port:
        assert "no answer within 0.1 s" in await failing(port, timeout=0.1)


@pytest.mark.parametrize("greeting", ["421 too many connections", "554 no service", "HTTP/1.1 400 Bad Request"])
async def test_a_server_that_greets_with_a_no(greeting: str):
    async with bad_clerk(greeting) as port:
        assert "check mail.host and mail.port" in await failing(port)


async def test_a_server_in_trouble_is_asked_once_a_batch():
    async with post_office(auth_required=True, tls=None, auth_require_tls=False) as office:
        await failing(office.port, username="watch", password="wrong")
    assert office.connections == 1


pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_tls_with_a_certificate_authority_of_ones_own(authority: trustme.CA, ca_file: str, security: str):
    async with post_office(tls=a_server_tls(authority), implicit=security == "tls") as office:
        (receipt,) = await sent(office, security=security, ca_file=ca_file)
    assert receipt.outcome == "sent"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_is_no_connection(authority: trustme.CA, security: str):
    async with post_office(tls=a_server_tls(authority), implicit=security == "tls") as office:
        assert "mail.ca_file" in await failing(office.port, security=security)
    assert office.mails == []


async def test_a_certificate_of_another_host_is_no_connection(authority: trustme.CA, ca_file: str):
    async with post_office(tls=a_server_tls(authority, "other.eu"), implicit=True) as office:
        assert "check mail.host" in await failing(office.port, security="tls", ca_file=ca_file)


async def test_a_server_without_starttls_gets_no_mail_in_the_clear():
    async with post_office() as office:
        assert "mail.security" in await failing(office.port, security="starttls")
    assert office.mails == []


async def test_tls_spoken_to_a_plain_port_says_which_setting_to_try():
    async with post_office() as office:
        assert "mail.security" in await failing(office.port, security="tls")


async def test_a_ca_file_that_is_not_there_is_named():
    async with post_office() as office:
        assert "mail.ca_file" in await failing(office.port, security="tls", ca_file="/nowhere/ca.pem")


# --- login -----------------------------------------------------------------------------------------------------------


async def test_login_by_password(authority: trustme.CA, ca_file: str):
    async with post_office(tls=a_server_tls(authority), auth_required=True) as office:
        (receipt,) = await sent(office, security="starttls", ca_file=ca_file, username="watch", password="sesame")
    assert receipt.outcome == "sent"


async def test_a_wrong_password_says_what_to_check(authority: trustme.CA, ca_file: str):
    facts = {"security": "starttls", "ca_file": ca_file, "username": "watch", "password": "wrong"}
    async with post_office(tls=a_server_tls(authority), auth_required=True) as office:
        said = await failing(office.port, **facts)
    assert "login refused (535" in said
    assert "check mail.username and the password" in said
    assert "wrong" not in said


async def test_a_login_that_is_missing_says_so():
    async with post_office(auth_required=True, auth_require_tls=False) as office:
        (receipt,) = await sent(office)
    assert receipt.outcome == "later"
    assert "530" in receipt.detail
    assert "set mail.username" in receipt.detail


async def test_login_by_a_token(authority: trustme.CA, ca_file: str):
    command = shlex.join([sys.executable, "-S", "-c", "print('t0ken')"])
    async with post_office(tls=a_server_tls(authority), auth_required=True) as office:
        (receipt,) = await sent(office, security="starttls", ca_file=ca_file, username="watch", token_command=command)
    assert receipt.outcome == "sent"
    assert base64.b64decode(office.logins[0]) == b"user=watch\x01auth=Bearer t0ken\x01\x01"


@pytest.mark.parametrize("command", [f"{sys.executable} -S -c exit(3)", "/nowhere/token"])
async def test_a_token_command_that_fails_is_named(authority: trustme.CA, ca_file: str, command: str):
    async with post_office(tls=a_server_tls(authority), auth_required=True) as office:
        facts = {"security": "starttls", "ca_file": ca_file, "username": "watch", "token_command": command}
        assert "check mail.token_command" in await failing(office.port, **facts)


def test_settings_never_show_the_password():
    assert "sesame" not in repr(MailSettings(password="sesame"))


# --- addresses that must not be used ---------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["", "you@example.org", "Ana <ana@mail.example.com>", "nobody", "a@b.eu, c@d.eu"])
async def test_a_placeholder_or_a_malformed_recipient_is_refused_before_anything_is_dialled(to: str):
    async with post_office() as office:
        first, second = await sent(office, a_mail(to), a_mail())
    assert (first.outcome, second.outcome) == ("refused", "sent")
    assert "people.*.address" in first.detail


@pytest.mark.parametrize("sender", ["", "watch@example.net"])
async def test_a_sender_that_nobody_set_holds_the_mail_and_says_what_to_set(sender: str):
    async with post_office() as office:
        (receipt,) = await sent(office, sender=sender)
    assert receipt.outcome == "later"
    assert receipt.detail.startswith("mail.sender: ")
    assert office.connections == 0


async def test_mails_given_at_the_same_time_take_turns():
    async with post_office() as office, aclosing(Email(for_port(office.port))) as channel:
        receipts = await asyncio.gather(*(channel.send(a_mail(f"{name}@press.eu", name)) for name in "abc"))
    assert [receipt.outcome for receipt in receipts] == ["sent"] * 3
    assert [envelope.rcpt_tos for envelope in office.mails] == [["a@press.eu"], ["b@press.eu"], ["c@press.eu"]]
    assert office.connections == 1


async def test_two_channels_do_not_share_a_connection():
    async with post_office() as office:
        await asyncio.gather(sent(office, a_mail(key="one")), sent(office, a_mail(key="two")))
    assert office.connections == 2
