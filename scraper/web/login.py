"""Who somebody is: the machine itself, a session, a reverse proxy's word, a token. What they may do, guard says."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request

from scraper.web.desk import Desk, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a request came in; `refusal` says why it is for nobody."""

    open: bool  # no users: whoever is at this machine
    secure: bool  # over https, as the proxy or public_url says
    port: int
    proxied: bool
    peer: str
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """The browser's own number; what a session and the word of forms hang on."""

    id: str
    fresh: bool  # made now, to be sent
    door: Door

    @property
    def header(self) -> str:
        secure = "; Secure" if self.door.secure else ""
        return f"{cookie_name(self.door)}={self.id}; Path=/; HttpOnly; SameSite=Lax{secure}"


def cookie_name(door: Door) -> str:
    """One for each port, since cookies of one machine are not kept apart by ports; __Host- where https is sure."""
    return "__Host-accordwatch" if door.secure else f"accordwatch-{door.port}"


class Logins:
    """What this process knows of its visitors beside the database: the key of form words."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    async def visitor(self, request: Request, desk: Desk, door: Door) -> tuple[Visitor | None, Cookie]:
        """Who asks, or None; and their cookie, made where there was none."""
        cookie = _cookie(request, door)
        return (self.nobody(cookie) if door.open else None), cookie

    def nobody(self, cookie: Cookie) -> Visitor:
        """Somebody without a name."""
        return Visitor(csrf=self.word(cookie))

    def word(self, cookie: Cookie) -> str:
        """What each form of this browser carries."""
        return hmac.digest(self._key, cookie.id.encode(), "sha256").hex()


def _cookie(request: Request, door: Door) -> Cookie:
    known = request.cookies.get(cookie_name(door), "")
    return Cookie(id=known, fresh=False, door=door) if len(known) == 43 else new_cookie(door)


def new_cookie(door: Door) -> Cookie:
    return Cookie(id=secrets.token_urlsafe(32), fresh=True, door=door)
