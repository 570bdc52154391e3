"""config.toml and the environment -> frozen, typed settings. `edit` changes the file, `template` writes a new one."""

from __future__ import annotations

from scraper.config.load import find, load
from scraper.config.settings import Config, FetchConf, MailConf, StorageSettings, WatchSettings, WebConf
from scraper.config.values import Confirm, placeholder

__all__ = [
    "Config", "Confirm", "FetchConf", "MailConf", "StorageSettings", "WatchSettings", "WebConf",
    "find", "load", "placeholder",
]  # fmt: skip
