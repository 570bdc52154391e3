"""Alerts on the terminal: the text part of each, with nothing in it that a terminal would obey."""

from __future__ import annotations

import sys

from storage.records.alert import Message, Receipt


class Console:
    """Prints; the text of a mail is clean of escapes already (see mail.make_mail)."""

    async def send(self, message: Message) -> Receipt:
        try:
            print(f"=== {message.subject} ===\n{message.text}", file=sys.stdout, flush=True)
        except (OSError, UnicodeError) as fault:
            return Receipt(outcome="later", detail=f"standard output: {fault}")
        return Receipt(outcome="sent")

    async def aclose(self) -> None:
        """Nothing is held open."""
