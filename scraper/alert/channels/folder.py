"""Mail as files: `<time>-<subject>.eml` and `.html` in one folder, each written whole or not at all."""

from __future__ import annotations

import asyncio
import os
import re
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from scraper.alert.channel import MailSettings
from scraper.text import fold
from storage.records.alert import Message, Receipt


class Folder:
    """Writes each message under a name made of its Date, subject and id: sent twice, it is one file."""

    def __init__(self, settings: MailSettings) -> None:
        self._folder = settings.folder

    async def send(self, message: Message) -> Receipt:
        try:
            path = await asyncio.to_thread(self._write, message)
        except OSError as fault:
            return Receipt(outcome="later", detail=f"{self._folder}: {fault.strerror or fault}; make it writable")
        return Receipt(outcome="sent", detail=str(path))

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def probe(self) -> str:
        """Write a file there and take it away again."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            trial = self._folder / f".probe.{os.getpid()}"
            trial.write_bytes(b"")
            trial.unlink()
        except OSError as fault:
            return f"{self._folder}: {fault.strerror or fault}; make it writable"
        return ""

    def _write(self, message: Message) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{file_name(message)}.eml"
        _write_whole(path.with_suffix(".html"), message.html.encode("utf-8"))
        _write_whole(path, message.raw)  # last: who sees the .eml finds its .html too
        return path


def file_name(message: Message) -> str:
    """ "20261120T100000Z-cocir-himss-renew-3f2a9c", safe on every file system, always the same for one message."""
    date = message_from_bytes(message.raw)["Date"]
    at = f"{parsedate_to_datetime(date):%Y%m%dT%H%M%SZ}" if date else "undated"
    slug = re.sub(r"[^a-z0-9]+", "-", fold(message.subject)).strip("-")[:60].rstrip("-")
    return f"{at}-{slug or 'mail'}-{sha256(message.message_id.encode()).hexdigest()[:6]}"


def _write_whole(path: Path, content: bytes) -> None:
    """Beside, then renamed over: a reader sees the old file or the new one. fsync, as "sent" is for good."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
