"""Mail addresses: read one, say what is wrong with it, know a placeholder. Pure; nobody is asked whether it exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address

from scraper.alert.wording import clean, header_words

NOBODY = "accordwatch.invalid"  # RFC 2606: never a real domain; stands in where no sender is set
# RFC 2606 keeps the first three for documentation; the last is what the packaged config.toml says.
PLACEHOLDERS = ("example.com", "example.org", "example.net", "your-organisation.org")
_SHAPE = re.compile(r"(?:(?P<name>[^<>]*)<(?P<inside>[^<>]*)>|(?P<bare>[^<>]*))")
_LOCAL = re.compile(r"""[^\s@<>()\[\],;:\\"\x00-\x20\x7f.]+(?:\.[^\s@<>()\[\],;:\\"\x00-\x20\x7f.]+)*""")
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One address in its parts; the domain in its ASCII form (RFC 5890), the local part as it stands."""

    name: str = ""
    local: str
    domain: str

    @property
    def spec(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def header(self) -> Address:
        return Address(display_name=self.name, username=self.local, domain=self.domain)


def read_address(text: str) -> Mailbox | None:
    """ "Zoë <zoe@münchen.de>" or "zoe@münchen.de"; None for what is not exactly one address."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None or any(char in text for char in "\r\n\0"):
        return None
    local, at, domain = (shape["inside"] or shape["bare"] or "").strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or not local.isprintable():
        return None
    if not _DOMAIN.fullmatch(ascii_domain):
        return None
    return Mailbox(name=header_words((shape["name"] or "").strip().strip('"')), local=local, domain=ascii_domain)


def is_placeholder(address: str) -> bool:
    """Whether nobody has set this address yet: empty, or at a domain that documentation uses."""
    domain = address.strip().rstrip(">").rpartition("@")[2].strip().lower().rstrip(".")
    return not address.strip() or any(domain == name or domain.endswith(f".{name}") for name in PLACEHOLDERS)


def address_fault(address: str, setting: str) -> str:
    """One line that says what is wrong with an address and what to set; empty when it may be used."""
    if is_placeholder(address):
        shown = f"{clean(address)} is a placeholder" if address.strip() else "no address is set"
        return f"{setting}: {shown}; set it to your own"
    return "" if read_address(address) else f"{setting}: {clean(address, 100)!r} is no mail address; write name@domain"
