"""The rules of one fetch: given what is known, what comes next? Pure; the client performs what is said here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from scraper.fetch import robots
from scraper.fetch.message import Failed, Fetched, FetchRequest, FetchResult, Hop, NotModified, Refused
from scraper.fetch.pace import wish_of
from scraper.url import authority_of, sendable
from storage.records.source import Authority, Host

MOST_HOPS = 10
MOST_COOKIE = 4096  # bytes of cookies carried inside one fetch
PATIENCE = timedelta(seconds=90)  # longest wait for a host's pace inside one fetch; above it, later
REDIRECTS = (301, 302, 303, 307, 308)
TOLD = ("accept", "if-none-match", "if-modified-since")  # request headers that are no secret
FINAL = (400, 401, 403, 404, 405, 406, 410, 414, 451)  # asking again soon will not help


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRobots:
    """The robots.txt at this address must be read first."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The host's pace: not before this."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Ask for this address with these headers."""

    url: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The fetch is over."""

    result: FetchResult


Step = AskRobots | Wait | Send | Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One fetch on its way: what was asked for, where it stands now, which redirects it followed."""

    request: FetchRequest
    url: str  # as it will go out
    hops: tuple[Hop, ...] = ()
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # set on the way by the present origin

    @property
    def authority(self) -> Authority:
        return authority_of(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer from the wire, its body read and decoded where the status wants one."""

    status: int
    headers: tuple[tuple[str, str], ...]  # lower-case names
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def encoding(self) -> str:
        """What the body was put through, in order: all Content-Encodings, then transfer codings other than chunked."""
        content = [value for key, value in self.headers if key == "content-encoding"]
        transfer = [value for key, value in self.headers if key == "transfer-encoding"]
        names = [name.strip() for name in ",".join(content + transfer).lower().split(",")]
        return ",".join(name for name in names if name not in ("", "chunked", "identity"))


def begin(request: FetchRequest) -> Journey | Done:
    """The journey for a request, or a refusal for an address that nobody should ask for."""
    try:
        return Journey(request=request, url=sendable(request.url))
    except ValueError as error:
        return Done(result=_no_address(request, request.url, str(error)))


def next_step(journey: Journey, host: Host, now: datetime) -> Step:
    """What to do now, while the host's lease is held."""
    if host.next_allowed is not None and host.next_allowed - now > PATIENCE:
        return Done(result=_later(journey, host.next_allowed, host.trouble))
    if robots.must_ask(host, now):
        return AskRobots(url=urljoin(journey.url, "/robots.txt"))
    if not robots.allows(host, journey.url):
        return Done(result=_forbidden(journey, host))
    if host.next_allowed is not None and host.next_allowed > now:
        return Wait(until=host.next_allowed)
    return Send(url=journey.url, headers=_headers(journey))


def after(journey: Journey, response: Response, host: Host, now: datetime) -> Journey | Done:
    """The next hop of the journey, or its end."""
    status = response.status
    if status in REDIRECTS and response.header("location"):
        return _redirected(journey, response)
    if status == 304 and not journey.hops and (journey.request.etag or journey.request.last_modified):
        return Done(result=_not_modified(journey.request, response))
    if status == 206:  # a part that nobody asked for must not become a version
        return Done(result=Failed(url=journey.request.url, kind="truncated", reason="answered with a part", status=206))
    if 200 <= status < 300 and not is_wanted(response):
        reason = f"is {response.header('content-type')[:60]}, not a page"
        return Done(result=Refused(url=journey.request.url, kind="type", reason=reason))
    if 200 <= status < 300:
        return Done(result=_fetched(journey, response, host, now))
    return Done(result=_bad_status(journey, status, host))


def is_wanted(response: Response) -> bool:
    """Whether the body is worth reading: pictures, sound, films and fonts are not."""
    return not response.header("content-type").lower().startswith(("image/", "audio/", "video/", "font/"))


def busy(journey: Journey) -> Done:
    """Another process holds the host."""
    reason = f"{journey.authority} is being asked by another process"
    return Done(result=Refused(url=journey.request.url, kind="busy", reason=reason))


def _headers(journey: Journey) -> tuple[tuple[str, str], ...]:
    """Validators go out on the first hop only, the source's own headers to its own origin only."""
    request = journey.request
    headers = [("accept", request.accept)]
    if not journey.hops:
        headers += [("if-none-match", request.etag)] if _is_plain(request.etag) else []
        headers += [("if-modified-since", request.last_modified)] if _is_plain(request.last_modified) else []
    if origin(journey.url) == origin(sendable(request.url)):
        headers += list(request.headers)
    if journey.cookies and not any(name.lower() == "cookie" for name, _ in headers):
        headers.append(("cookie", "; ".join(f"{name}={value}" for name, value in journey.cookies)))
    return tuple(headers)


