"""Any Apprise address (chat, push, generic webhooks): one line in the rule, `pip install accordwatch[apprise]`."""

from __future__ import annotations

import asyncio

from scraper.alert.channel import MailSettings
from storage.records.alert import Message, Receipt


class Apprise:
    """Sends subject and text to one Apprise address. The library says yes or no and not why; a no is tried again."""

    def __init__(self, address: str, settings: MailSettings) -> None:
        self._address, self._timeout = address, settings.timeout

    async def send(self, message: Message) -> Receipt:
        try:
            import apprise
        except ImportError:
            return Receipt(outcome="later", detail='apprise: not installed; run pip install "accordwatch[apprise]"')
        bell = apprise.Apprise()
        if not bell.add(self._address):
            return Receipt(outcome="refused", detail=f"apprise: {scheme(self._address)} is no address it knows")
        ring = bell.async_notify(title=message.subject, body=message.text, body_format=apprise.NotifyFormat.TEXT)
        try:
            taken = await asyncio.wait_for(ring, self._timeout)
        except TimeoutError:
            return Receipt(outcome="unknown", detail=f"apprise: {scheme(self._address)} gave no answer in time")
        if taken:
            return Receipt(outcome="sent")
        return Receipt(outcome="later", detail=f"apprise: {scheme(self._address)} did not take it; check the address")

    async def aclose(self) -> None:
        """Nothing is held open."""


def scheme(address: str) -> str:
    """ "slack://...": the rest of such an address is a secret."""
    return f"{address.partition('://')[0]}://..."
