"""What a body is, whatever its name or its server calls it. How each kind is read stands in `read` and `ingest`."""

from __future__ import annotations

import json
import re
from typing import Literal

from scraper.parse.article import is_plain

Kind = Literal["pdf", "mail", "data", "text", "page"]
HEAD = 100_000  # bytes that tell the kind
SETTINGS = 0.9  # of the lines that say anything: a text of so many is no news
_MAIL = re.compile(rb"\A(?:From .*\r?\n)?(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}")
_MAIL_HEADER = re.compile(rb"^(?:From|Subject|Message-ID|Received|Return-Path):", re.I | re.M)
_SETTING = re.compile(rb"[\w.\"'-]+\s*=")
_ASIDE = re.compile(rb"[#;]|\[.*\]\s*(?:#.*)?\Z|[\"'\]})]")  # comments, sections, and what a list goes on with


def kind_of(body: bytes) -> Kind:
    """A message with headers (RFC 5322) is a mail, settings and JSON are data, markup or no text at all is a page."""
    if is_pdf(body):
        return "pdf"
    if _MAIL.match(body) and _MAIL_HEADER.search(body[:8000]):
        return "mail"
    if _is_json(body):
        return "data"
    if not is_plain(body):  # as nearly always: found at its first tag
        return "page"
    return "data" if _is_settings(body) else "text"


def is_pdf(body: bytes) -> bool:
    return body.lstrip()[:5] == b"%PDF-"


def _is_json(body: bytes) -> bool:
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        return isinstance(json.loads(body), dict | list)
    except (ValueError, RecursionError):  # a text that begins with a bracket, or settings
        return False


def _is_settings(body: bytes) -> bool:
    lines = [line for each in body[:HEAD].splitlines() if (line := each.strip())]
    settings = sum(bool(_SETTING.match(line)) for line in lines)
    aside = sum(bool(_ASIDE.match(line)) for line in lines)
    return settings > 0 and settings + aside >= SETTINGS * len(lines)
