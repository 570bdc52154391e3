"""The one way in: every request passes here before any route sees it. Hosts, origins, logins and form words are judged,
every answer gets its headers. Who somebody is, is for login; what they see, for pages.

Open to this machine (no users): only loopback Hosts, so that no foreign name can be bound to it (DNS rebinding), and
nothing that came through a proxy. With users: a login, a token or the proxy's word for everything but PUBLIC.
"""

from __future__ import annotations

import hmac
import logging
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders, State
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scraper.config.settings import WebConf
from scraper.errors import UserError
from scraper.web import render
from scraper.web.desk import Desk
from scraper.web.login import Door, Logins

LOG = logging.getLogger("accordwatch")
PUBLIC = frozenset({"/login", *(f"/static/{name}" for name in render.STATIC)})  # whole paths: no prefix to confuse
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST = 5_000_000  # bytes of a form: a list of sources as OPML is the largest thing that is sent here
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not no-referrer: that would make the Origin of our own forms "null" (Fetch standard, 3.2 Origin header)
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?", re.ASCII)
_PROXIED = re.compile(r"forwarded|x-forwarded.*|x-real-ip|via")
_ODD_CHARSET = re.compile(r"^multipart/.*charset(?!\s*=\s*\"?utf-8\"?\s*(?:;|$))")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refused(Exception):  # noqa: N818 - a value on its way out, no fault
    """A request that is not let in, with what the visitor reads."""

    def __init__(self, status: int, title: str, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.title, self.words = status, title, words
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Guard:
    """ASGI middleware around everything else. `state.desk` is the present Desk, or None while it is made anew."""

    def __init__(self, app: ASGIApp, *, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["method"] == "HEAD":  # as GET; the server leaves the body out
            scope = {**scope, "method": "GET"}
        request, began = Request(scope, receive), False

        async def dressed(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                _dress(MutableHeaders(raw=message["headers"]), request)
            await send(message)

        try:
            receive = await self._let_in(request)
            await self._app(scope, receive, dressed)
        except Refused as refused:
            answer = render.trouble(request, refused.status, refused.title, refused.words, headers=refused.headers)
            await answer(scope, receive, dressed)
        except ClientDisconnect:
            return
        except UserError as error:  # only of who somebody is: the application tells its own in words
            LOG.error("the dashboard cannot tell who asks: %s", error)
            words = "The program's memory cannot be asked just now; its log says why. Try again."
            await render.trouble(request, 503, "One moment", words)(scope, receive, dressed)
        except _Elsewhere as elsewhere:
            await RedirectResponse(elsewhere.to, 303)(scope, receive, dressed)
        except Exception:
            LOG.exception("the dashboard failed at %s; please report it", scope["path"][:200])
            if not began:
                words = "The fault is in the program's log. Going back and trying again does no harm."
                await render.trouble(request, 500, "Something went wrong here", words)(scope, receive, dressed)

    async def _let_in(self, request: Request) -> Receive:
        """Put desk and visitor into the scope and give back the body's channel. Raises Refused and _Elsewhere."""
        desk: Desk | None = self._state.desk
        if desk is None:
            again = {"retry_after": "2"} | ({"refresh": "2"} if request.method in SAFE else {})
            words = "The program begins anew with its changed configuration. Try again."
            raise Refused(503, "One moment", words, **again)
        if unclear := _unclear(request):
            raise Refused(400, "Not understood", unclear, connection="close")
        door = door_of(desk.config.web, request)
        if door.refusal:
            raise Refused(403, "Not from here", door.refusal)
        logins: Logins = self._state.logins
        visitor, cookie = await logins.visitor(request, desk, door)
        request.scope.update({"accordwatch.desk": desk, "accordwatch.door": door, "accordwatch.cookie": cookie})
        if visitor is None and request.scope["path"] not in PUBLIC:
            raise _unknown(request)
        known = visitor or logins.nobody(cookie)
        request.scope["accordwatch.visitor"] = known
        if request.method in SAFE or known.means == "token":
            return request.receive
        if known.means == "machine" and _is_a_program(request):
            return request.receive
        return await _with_word(request, known.csrf)


def _unclear(request: Request) -> str:
    """What two readers could take for different requests."""
    if {"content-length", "transfer-encoding"} <= set(request.headers):
        return "a request has one length: Content-Length or Transfer-Encoding"  # RFC 9112 6.1: smuggling
    if _ODD_CHARSET.search(request.headers.get("content-type", "").lower()):
        return "a form is sent in UTF-8"  # other codecs, such as unicode_escape, make text that cannot be written
    return ""


class _Elsewhere(Exception):  # noqa: N818
    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


def _unknown(request: Request) -> Exception:
    """What somebody meets who is not logged in: a person the login, a program one line."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        asked = request.scope["path"] + (f"?{request.url.query}" if request.url.query else "")
        return _Elsewhere("/login" + render.query({"next": asked if asked != "/" else ""}))
    scheme = "Basic" if request.scope["path"].startswith("/feeds/") else "Bearer"  # feed readers know no other way
    words = "log in, or send a token: Authorization: Bearer ..."
    return Refused(401, "Who are you?", words, www_authenticate=f'{scheme} realm="accordwatch"')


def door_of(web: WebConf, request: Request) -> Door:
    """Whether this door is for a request at all: its Host, its proxies, its origin."""
    near = request.client.host if request.client else ""
    port = (request.scope.get("server") or ("", 0))[1] or 0
    proxied = web.is_proxy(near)
    host, public = request.headers.get("host", "").lower(), urlsplit(web.public_url.lower())
    by_proxy = proxied and request.headers.get("x-forwarded-proto", "") == "https"
    secure = by_proxy or (public.scheme == "https" and host == public.netloc)
    refusal = (
        _not_by_proxy(web, request.headers, near) or _not_that_host(web, host, port) or _not_from_there(
            request, {f"http{'s' if secure else ''}://{host}", f"{public.scheme}://{public.netloc}"})
    )  # fmt: skip
    peer = _behind(web, request.headers) if proxied else near
    return Door(open=web.open, secure=secure, port=port, proxied=proxied, peer=peer or near, refusal=refusal)


def _behind(web: WebConf, headers: Headers) -> str:
    """Whom the proxies forward: the last address that is none of theirs; what stands before it anyone may have said."""
    told = [each.strip() for each in headers.get("x-forwarded-for", "").split(",")]
    return next((each for each in reversed(told) if each and not web.is_proxy(each)), "")


def _not_by_proxy(web: WebConf, headers: Headers, peer: str) -> str:
    if not web.open:
        return ""
    if any(_PROXIED.fullmatch(name) for name in headers):
        return (
            "set up users first: this came through a proxy, and without users the dashboard is for this machine alone"
        )
    return "" if _is_loopback(peer) else "set up users first: without them the dashboard is for this machine alone"


def _not_that_host(web: WebConf, host: str, port: int) -> str:
    """RFC 9110 7.2; a name that is not ours is how DNS rebinding comes in. With users an address may stand there too:
    no DNS was asked for it."""
    local = _LOCAL.fullmatch(host)
    if local and int(local[2] or 80) == port:
        return ""
    if web.open:
        return f"this address is not the dashboard's own: open http://localhost:{port}/"
    if host and host == urlsplit(web.public_url.lower()).netloc:
        return ""
    if _is_address(host, port):
        return ""
    return "this address is not the dashboard's own; [web] public_url names it"


def _not_from_there(request: Request, own: set[str]) -> str:
    """Where the browser says that it comes from (Fetch Metadata), and on each change of state the Origin."""
    site, mode = request.headers.get("sec-fetch-site", ""), request.headers.get("sec-fetch-mode", "")
    framed = request.headers.get("sec-fetch-dest", "") in ("iframe", "frame", "object", "embed")
    foreign = site in ("cross-site", "same-site")
    origin = request.headers.get("origin")
    if request.method in SAFE:
        return "another site may link here, not load from here" if foreign and (mode != "navigate" or framed) else ""
    if foreign or (origin is not None and origin not in own):
        return "another site may not change anything here"
    return ""


def _is_a_program(request: Request) -> bool:
    """A client of the API on this machine: browsers send an Origin with each POST, and no form of theirs sends JSON."""
    browsers = {"origin", "sec-fetch-site", "referer"} & set(request.headers)
    return request.scope["path"].startswith("/api/") and not browsers and _kind(request) not in (*_FORMS, "text/plain")


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _with_word(request: Request, csrf: str) -> Receive:
    """Check the word that our own forms carry; the body can be read again from what is given back."""
    body = await _body(request)
    word = request.headers.get("x-csrf-token", "") or await _word_in_form(request, body)
    if not hmac.compare_digest(word.encode(), csrf.encode()):
        raise Refused(
            403, "This form is too old", "Go back, load the page again and repeat what you did: nothing was changed."
        )
    return _again(body, request.receive)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more; after it whatever really comes, such as the word that the client has gone."""
    waiting = [body]

    async def read() -> Message:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await receive()

    return read


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise Refused(413, "That is too large", f"at most {LARGEST:,} bytes can be sent at once")
        parts.append(part)
    return b"".join(parts)


async def _word_in_form(request: Request, body: bytes) -> str:
    kind = _kind(request)
    try:
        if kind == _FORMS[0]:
            return parse_qs(body.decode("utf-8", "replace"), max_num_fields=1000).get("csrf", [""])[0]
        if kind == _FORMS[1]:
            async with Request(request.scope, _again(body, request.receive)).form(max_files=1, max_fields=100) as form:
                return str(form.get("csrf", ""))
    except (ValueError, HTTPException) as error:
        raise Refused(400, "Not understood", "The form cannot be read.") from error
    return ""


def _dress(headers: MutableHeaders, request: Request) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    door: Door | None = request.scope.get("accordwatch.door")
    if door is not None and door.secure:
        headers.setdefault("strict-transport-security", "max-age=31536000")
    fresh = request.scope.get("accordwatch.cookie")
    page = headers.get("content-type", "").startswith("text/html")
    if fresh is not None and fresh.fresh and page and "set-cookie" not in headers:
        headers.append("set-cookie", fresh.header)


def _is_loopback(peer: str) -> bool:
    known = _address(peer)
    return known is not None and known.is_loopback


def _is_address(host: str, port: int) -> bool:
    """A Host that is an address as numbers, with this port."""
    try:
        parts = urlsplit(f"//{host}")
        return _address(parts.hostname or "") is not None and (parts.port or 80) == port
    except ValueError:  # such as a port beyond 65535
        return False


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
