"""Logs: lines for people or JSON for machines, on stderr; no secret, no second line, no escape of a page."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from storage.records.verdict import CheckReport

Format = Literal["console", "json"]
LOG = logging.getLogger("accordwatch")
MASK = "***"
_IN_ADDRESS = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")  # a password in an address (RFC 3986, 3.2.1)
_QUIET = ("read", "not_modified", "unchanged")
_FIELDS = ("source", "url", "kind", "outcome", "changes", "partnerships", "alerts", "trouble")


def begin(form: Format, *, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Send the program's log to stderr in this form; `secrets` are masked wherever they turn up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(form, tuple(sorted(filter(None, secrets), key=len, reverse=True))))
    logger = logging.getLogger()
    logger.handlers[:] = [handler]
    logger.setLevel(logging.WARNING)
    LOG.setLevel(level)


def told(report: CheckReport) -> None:
    """One line for a finished check: what happened at INFO, trouble at WARNING, a quiet look at DEBUG."""
    happened = report.changes or report.partnerships
    level = logging.INFO if happened else logging.WARNING if report.trouble else logging.DEBUG
    if LOG.isEnabledFor(level):
        what = ", ".join(report.changes) or report.outcome
        words = f"{report.source}: {what}: {report.title or report.url}"
        words += f" ({report.trouble})" if report.trouble else ""
        LOG.log(level, "%s", words, extra={"facts": {name: getattr(report, name) for name in _FIELDS}})


class _Formatter(logging.Formatter):
    def __init__(self, form: Format, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._form, self._secrets = form, secrets

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = self._clean(record.getMessage())
        trace = self._clean(self.formatException(record.exc_info), lines=True) if record.exc_info else ""
        if self._form == "console":
            return f"{at[:19]}Z {record.levelname.lower():<7} {text}" + (f"\n{trace}" if trace else "")
        entry = {"at": at, "level": record.levelname.lower(), "logger": record.name, "message": text}
        entry |= {"trace": trace} if trace else {}
        entry |= {name: self._fact(value) for name, value in getattr(record, "facts", {}).items()}
        return json.dumps(entry, ensure_ascii=False)

    def _fact(self, value: object) -> object:
        return self._clean(value) if isinstance(value, str) else value

    def _clean(self, text: str, *, lines: bool = False) -> str:
        """One line, nothing that a terminal obeys, no secret."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        text = _IN_ADDRESS.sub(rf"\1{MASK}\2", text)
        return "".join(c if c.isprintable() or (lines and c == "\n") else " " for c in text)
