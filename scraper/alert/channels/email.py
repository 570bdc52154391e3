"""SMTP: one connection for many messages, one recipient each, and for every answer of the server the right Receipt.

The talk is led step by step (MAIL, RCPT, DATA, body), as the difference between "lost before the body was out" and
"lost after" is the difference between trying again at ease and perhaps sending twice.
"""

from __future__ import annotations

import asyncio
import shlex
import socket
import ssl
from collections.abc import Awaitable, Callable

import aiosmtplib
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings

from scraper.alert.address import read_address
from scraper.alert.channel import MailSettings, unsendable
from storage.records.alert import Message, Receipt

TOKEN_SECONDS = 30.0


class Email:
    """The SMTP channel. A server that cannot be reached is asked once a batch, not once a message."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: aiosmtplib.SMTP | None = None
        self._trouble = ""
        self._turn = asyncio.Lock()  # one talk at a time over the one connection

    async def send(self, message: Message) -> Receipt:
        if refused := unsendable(message, self._settings):
            return refused
        async with self._turn:
            return await self._send(message)

    async def aclose(self) -> None:
        self._trouble = ""
        await self._hang_up()

    async def probe(self) -> str:
        """Connect, secure the connection and log in, then hang up."""
        async with self._turn:
            await self._connected()
            trouble = self._trouble
        await self.aclose()
        return trouble

    async def _send(self, message: Message) -> Receipt:
        if self._trouble or not await self._connected():
            return Receipt(outcome="later", detail=self._trouble)
        assert self._client
        receipt = await deliver(self._client, self._settings.sender, message, self._settings.timeout)
        if receipt.outcome == "unknown" or not self._client.is_connected:
            await self._hang_up()
        return receipt

    async def _connected(self) -> bool:
        if self._client and self._client.is_connected:
            return True
        self._client = None
        try:
            self._client = await connect(self._settings)
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            self._trouble = explain(fault, self._settings)
        return self._client is not None

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=5)
        except (aiosmtplib.SMTPException, OSError, ValueError):
            client.close()


async def connect(settings: MailSettings) -> aiosmtplib.SMTP:
    """A connection after TLS and login. Raises SMTPException, OSError or ValueError."""
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        tls_context=None if settings.security == "none" else _tls(settings),
        username=settings.username or None,
        password=settings.password if settings.username and not settings.token_command else None,
        oauth_token_generator=_token(settings.token_command) if settings.token_command else None,
        local_hostname=_own_name(),
        timeout=settings.timeout,
    )
    await client.connect()
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    return client


async def deliver(client: aiosmtplib.SMTP, sender: str, message: Message, seconds: float) -> Receipt:
    """One message to one recipient over an open connection."""
    from_box, to_box = read_address(sender), read_address(message.to)
    assert from_box, "unsendable() has looked at the addresses"
    assert to_box
    unicode_needed = not (from_box.local + to_box.local).isascii() or _has_utf8_headers(message.raw)
    try:
        if unicode_needed and not client.supports_extension("smtputf8"):
            return Receipt(outcome="refused", detail=f"{message.to}: the server knows no such addresses (SMTPUTF8)")
        body = normalize_message_line_endings(message.raw)
        options = [f"SIZE={len(body)}"] if client.supports_extension("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if unicode_needed else []
        encoding = "utf-8" if unicode_needed else "ascii"
        await client.mail(from_box.spec, options=options, encoding=encoding)
        await client.rcpt(to_box.spec, encoding=encoding)
        start = await client.execute_command(b"DATA")
        if start.code != aiosmtplib.SMTPStatus.start_input:
            raise aiosmtplib.SMTPDataError(start.code, start.message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
        return await _answered(client, fault)
    return await _body(client, body, seconds)


async def _body(client: aiosmtplib.SMTP, body: bytes, seconds: float) -> Receipt:
    """After DATA. From the moment the closing dot may be out, silence means that nobody knows."""
    protocol = client.protocol
    if protocol is None or not protocol.is_connected:
        return Receipt(outcome="later", detail="the connection was lost before the message was sent")
    try:
        protocol.write(PERIOD_REGEX.sub(b"..", body) + b".\r\n")
        answer = await protocol.read_response(timeout=seconds)
    except (aiosmtplib.SMTPException, OSError) as fault:
        client.close()
        return Receipt(outcome="unknown", detail=f"no answer after the message was sent: {fault}; it may have arrived")
    if answer.code // 100 == 2:
        return Receipt(outcome="sent", detail=f"{answer.code} {_line(answer.message)}")
    if answer.code // 100 in (4, 5):
        return await _answered(client, aiosmtplib.SMTPDataError(answer.code, answer.message))
    client.close()
    return Receipt(outcome="unknown", detail=f"a strange answer to the message: {answer.code} {_line(answer.message)}")


async def _answered(client: aiosmtplib.SMTP, fault: Exception) -> Receipt:
    """The server's no as a Receipt; the connection is made ready for the next message, or closed."""
    if not isinstance(fault, aiosmtplib.SMTPResponseException) or fault.code < 0:  # -1: what it said is no SMTP
        client.close()
        return Receipt(outcome="later", detail=f"the connection was lost before the message was sent: {fault}")
    if client.is_connected:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
    final = 500 <= fault.code < 600 and fault.code not in _OURS
    remedy = "; set mail.username and the password" if fault.code == 530 else ""
    return Receipt(outcome="refused" if final else "later", detail=f"{fault.code} {_line(fault.message)}{remedy}")


