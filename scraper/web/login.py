"""Who somebody is: the machine itself, a session, a reverse proxy's word, a token. What they may do, guard says.

A session is a row; the browser holds a random number whose hash is its key. Passwords stand as Argon2 hashes in
config.toml, tokens, which are random already, as SHA-256.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from scraper.config.settings import WebConf, WebUser
from scraper.config.values import user_name
from scraper.errors import StorageError
from scraper.web.desk import Desk, Visitor
from storage.records.visitor import Session
from storage.store import visitors

SHORTEST, LONGEST = 10, 1000  # characters of a password (NIST SP 800-63B asks for 8 at least)
IDLE, WHOLE = timedelta(days=7), timedelta(days=30)  # a session ends so long after its last request, its first
OFTEN = timedelta(minutes=5)  # how often a session's last request is written down
WINDOW = timedelta(minutes=15)
MOST_FAILURES = {"pair": 5, "peer": 20, "name": 50}  # within the window: of one name from one address, of either alone
MOST_REMEMBERED = 10_000  # names and addresses; the oldest are forgotten
AT_ONCE = 2  # passwords tried at the same time: each takes 64 MiB (RFC 9106, second recommended option)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a request came in; `refusal` says why it is for nobody."""

    open: bool  # no users: whoever is at this machine
    secure: bool  # over https, as the proxy or public_url says
    port: int
    proxied: bool  # by an address of [web] proxies
    peer: str  # who asks, for the count of failures; behind such a proxy whom that names
    refusal: str = ""

    @property
    def cookie(self) -> str:
        """One name for each port, since cookies are not kept apart by ports; __Host- where https is sure."""
        return "__Host-accordwatch" if self.secure else f"accordwatch-{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """The browser's own number; what a session and the word of forms hang on."""

    id: str
    fresh: bool  # made now, to be sent
    door: Door

    @property
    def header(self) -> str:
        """RFC 6265bis; Lax, so that links in mails find their reader logged in."""
        secure = "; Secure" if self.door.secure else ""
        kept = int(WHOLE.total_seconds())
        return f"{self.door.cookie}={self.id}; Path=/; Max-Age={kept}; HttpOnly; SameSite=Lax{secure}"

    @property
    def key(self) -> str:
        return sha256(self.id.encode()).hexdigest()


