"""Mail through a program of the house: the whole message on the standard input of sendmail, msmtp and their like."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil

from scraper.alert.address import read_address
from scraper.alert.channel import MailSettings, unsendable
from storage.records.alert import Message, Receipt

# sysexits.h, as sendmail and msmtp use it: what a second try cannot mend.
_FINAL = {65: "data error", 67: "no such user", 68: "no such host"}


class Command:
    """Runs `mail.command` once a message. Its exit code 0 means that the program has taken the mail over."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, message: Message) -> Receipt:
        if refused := unsendable(message, self._settings):
            return refused
        try:
            sender = read_address(self._settings.sender)
            parts = shlex.split(self._settings.command) or ["(nothing)"]
            argv = [part.replace("{sender}", sender.spec if sender else "") for part in parts]
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except (OSError, ValueError) as fault:
            cause = getattr(fault, "strerror", None) or fault
            return Receipt(outcome="later", detail=f"mail.command: {cause}; check {self._settings.command!r}")
        return await self._talk(process, message)

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def probe(self) -> str:
        """Whether there is such a program; running it would send something."""
        try:
            program = (shlex.split(self._settings.command) or [""])[0]
        except ValueError as fault:
            return f"mail.command: {fault}; check {self._settings.command!r}"
        return (
            ""
            if shutil.which(program)
            else f"mail.command: there is no program {program!r}; install it or name another"
        )

    async def _talk(self, process: asyncio.subprocess.Process, message: Message) -> Receipt:
        # Programs of the house want the line ends of the house: a CR of ours would be doubled or shown.
        raw = message.raw.replace(b"\r\n", os.linesep.encode())
        try:
            _, said = await asyncio.wait_for(process.communicate(raw), self._settings.timeout)
        except TimeoutError:
            process.kill()
            await process.wait()
            # It had the message and did not come back: it may have passed it on.
            return Receipt(outcome="unknown", detail=f"mail.command: not done in {self._settings.timeout:g} s")
        if process.returncode == 0:
            return Receipt(outcome="sent")
        words = " ".join(said.decode("utf-8", "replace").split())[:300]
        kind = _FINAL.get(process.returncode or 0, "")
        detail = f"mail.command: exit code {process.returncode} {kind}: {words}"
        return Receipt(outcome="refused" if kind else "later", detail=detail)
