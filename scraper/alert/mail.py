"""The envelope: one multipart mail with stable id, thread and clean headers, the same bytes each time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from hashlib import sha256

from scraper.alert.address import NOBODY, Mailbox, read_address
from scraper.alert.wording import header_words
from storage.records.alert import Message

BODY_LENGTH = 1_000_000  # characters of one part; a mail of more is refused by many servers and read by nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, about what, when; `key` makes the id."""

    key: str
    channel: str
    to: str
    sender: str
    subject: str
    date: datetime
    parent: str = ""  # Message-ID of the first mail of its thread


def make_mail(envelope: Envelope, *, text: str, html: str) -> Message:
    """The message as it will be stored and sent. It never fails: what a header cannot carry is left out of it."""
    sender, to = read_address(envelope.sender), read_address(envelope.to)
    domain = sender.domain if sender else NOBODY
    ours = id_of("mail", envelope.key, envelope.channel, envelope.to, domain=domain)
    subject = header_words(envelope.subject) or "accordwatch"
    foreign = any(box is not None and not box.local.isascii() for box in (sender, to))
    mail = EmailMessage(policy=SMTPUTF8 if foreign else SMTP)
    mail["From"] = _named(sender or Mailbox(local="accordwatch", domain=NOBODY)).header
    mail["To"] = to.header if to else "undisclosed-recipients:;"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = ours
    if envelope.parent:
        mail["In-Reply-To"] = envelope.parent
        mail["References"] = envelope.parent
    mail["List-Id"] = f"accordwatch <accordwatch.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 5: nobody's out-of-office answers it
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_body(text), cte="quoted-printable")
    mail.add_alternative(_body(html), subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{_digest('boundary', ours)}")  # the library's own is drawn at random
    return Message(
        message_id=ours, subject=subject, to=envelope.to, text=_body(text), html=_body(html), raw=mail.as_bytes()
    )


def id_of(*facts: str, domain: str) -> str:
    """A Message-ID (RFC 5322 3.6.4) that is the same for the same facts."""
    return f"<{_digest(*facts)}@{domain}>"


def _named(sender: Mailbox) -> Mailbox:
    return sender if sender.name else Mailbox(name="accordwatch", local=sender.local, domain=sender.domain)


def _body(text: str) -> str:
    """No control characters but line ends and tabs, nothing that UTF-8 cannot carry, and an end."""
    kept = "".join(c for c in text[:BODY_LENGTH] if c in "\n\t" or c.isprintable() or (c > "\x9f" and c.isspace()))
    return kept.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n").rstrip("\n") + "\n"


def _digest(*facts: str) -> str:
    return sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
