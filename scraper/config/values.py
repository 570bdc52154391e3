"""One text of config.toml to one value: durations, sizes, cron lines. Each says what is wrong and what to write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError

from scraper.text import is_visible
from scraper.url import DEFAULT_PORTS
from storage.records.source import FirstCrawl

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}  # the largest first
_SIZES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_DURATION = r"(?:\d{1,6}\s*[smhd]\s*)+"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_EXAMPLE_HOSTS = ("example.com", "example.org", "example.net")  # RFC 2606, section 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """How often, and over how long, a thing must be seen before it is believed."""

    checks: int
    over: timedelta = timedelta(0)


def shown(value: object) -> str:
    """A value as the file shows it: text in quotes, true and false in lower case."""
    return json.dumps(value, ensure_ascii=False, default=str)


def did_you_mean(word: object, known: tuple[str, ...]) -> str:
    """`; did you mean "every"?`, or nothing where no known word is near."""
    near = get_close_matches(str(word), known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def listed(value: Any) -> Any:
    """A list as a tuple; a lone text is a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def tables(value: Any) -> Any:
    """Tables of a list as they are; a lone table is a list of one."""
    if isinstance(value, str):
        raise ValueError(f'{shown(value)} is no recipe; write {{ body = "div.text" }}')
    return (value,) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value


def selector(value: object) -> str:
    """A CSS selector, as browsers know them."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # few files need it

    try:
        if isinstance(value, str) and value.strip():
            LexborHTMLParser("").css(value)
            return value.strip()
    except SelectolaxError:
        pass
    raise ValueError(f'{shown(value)} is no CSS selector; write "div.text" or "#content > article"')


def duration(value: object) -> timedelta:
    """`30s 15m 2h 1d`, or a sum such as `1d12h`."""
    if not (isinstance(value, str) and re.fullmatch(_DURATION, value.strip())):
        raise ValueError(f'{shown(value)} is no duration; write "30m" or "6h"')
    return timedelta(seconds=sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"(\d+)\s*([smhd])", value)))


def _in_one(span: timedelta) -> str:
    """A duration as one number with the largest unit that divides it."""
    seconds = int(span.total_seconds())
    unit, count = next((unit, count) for unit, count in _SECONDS.items() if seconds % count == 0)
    return f"{seconds // count}{unit}"


def positive(value: object) -> timedelta:
    """A duration longer than nothing."""
    found = duration(value)
    if not found:
        raise ValueError(f'{shown(value)} is too short; write "30m" or "6h"')
    return found


def keeping(value: object) -> timedelta | None:
    """How long raw pages are kept; None is for ever."""
    return None if value == "forever" else positive(value)


def size(value: object) -> int:
    """Bytes from `10MB`; kB, MB and GB count in thousands, KiB, MiB and GiB in 1024."""
    match = re.fullmatch(r"(\d{1,9})\s*([kmg]?i?b)", value.strip().lower()) if isinstance(value, str) else None
    if not match or match[2] not in _SIZES or not int(match[1]):
        raise ValueError(f'{shown(value)} is no size; write "500kB" or "10MB"')
    return int(match[1]) * _SIZES[match[2]]


def confirm(value: object) -> Confirm:
    """`3 checks over 2d`, `2 checks`, `1 check`."""
    match = (
        re.fullmatch(rf"([1-9]\d?) checks?(?: over ({_DURATION}))?", value.strip()) if isinstance(value, str) else None
    )
    if not match:
        raise ValueError(f'{shown(value)} says not how often; write "3 checks over 2d" or "1 check"')
    return Confirm(checks=int(match[1]), over=duration(match[2]) if match[2] else timedelta(0))


def first_crawl(value: object) -> FirstCrawl:
    """`50 items or 180d`, `50 items`, `180d`, `all`."""
    text = value.strip() if isinstance(value, str) else ""
    if text == "all":
        return FirstCrawl(items=None, age=None)
    match = re.fullmatch(rf"(?:(\d{{1,6}}) items?)?(?: or )?({_DURATION})?", text)
    if not text or not match or ((" or " in text) != bool(match[1] and match[2])):
        raise ValueError(f'{shown(value)} bounds no first look; write "50 items or 180d", "50 items", "180d" or "all"')
    return FirstCrawl(items=int(match[1]) if match[1] else None, age=duration(match[2]) if match[2] else None)


def every(value: object) -> str:
    """How often: a duration, `adaptive`, or a cron line of five fields; kept as text, a sum as one number (`36h`)."""
    if value == "adaptive":
        return "adaptive"
    if not isinstance(value, str) or not is_cron(value):
        return _in_one(positive(value))
    try:
        CronSim(value, _ANY_DAY)
    except CronSimError as error:  # "Bad hour"
        what = str(error).removeprefix("Bad ")
        raise ValueError(
            f'{shown(value)} has no {what} of a cron line; write "0 7 * * mon-fri" for 7:00 on workdays'
        ) from error
    return " ".join(value.split())


def is_cron(value: object) -> bool:
    """Whether a text has the five fields of a cron line."""
    return isinstance(value, str) and len(value.split()) == 5


def recheck(value: object) -> str:
    """`adaptive` or a duration; kept as text."""
    if value != "adaptive":
        return _in_one(positive(value))
    return "adaptive"


def zone(value: object) -> str:
    """A time zone of the IANA list, or empty."""
    if value != "" and not (isinstance(value, str) and value in _zones()):
        hint = did_you_mean(value, tuple(_zones())) or '; write "UTC" or "Europe/Brussels"'
        raise ValueError(f"{shown(value)} is no time zone{hint}")
    return str(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def formed(form: str, fault: str) -> Callable[[object], str]:
    """The check that a text has a form from end to end; where it has not, `fault` tells of it, shown in place of {}."""

    def check(value: object) -> str:
        if not (isinstance(value, str) and re.fullmatch(form, value)):
            raise ValueError(fault.format(shown(value)))
        return value

    return check


# A span of hours, or empty.
quiet_hours = formed(f"({_CLOCK}-{_CLOCK})?", '{} is no span of hours; write "22:00-06:30"')
# When mails go out.
delivery = formed(
    f"at once|daily {_CLOCK}|weekly (?:{'|'.join(_DAYS)}) {_CLOCK}",
    '{} is no delivery; write "at once", "daily 07:30" or "weekly mon 08:00"',
)
# `email`, `folder`, `console`, or an address with a scheme, as Apprise takes them.
channel = formed(
    r"email|folder|console|[a-z][\w+.-]*://\S+",
    '{} is no channel; write "email" or an Apprise address such as "slack://..."',
)
# Two letters, or empty.
language = formed("([a-z]{2})?", '{} is no language; write its two letters, "en" or "de"')
# The name of an HTTP header (RFC 9110 5.6.2), or empty.
header_name = formed("[A-Za-z0-9-]{0,100}", '{} is no name of a header; write "X-Remote-User"')
# An Argon2 hash as text, or empty; what stands there is never shown, for it may be the password itself.
password_hash = formed(
    r"(\$argon2(id|i|d)\$[\w$=,+/-]{20,500})?", "is no hash; `accordwatch web --add-user NAME` writes one"
)
# The SHA-256 of a token, likewise.
token_hash = formed("(sha256:[0-9a-f]{64})?", "is no hash of a token; `accordwatch web --add-token NAME` writes one")
# A name that can be typed and shown anywhere.
user_name = formed(r"(?a:[\w.@-]{1,100})", "{} is no user's name; use letters, digits, and . - _ @")


def http_address(value: object) -> str:
    """An address that starts with http:// or https:// and holds no password."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        fit = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and not re.search(r"\s", text) and parts.port != 0
    except ValueError:
        fit = False
    if not fit:
        raise ValueError(f'{shown(value)} is no web address; it starts with "https://" or "http://"')
    if parts.username is not None:
        raise ValueError("the address holds a name or password; put a header into the environment, see headers_env")
    return text


