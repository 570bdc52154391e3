"""Channels: ways a message leaves the house. One file a channel, one line in the tables of this file."""

from __future__ import annotations

from collections.abc import Callable

from scraper.alert.channel import Channel, Mailer, MailSettings
from scraper.alert.channels.apprise import Apprise
from scraper.alert.channels.command import Command
from scraper.alert.channels.console import Console
from scraper.alert.channels.email import Email
from scraper.alert.channels.folder import Folder
from scraper.errors import DeliveryError

# What "email" goes by: the transport of [mail].
TRANSPORTS: dict[str, Callable[[MailSettings], Mailer]] = {"folder": Folder, "smtp": Email, "command": Command}
# What a rule may name besides; whatever has "://" in it is an Apprise address.
NAMED: dict[str, Callable[[MailSettings], Channel]] = {
    "email": lambda settings: TRANSPORTS[settings.transport](settings),
    "folder": Folder,
    "console": lambda settings: Console(),
}


def channel_for(name: str, settings: MailSettings) -> Channel:
    """The channel that a rule names. Raises DeliveryError for a name nobody knows."""
    if name in NAMED:
        return NAMED[name](settings)
    if "://" in name:
        return Apprise(name, settings)
    known = ", ".join(f'"{known}"' for known in NAMED)
    raise DeliveryError("alerts.channel", f"{name!r} is no channel", f"write {known} or an Apprise address")