class Logins:
    """What this process knows of its visitors beside the database: the key of form words, and who failed of late."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._failures: OrderedDict[tuple[str, ...], list[datetime]] = OrderedDict()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._noting: dict[str, asyncio.Task[None]] = {}

    async def visitor(self, request: Request, desk: Desk, door: Door) -> tuple[Visitor | None, Cookie]:
        """Who asks, or None; and their cookie, made where there was none."""
        known = request.cookies.get(door.cookie, "")
        cookie = Cookie(id=known, fresh=False, door=door) if len(known) == 43 else new_cookie(door)
        if door.open:
            return self.nobody(cookie), cookie
        web = desk.config.web
        if user := _by_token(request, web):
            return Visitor(user=user, means="token"), cookie
        if user := _by_proxy(request, web, door):
            return Visitor(user=user, means="proxy", csrf=self.word(cookie)), cookie
        session = None if cookie.fresh else await self._session(cookie, desk)
        return (Visitor(user=session.user, means="session", csrf=self.word(cookie)) if session else None), cookie

    def nobody(self, cookie: Cookie) -> Visitor:
        """Somebody without a name."""
        return Visitor(csrf=self.word(cookie))

    def word(self, cookie: Cookie) -> str:
        """What each form of this browser carries."""
        return hmac.digest(self._key, cookie.id.encode(), "sha256").hex()

    async def log_in(self, name: str, password: str, desk: Desk, door: Door) -> Cookie | timedelta | None:
        """A new session's cookie; how long to wait after too many failures; or None, whatever of it was wrong."""
        now = desk.hands.clock.now()
        wait = self._wait(name, door.peer, now)
        if wait:
            return wait
        self._failed(name, door.peer, now)  # before the try, so that many at once do not get through
        user = desk.config.web.user(name)
        async with self._room:
            right = await run_in_threadpool(_fits, password, user)
        if not right or user is None:
            return None
        self._fitted(name, door.peer, now)
        cookie = new_cookie(door)
        session = Session(key=cookie.key, user=name, proof=_proof(user), began=now, seen=now)
        await desk.hands.writer.write(
            lambda work: visitors.open_session(work.connection, session, began=now - WHOLE, seen=now - IDLE)
        )
        return cookie

    async def log_out(self, cookie: Cookie, desk: Desk) -> Cookie:
        """End the session; a new number for the browser."""
        await desk.hands.writer.write(lambda work: visitors.close_session(work.connection, cookie.key))
        return new_cookie(cookie.door)

    async def _session(self, cookie: Cookie, desk: Desk) -> Session | None:
        session, now = await run_in_threadpool(desk.catalogue.session, cookie.key), desk.hands.clock.now()
        user = desk.config.web.user(session.user) if session else None
        if session is None or user is None or session.proof != _proof(user):
            return None
        if now - session.seen > IDLE or now - session.began > WHOLE:
            return None
        if now - session.seen > OFTEN and session.key not in self._noting:
            self._noting[session.key] = asyncio.create_task(self._saw(session.key, now, desk))
        return session

    async def _saw(self, key: str, now: datetime, desk: Desk) -> None:
        """Aside: nobody waits for a memory that is busy, and a request more that is not noted harms nobody."""
        try:
            with suppress(StorageError, RuntimeError):  # the latter: a writer that has closed meanwhile
                await desk.hands.writer.write(lambda work: visitors.saw_session(work.connection, key, now))
        finally:
            del self._noting[key]

    def _wait(self, name: str, peer: str, now: datetime) -> timedelta | None:
        waits = []
        for key in _counted(name, peer):
            recent = [at for at in self._failures.get(key, ()) if now - at < WINDOW]
            if len(recent) >= MOST_FAILURES[key[0]]:
                waits.append(recent[0] + WINDOW - now)
        return max(waits, default=None)

    def _failed(self, name: str, peer: str, now: datetime) -> None:
        for key in _counted(name, peer):
            recent = [at for at in self._failures.pop(key, ()) if now - at < WINDOW]
            self._failures[key] = [*recent, now]
        while len(self._failures) > MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def _fitted(self, name: str, peer: str, now: datetime) -> None:
        """Give back what was counted before the try; of this name from this address, all failures."""
        pair, *others = _counted(name, peer)
        self._failures.pop(pair, None)
        for key in others:
            if now in (at := self._failures.get(key, [])):
                at.remove(now)


def new_cookie(door: Door) -> Cookie:
    return Cookie(id=secrets.token_urlsafe(32), fresh=True, door=door)


def hashed(password: str) -> str:
    """A password as [web.users.NAME] holds it."""
    return PasswordHasher().hash(password)


def token_hash(token: str) -> str:
    """A token, likewise."""
    return f"sha256:{sha256(token.encode()).hexdigest()}"


def _fits(password: str, user: WebUser | None) -> bool:
    """Whether it is the user's password; for nobody it takes as long to say no."""
    known = user.password if user and user.password else _nobodys()
    try:
        PasswordHasher().verify(known, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return user is not None and known == user.password


@cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(32))


def _proof(user: WebUser) -> str:
    return sha256(user.password.encode()).hexdigest()[:16]


def _by_token(request: Request, web: WebConf) -> str:
    """The user whose token was sent: as Bearer (RFC 6750), or for feed readers as a password (RFC 7617)."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic" and request.method in ("GET", "HEAD"):
        try:  # browsers remember these, so they are good for reading only
            sent = base64.b64decode(sent, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, or of no text
            return ""
    elif scheme.lower() != "bearer":
        return ""
    found, right = "", token_hash(sent.strip())
    for user in web.users:
        if user.token and hmac.compare_digest(user.token, right):
            found = user.name
    return found


def _by_proxy(request: Request, web: WebConf, door: Door) -> str:
    """The name that a trusted proxy gives; one name, said once."""
    said = request.headers.getlist(web.user_header) if web.user_header and door.proxied else []
    try:
        return user_name(said[0]) if len(said) == 1 else ""
    except ValueError:
        return ""


def _counted(name: str, peer: str) -> tuple[tuple[str, ...], ...]:
    """What failures are counted by."""
    name, peer = name[:100].lower(), customer(peer)
    return ("pair", name, peer), ("peer", peer), ("name", name)


def customer(peer: str) -> str:
    """Whom an address stands for: of IPv6 the network that one customer gets (RFC 6177)."""
    try:
        number = ip_address(peer)
    except ValueError:
        return peer
    return str(int(number) >> 64) if isinstance(number, IPv6Address) else peer