def optional_http_address(value: object) -> str:
    """As `http_address`, or empty."""
    return "" if value == "" else http_address(value)


def mailbox(value: object) -> str:
    """A mail address, with or without a name before it, or empty."""
    text = value.strip() if isinstance(value, str) else "?"
    if text and not is_mailbox(text):
        raise ValueError(f'{shown(value)} is no mail address; write "name@organisation.eu"')
    return text


def is_mailbox(text: str) -> bool:
    """Whether a text is a mail address; nothing of it may break a header line."""
    bare = parseaddr(text)[1] if text.endswith(">") else text
    return text.isprintable() and bool(re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+", bare))


def contact(value: object) -> str:
    """A mail address or a web page, or empty: who runs this program."""
    return http_address(value) if isinstance(value, str) and value.startswith("http") else mailbox(value)


def placeholder(address: str) -> bool:
    """Whether an address is empty or at example.com, .org or .net, which nobody reads (RFC 2606)."""
    bare = parseaddr(address)[1] or address
    host = (urlsplit(address).hostname or "") if "://" in address else bare.rpartition("@")[2]
    return not address.strip() or any(
        f".{host.strip().rstrip('.').lower()}".endswith(f".{name}") for name in _EXAMPLE_HOSTS
    )


def on_loopback(address: str) -> bool:
    """Whether a web address is this machine's own."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def pattern(value: object) -> str:
    """A regular expression over addresses."""
    try:
        return re.compile(str(value)).pattern
    except re.error as error:
        raise ValueError(f"{shown(value)} is no regular expression: {error}") from None


def network(value: object) -> IPv4Network | IPv6Network:
    """One address or a network of them."""
    try:
        return ip_network(str(value), strict=False)
    except ValueError:
        raise ValueError(f'{shown(value)} is no network; write "127.0.0.0/8" or "10.1.2.3"') from None


def slug(text: str) -> str:
    """An id made of a name: small letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def bind(value: object) -> str:
    """HOST:PORT to listen at."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})", value) if isinstance(value, str) else None
    if not found or int(found[2]) > 65535:
        raise ValueError(f'{shown(value)} is no address to listen at; write "127.0.0.1:8765"')
    return found[0]


def named(value: Any) -> Any:
    """Tables by their names as tables that hold their name."""
    if isinstance(value, dict):
        return tuple({"name": name, **entry} if isinstance(entry, dict) else entry for name, entry in value.items())
    return value


def shown_name(value: object) -> object:
    """A name of which something can be seen, or empty."""
    if isinstance(value, str) and value and not is_visible(value):
        raise ValueError(f"{json.dumps(value)} is a name that nobody can see; write one with letters, or none")
    return value


def identity(value: object) -> str:
    """An id that is easy to type in a shell, or empty."""
    if value != "" and not (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", value)):
        raise ValueError(
            f'{shown(value)} is no id; use letters, digits, "-", "_" and ".", such as "{slug(str(value))}"'
        )
    return str(value)


def database(value: object) -> str:
    """sqlite:///FILE or postgresql[+psycopg]://..., the latter with its driver named."""
    text = value.strip() if isinstance(value, str) else ""
    if re.match(r"postgres(ql)?(\+psycopg)?://\S", text):
        return "postgresql+psycopg" + text[text.index("://") :]
    if not re.match(r"sqlite:///[^:?\s]", text):
        raise ValueError(
            f"{shown(text.split('@')[-1])} is no database of ours; "
            'write "sqlite:///accordwatch.db" or "postgresql+psycopg://user@host/db"'
        )
    return text
