"""A real SMTP server on localhost that does what a test tells it to, at the step the test names."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HANG_UP, SILENCE = "hang up", "silence"


class PostOffice:
    """Keeps what it accepts. `does["RCPT"] = ["451 wait"]` answers the next RCPT so, once for each entry."""

    def __init__(self) -> None:
        self.does: dict[str, list[str]] = {}
        self.mails: list[Envelope] = []
        self.connections = 0
        self.logins: list[str] = []
        self.port = 0
        self._never = asyncio.Event()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._step("MAIL", server)
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._step("RCPT", server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        planned = self.does.get("DATA", [""])[:1]
        if not planned or planned[0] in ("", HANG_UP, SILENCE):
            self.mails.append(envelope)  # it arrived, whatever is answered
        return await self._step("DATA", server)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        self.logins.append(args[1])
        return AuthResult(success=True, handled=True)

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append(mechanism)
        return AuthResult(success=data.password == b"sesame", handled=False)

    async def _step(self, step: str, server: SMTP) -> str:
        answers = self.does.get(step) or []
        answer = answers.pop(0) if answers else "250 OK"
        if answer == HANG_UP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if answer == SILENCE:
            await self._never.wait()
        return answer or "250 OK"


@asynccontextmanager
async def post_office(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, **options: Any
) -> AsyncIterator[PostOffice]:
    """An open post office; `tls` offers STARTTLS, with `implicit` the whole connection is TLS."""
    office, loop = PostOffice(), asyncio.get_running_loop()
    clerks: list[SMTP] = []

    def clerk() -> SMTP:
        office.connections += 1
        offered = None if implicit else tls
        clerks.append(
            SMTP(office, hostname="localhost", loop=loop, tls_context=offered, enable_SMTPUTF8=True, **options)
        )
        return clerks[-1]

    if options.get("auth_required"):
        options["authenticator"] = office.authenticate
    server = await loop.create_server(clerk, "127.0.0.1", 0, ssl=tls if implicit else None)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        for clerk_ in clerks:
            if clerk_.transport is not None:
                clerk_.transport.close()
            if clerk_._handler_coroutine is not None:
                clerk_._handler_coroutine.cancel()
        await asyncio.sleep(0)
        await server.wait_closed()


@asynccontextmanager
async def bad_clerk(*lines: str) -> AsyncIterator[int]:
    """A port where each connection is answered line by line, whatever is asked, and then hung up on.

    Without lines it stays silent. Gives the port.
    """
    open_talks: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this
        open_talks[this] = writer
        for line in lines:
            writer.write(line.encode() + b"\r\n")
            await reader.readline()
        if not lines:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in open_talks.values():
            writer.close()
        server.close()
        await server.wait_closed()
        await asyncio.gather(*open_talks, return_exceptions=True)