@lru_cache(maxsize=4096)
def origin(url: str) -> tuple[str, str]:
    """Scheme and authority: what credentials belong to (RFC 6454 4)."""
    return urlsplit(url).scheme, authority_of(url)


def _is_plain(value: str) -> bool:
    """A validator that can be sent back: some servers send pages of it, or control characters."""
    return 0 < len(value) <= 1024 and value.isascii() and value.isprintable()


def _redirected(journey: Journey, response: Response) -> Journey | Done:
    request = journey.request
    hops = (*journey.hops, Hop(url=journey.url, status=response.status))
    target = _as_written(response.header("location"))
    try:
        url = sendable(target, journey.url)
    except ValueError as error:
        return Done(result=_no_address(request, target, f"redirected to {error}"))
    cookies = _cookies(journey, response) if origin(url) == origin(journey.url) else ()
    if len(hops) > MOST_HOPS or (any(url == hop.url for hop in hops) and cookies == journey.cookies):
        reason = f"more than {MOST_HOPS} redirects" if len(hops) > MOST_HOPS else f"redirects in a circle at {url}"
        return Done(result=Refused(url=request.url, kind="redirects", reason=reason))
    return replace(journey, url=url, hops=hops, cookies=cookies)


def _as_written(location: str) -> str:
    """Header bytes arrive as latin-1; addresses with bare letters in them are mostly UTF-8."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return location


def _cookies(journey: Journey, response: Response) -> tuple[tuple[str, str], ...]:
    """Some sites redirect to themselves until their cookie comes back. Kept for this journey and this origin only."""
    jar = dict(journey.cookies)
    for key, header in response.headers:
        name, equals, value = header.partition(";")[0].partition("=")
        if key == "set-cookie" and equals and _is_plain(name.strip()):
            jar[name.strip()] = value.strip()
    whole = sum(len(name) + len(value) for name, value in jar.items())
    return tuple(jar.items()) if whole <= MOST_COOKIE else journey.cookies


def _fetched(journey: Journey, response: Response, host: Host, now: datetime) -> Fetched:
    return Fetched(
        url=journey.request.url, final_url=journey.url, status=response.status, headers=response.headers,
        body=response.body, etag=response.header("etag"), last_modified=response.header("last-modified"),
        sent=tuple(pair for pair in _headers(journey) if pair[0] in TOLD and pair not in journey.request.headers),
        hops=journey.hops, sitemaps=robots.rules_of(host.robots).sitemaps if host.robots else (),
        retry_after=wish_of(response.header("retry-after"), now),
    )  # fmt: skip


def _not_modified(request: FetchRequest, response: Response) -> NotModified:
    return NotModified(
        url=request.url,
        etag=response.header("etag") or request.etag,
        last_modified=response.header("last-modified") or request.last_modified,
    )


def _bad_status(journey: Journey, status: int, host: Host) -> Failed:
    return Failed(
        url=journey.request.url, kind="status", reason=f"answered {status}", status=status,
        retryable=status not in FINAL, retry_at=host.next_allowed if host.failures else None, hops=journey.hops,
    )  # fmt: skip


def _forbidden(journey: Journey, host: Host) -> Refused:
    if host.robots is None:
        said = f"answered {host.robots_status}" if host.robots_status else "could not be had"
        reason = f"robots.txt of {host.authority} {said}, so nothing is asked for now"
        return Refused(url=journey.request.url, kind="robots", reason=reason, retry_at=host.robots_until)
    reason = f"robots.txt of {host.authority} forbids {journey.url}"
    return Refused(url=journey.request.url, kind="robots", reason=reason)


def _later(journey: Journey, until: datetime, why: str) -> Refused:
    reason = f"{journey.authority} wants to be left alone until {until:%Y-%m-%d %H:%M} UTC{f' ({why})' if why else ''}"
    return Refused(url=journey.request.url, kind="busy", reason=reason, retry_at=until)


def _no_address(request: FetchRequest, target: str, reason: str) -> Refused:
    ours = target.lstrip().lower().startswith(("http:", "https:", "/", "\\"))
    return Refused(url=request.url, kind="guard" if ours else "scheme", reason=reason)
