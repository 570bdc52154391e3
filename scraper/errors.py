"""The errors of the action that a person can mend; the tree has one root, shared with the memory.

UserError (storage.errors)
  StorageError           database or archive
    DamagedError         one archived body
  ConfigError            config.toml or the environment
  DeliveryError          mail server, channel
"""

from __future__ import annotations

from storage.errors import DamagedError, StorageError, UserError

__all__ = ["ConfigError", "DamagedError", "DeliveryError", "StorageError", "UserError", "mendable"]


class ConfigError(UserError):
    """The configuration cannot be used as it stands; `faults` holds every fault, each with its path."""

    def __init__(self, subject: str, cause: str, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        super().__init__(subject, cause, remedy)
        self.faults = faults


class DeliveryError(UserError):
    """A channel cannot be used at all (wrong host, refused login); single refusals are Receipts instead."""


def mendable(raised: BaseException) -> UserError | None:
    """What a person can mend; of tasks that failed side by side the first word, unless one of them is a bug."""
    if isinstance(raised, ExceptionGroup):
        told = [mendable(each) for each in raised.exceptions]
        return None if None in told else told[0]
    return raised if isinstance(raised, UserError) else None