# Answers that speak of our login or our talk, and not of this message: mend the settings, and it goes out.
_OURS = {500, 502, 503, 504, 530, 534, 535, 538}


def explain(fault: Exception, settings: MailSettings) -> str:
    """What a person can do about a server that cannot be used: `subject: cause; remedy`."""
    subject = f"{settings.host or 'mail.host'}:{settings.port}"
    cause = fault.__cause__ if isinstance(fault.__cause__, ssl.SSLError) else fault
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{subject}: {cause.verify_message}; check mail.host, or set mail.ca_file to your certificate authority"
    if isinstance(cause, ssl.SSLError):
        return f'{subject}: TLS failed ({cause.reason}); try another mail.port, or mail.security = "starttls" or "tls"'
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
        return f"{subject}: login refused ({fault.code} {_line(fault.message)}); check mail.username and the password"
    if isinstance(fault, FileNotFoundError) and settings.ca_file:
        return f"{subject}: {settings.ca_file} is not there; set mail.ca_file to a PEM file"
    if isinstance(fault, TokenError):
        return f"{subject}: {fault}; check mail.token_command"
    if isinstance(fault, aiosmtplib.SMTPConnectTimeoutError | TimeoutError):
        return f"{subject}: no answer within {settings.timeout:g} s; check mail.host and mail.port"
    if isinstance(fault, aiosmtplib.SMTPConnectError | OSError) or getattr(fault, "code", 0) < 0:
        return f"{subject}: {_words(fault)}; check mail.host and mail.port, and that the server runs"
    return f"{subject}: {_words(fault)}; check mail.security and mail.username"


class TokenError(ValueError):
    """mail.token_command gave no token."""


def _token(command: str) -> Callable[[], Awaitable[str]]:
    async def token() -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                *shlex.split(command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError as fault:
            raise TokenError(f"{fault.strerror}: {shlex.split(command)[0]}") from fault
        try:
            out, _ = await asyncio.wait_for(process.communicate(), TOKEN_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise TokenError(f"no token within {TOKEN_SECONDS:g} s") from None
        text = out.decode("ascii", "ignore").strip()
        if process.returncode or not text:
            raise TokenError(f"the command ended with {process.returncode} and {'a' if text else 'no'} token")
        return text

    return token


def _own_name() -> str:
    """Our name in EHLO: the host's own, or an address literal (RFC 5321 4.1.1.1); DNS is not asked."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _tls(settings: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file or None)


def _has_utf8_headers(raw: bytes) -> bool:
    head = raw.partition(b"\r\n\r\n")[0]
    return not head.isascii()


def _words(fault: Exception) -> str:
    code = f"{fault.code} " if isinstance(fault, aiosmtplib.SMTPResponseException) and fault.code > 0 else ""
    return code + _line(fault.message if isinstance(fault, aiosmtplib.SMTPException) else str(fault))


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
