"""Errors a person can mend, as one line: the thing, the cause, the remedy. Bugs are not caught here.

UserError                what a person can mend; printed as one line, never as a traceback
  StorageError           database or archive cannot be used
    DamagedError         one archived body is not what it was; everything else goes on
"""

from __future__ import annotations


class UserError(Exception):
    """Something a person can mend: `subject: cause; remedy`."""

    def __init__(self, subject: str, cause: str, remedy: str = "") -> None:
        self.subject, self.cause, self.remedy = subject, cause, remedy
        super().__init__(f"{subject}: {cause}; {remedy}" if remedy else f"{subject}: {cause}")


class StorageError(UserError):
    """The database or the archive cannot be read or written."""


class DamagedError(StorageError):
    """One archived body cannot be given back as it was."""
