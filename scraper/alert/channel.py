"""The seam to the world: what a channel does with a message, what settings it gets, and the fake that ships with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from scraper.alert.address import address_fault, is_placeholder
from storage.records.alert import Message, Receipt

__all__ = ["Channel", "Inbox", "MailSettings", "Mailer", "is_placeholder", "unsendable"]


class Channel(Protocol):
    """A way messages leave the house. `send` says what became of one message and raises for nothing the world does.

    A channel may keep one connection over many messages: it opens by itself at the first, and `aclose` ends it.
    After `aclose` it may be used again (`async with contextlib.aclosing(channel)` around a batch).
    """

    async def send(self, message: Message) -> Receipt: ...

    async def aclose(self) -> None: ...


class Mailer(Channel, Protocol):
    """A channel that [mail] transport may name."""

    async def probe(self) -> str:
        """What would keep a mail from going out now: `subject: cause; remedy`, or nothing. No mail is sent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The [mail] table, its secrets already read; relative paths already absolute."""

    transport: Literal["folder", "smtp", "command"] = "folder"
    host: str = ""
    port: int = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    token_command: str = ""  # prints an OAuth2 access token; then XOAUTH2 is used in place of the password
    sender: str = ""
    folder: Path = Path("mails")
    command: str = "sendmail -i -t -f {sender}"  # gets the whole mail on its standard input
    ca_file: str = ""
    timeout: float = 60.0  # seconds for one step of the talk


def unsendable(message: Message, settings: MailSettings) -> Receipt | None:
    """What must not be tried: sender or recipient empty, a placeholder, or no address at all.

    A wrong recipient is final, as it stands in the alert; a wrong sender is mended in the settings, so it waits.
    """
    if fault := address_fault(message.to, "people.*.address"):
        return Receipt(outcome="refused", detail=fault)
    if fault := address_fault(settings.sender, "mail.sender"):
        return Receipt(outcome="later", detail=fault)
    return None


class Inbox:
    """The fake: keeps what it is given; `answers` are used up first, one a message. Once per Message-ID, like a mailbox
    that drops doubles; `received` counts them all the same."""

    def __init__(self, *answers: Receipt) -> None:
        self.messages: dict[str, Message] = {}
        self.received: list[str] = []
        self.closed = 0
        self._answers = list(answers)

    async def send(self, message: Message) -> Receipt:
        receipt = self._answers.pop(0) if self._answers else Receipt(outcome="sent")
        if receipt.outcome in ("sent", "unknown"):
            self.received.append(message.message_id)
            self.messages[message.message_id] = message
        return receipt

    async def aclose(self) -> None:
        self.closed += 1
