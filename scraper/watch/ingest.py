"""News that never passes a news page: a mail, a PDF or a page file becomes items by the same flow as a look."""

from __future__ import annotations

import asyncio
import email
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from scraper.fetch.message import Fetched
from scraper.page import decode
from scraper.parse.article import read_article, read_text
from scraper.parse.issue import split_items
from scraper.parse.pdf import read_pdf
from scraper.text import squeeze
from scraper.url import canonical, identity, same_site
from scraper.watch.check import Hands, check, settle
from scraper.watch.judge import Look
from scraper.watch.kind import is_pdf, kind_of
from scraper.watch.read import ArticleReading, Trouble, article_of, understand
from storage.records.article import Article, DateFact
from storage.records.partnership import Organisation
from storage.records.source import Source, SourceId, Target, TargetKind
from storage.records.verdict import CheckReport
from storage.store import Work

BY_HAND = Source(
    id=SourceId("by-hand"), name="Taken in by hand", url=""
)  # of what no source of the configuration sends
MOST_PARTS = 100  # of one mail
LEAST = 40  # characters; a page of less is empty too
COVER = 60  # words; a mail of fewer that brings a PDF is its cover
_FORWARDED = re.compile(r"\A(?:(?:fwd?|wg|tr|rv|re|aw)\s*:\s*)+", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was given, with the address it is known by, if any."""

    name: str
    body: bytes
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One item of a file, under an address of its own: http, the mail's "mid:" (RFC 2392), or its content's hash."""

    url: str
    reading: ArticleReading
    sender: str = ""  # domain that the mail came from


async def ingest_file(
    file: File, *, hands: Hands, sources: Sequence[Source], source: Source | None = None
) -> tuple[CheckReport, ...]:
    """Take a file in; one report an item. Twice the same file changes nothing."""
    key = await asyncio.to_thread(hands.archive.put, file.body)
    whose = source or BY_HAND
    job = Job(
        file=file, key=key, seen=hands.clock.now(), publisher=whose.organisation,
        organisations=hands.policy(whose.id).organisations,
    )  # fmt: skip
    pieces = await hands.reader.read(pieces_of, job)
    if isinstance(pieces, Trouble):
        return (_untaken(file.name, source, pieces.reason),)
    return tuple([await _taken(piece, file, key, hands, source or _source_of(piece, sources)) for piece in pieces])


async def ingest_address(
    url: str, *, hands: Hands, sources: Sequence[Source], source: Source | None = None
) -> CheckReport:
    """Look at one address as at an article of its source, from now on known there."""
    address = canonical(url)
    if not address:
        return _untaken(url, source, "is no plain http(s) address")
    source = source or next((each for each in sources if same_site(each.url, address)), BY_HAND)
    return await check(await _target(address, source, hands), hands=hands)


async def _target(url: str, source: Source, hands: Hands) -> Target:
    """The target of that address, made if it is new: as news that is seen now, whose like is not looked for."""
    now, key = hands.clock.now(), identity(url) or url
    new = Target(
        source=source.id, kind=TargetKind.ARTICLE, url=url, identity=key, origin="ingest", due=now, looked=now,
        retired=not canonical(url),
    )  # fmt: skip

    def find(work: Work) -> Target:
        if source.id == BY_HAND.id:
            work.add_source(source)
        work.add_targets([new])
        return work.target_at(source.id, key)

    return await hands.writer.write(find)


async def _taken(piece: Piece, file: File, key: str, hands: Hands, source: Source) -> CheckReport:
    target = await _target(piece.url, source, hands)
    result = Fetched(url=piece.url, final_url=piece.url, status=200, body=file.body)
    look = Look(target=target, result=result, reading=piece.reading, raw=key)
    return await settle(look, hands.policy(source.id), hands)


def _source_of(piece: Piece, sources: Sequence[Source]) -> Source:
    addresses = [piece.url, piece.reading.article.canonical] + ([f"https://{piece.sender}/"] if piece.sender else [])
    return next((s for s in sources if any(a and same_site(s.url, a) for a in addresses)), BY_HAND)


def _untaken(name: str, source: Source | None, why: str) -> CheckReport:
    return CheckReport(source=(source or BY_HAND).id, url=name, kind="article", outcome="trouble", trouble=why)


# --- from bytes to items, in a process that can be killed ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that reading a file needs."""

    file: File
    key: str
    seen: datetime
    publisher: str = ""
    organisations: tuple[Organisation, ...] = ()


def pieces_of(job: Job) -> tuple[Piece, ...] | Trouble:
    """The items of a file."""
    body, url = job.file.body, job.file.url
    sender = ""
    if kind_of(body) == "mail":
        mail = email.message_from_bytes(body)
        url = url or _mid(mail)
        sender = parseaddr(_header(mail, "from"))[1].rpartition("@")[2]
        articles = list(_of_mail(mail, url, job.seen))
    else:
        articles = list(split_items(article_of(body, url, seen=job.seen)))
        url = url or canonical(articles[0].canonical)
    fit = [article for article in articles if article.unfit is None and len(article.text) >= LEAST]
    if not fit:
        return Trouble(reason=f"no article in it ({articles[0].unfit or 'empty'})" if articles else "nothing in it")
    url = url or f"urn:content:{job.key}"
    addresses = [url] + [f"{url}#{number}" for number in range(2, len(fit) + 1)]
    return tuple(
        Piece(
            url=address, sender=sender,
            reading=understand(
                replace(article, url=address), publisher=job.publisher, organisations=job.organisations
            ),
        )
        for address, article in zip(addresses, fit, strict=True)
    )  # fmt: skip


def _of_mail(mail: Message, url: str, seen: datetime) -> Iterator[Article]:
    """The items of its body, then those of the PDFs that come with it."""
    leaves = [part for part in mail.walk() if not part.is_multipart()][:MOST_PARTS]
    files = [pdf for part in leaves if is_pdf(pdf := _payload(part))]
    body = _body(mail, [part for part in leaves if part.get_content_disposition() != "attachment"], url, seen)
    if body is not None and not (files and len(body.text.split()) < COVER):
        sender = f"{body.section} {_header(mail, 'from')} {_header(mail, 'list-id')}"
        yield from (replace(item, section=body.section) for item in split_items(replace(body, section=sender)))
    for pdf in files:
        article = read_pdf(pdf, url)
        yield article if article.published else replace(article, published=_day(mail))


def _body(mail: Message, parts: list[Message], url: str, seen: datetime) -> Article | None:
    """What the mail says, from its HTML unless the plain text says far more."""
    title = _FORWARDED.sub("", squeeze(_header(mail, "subject")))
    found: dict[str, Article] = {}
    for part in parts:
        kind, charset = part.get_content_type(), f"text/html; charset={part.get_param('charset') or ''}"
        if kind == "text/html" and "html" not in found:
            found["html"] = read_article(_payload(part), url=url, seen=seen, content_type=charset)
        elif kind == "text/plain" and "plain" not in found:
            found["plain"] = read_text(title, decode(_payload(part), charset)[0], url=url)
    if not found:
        return None
    best = max(found.values(), key=lambda a: (a.unfit is None, len(a.text) * (2 if a is found.get("html") else 1)))
    return replace(best, url=url, title=title or best.title, published=best.published or _day(mail))


def _payload(part: Message) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _header(mail: Message, name: str) -> str:
    raw = str(mail.get(name, ""))
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return raw


def _mid(mail: Message) -> str:
    """The mail's own name (RFC 2392); mails without one go by their content."""
    name = "".join(_header(mail, "message-id").split()).strip("<>")[:500]
    return f"mid:{name}" if name.isascii() and name.isprintable() and name else ""


def _day(mail: Message) -> DateFact | None:
    try:
        at = parsedate_to_datetime(_header(mail, "date"))
    except (TypeError, ValueError, IndexError):
        return None
    return DateFact(value=at.date().isoformat(), precision="day", origin="mail")
