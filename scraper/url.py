"""Addresses: the form we fetch, the key under which twins are one, authority, same site. Pure; nothing is resolved.

`canonical` changes nothing a server could notice but trackers and session ids; `identity` goes farther
(scheme, www, AMP, index pages ...) and gives a key, which is for comparing only and never fetched.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

from storage.records.source import Authority

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # sitemaps.org: an address has less than 2,048 characters; PostgreSQL indexes no longer ones
REMEMBERED = 4096  # answers of a function: one look asks for the same addresses many times
LONGEST_SENT = 8000  # RFC 9110 4.1 asks recipients for 8000 octets at least; a redirect may need more than we keep

# Added by mailers, shops and social networks on the way; the page is the same without them.
_TRACKERS = re.compile(
    r"""(utm_|pk_|piwik_|matomo_|mtm_|hsa_|_hs|__hs|wt[._](mc|zmc)|at_(medium|campaign|creation|channel)|oly_|vero_|aspsessionid).*
    |(gcl|fbcl|msclk|dcl|twcl|yscl|ycl|igsh|ttcl|li_fat_|mibext|wick|zanp|ef_|s_k?wc)id|g?braid|wbraid|igsh|gclsrc|fb_(action_ids|source|ref)
    |mc_[ce]id|mkt_tok|hsctatracking|ref_(src|url)|[sn]_?cid|cmpid|ncid|icid|xtor|_ga|_gl|_openstat|spm|trk(info)?|dm_i|rss_?src
    |phpsessid|jsessionid|cfid|cftoken|oscsid|zenid|session_?id|sess_?id""",
    re.IGNORECASE | re.VERBOSE,
)
_SESSION_NAMES = frozenset({"sid", "s", "session"})  # trackers only with a value that looks drawn by lot
_SESSION_VALUE = re.compile(r"[0-9a-f]{24,64}", re.IGNORECASE)
_PATH_SESSION = re.compile(r";(jsessionid|phpsessid)=[^/?;]*|/\(S\([a-z0-9]{24}\)\)", re.IGNORECASE)

_SCHEME = re.compile(r"(https?):(/*)", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_ESCAPED_DOT = re.compile("%2e", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 2.3
_UNSENDABLE = re.compile(r"[^!#$&-;=?-\[\]_a-z~%]|%(?![0-9a-fA-F]{2})")  # must not stand raw in a request line
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")  # a last label like this makes the host an IPv4 address
_INDEX = re.compile(r"(index|default)\.(html?|php\d?|aspx?|jsp|cfm|shtml|xhtml)$", re.IGNORECASE)
_TWIN_HOST = re.compile(r"(www\d?|m|mobile|amp)\.(?=.)")
_AMP_PATH = re.compile(r"(?<=[^/])/amp/*$|(?<=[^/])\.amp$|\.amp(?=\.html?$)|^/amp(?=/[^/])", re.IGNORECASE)
_TWIN_PARAMETERS = frozenset({("amp", ""), ("amp", "1"), ("outputtype", "amp"), ("mobile", "1"), ("m", "1")})


@lru_cache(maxsize=REMEMBERED)
def canonical(url: str, base: str = "") -> str:
    """The form an address is kept and fetched in. Empty when it is no plain http(s) address.

    Fragment, trackers, session ids and default ports are gone; case, escapes and dot segments are those of
    RFC 3986 6.2.2; order of parameters and all else stay as given. Doing it twice changes nothing.
    Credentials in an address make it unusable: they would be stored, and they are mostly a trick.
    """
    try:
        parts = urlsplit(_joined(url, base))
        host, port = _host_of(parts), parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc:
        return ""
    authority = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path = _without_dots(_PATH_SESSION.sub("", _sendable(parts.path))) or "/"
    query = "&".join(pair for pair in _sendable(parts.query).split("&") if pair and not _is_tracker(pair))
    whole = f"{parts.scheme}://{authority}{path}" + (f"?{query}" if query else "")
    return whole if len(whole) <= LONGEST else ""


@lru_cache(maxsize=REMEMBERED)
def sendable(url: str, base: str = "") -> str:
    """The address as given, with no more change than a request line needs. Raises ValueError for what cannot be asked.

    Joined to `base` where it is relative. Escapes, order, trackers, doubled slashes stay; the fragment goes,
    backslashes are slashes and dot segments are walked, as in every browser (else robots.txt would be compared
    with another path than the server takes).
    """
    parts = urlsplit(_joined(url, base))
    host, port = _host_of(parts), parts.port
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise ValueError(f"{url[:200]!r} is no http(s) address")
    if "@" in parts.netloc:
        raise ValueError("the address carries credentials")
    authority = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path = _without_dots(_UNSENDABLE.sub(_escaped, parts.path)) or "/"
    query = _UNSENDABLE.sub(_escaped, parts.query)
    whole = f"{parts.scheme}://{authority}{path}" + (f"?{query}" if query else "")
    if len(whole) > LONGEST_SENT:
        raise ValueError(f"an address of {len(whole)} characters")
    return whole


@lru_cache(maxsize=REMEMBERED)
def identity(url: str) -> str:
    """The key under which twins are one: scheme, www, final slash, index pages, AMP, mobile, parameter order.

    Empty for what is no http(s) address. Never fetch it.
    """
    plain = canonical(url)
    if not plain:
        return ""
    parts = urlsplit(plain)
    pairs = sorted(pair for pair in parts.query.split("&") if pair and not _is_twin_parameter(pair))
    port = "" if parts.port in (None, *DEFAULT_PORTS.values()) else f":{parts.port}"
    return _plain_host(_host_of(parts)) + port + _plain_path(parts.path) + ("?" + "&".join(pairs) if pairs else "")


@lru_cache(maxsize=REMEMBERED)
def authority_of(url: str) -> Authority:
    """`host:port` in lower case, the port always there. Raises ValueError for what is no http(s) address."""
    parts = urlsplit(_joined(url, ""))
    host = _host_of(parts)
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise ValueError(f"{url[:200]!r} is no http(s) address")
    return Authority(f"{host}:{parts.port or DEFAULT_PORTS[parts.scheme]}")


@lru_cache(maxsize=REMEMBERED)
def site_of(url: str) -> str:
    """The registered domain by the public suffix list; for addresses without one (IP, localhost) host and port."""
    try:
        parts = urlsplit(_joined(url, ""))
        host = _host_of(parts)
        port = parts.port
    except ValueError:
        return ""
    if _is_ip(host) or "." not in host:
        return f"{host}:{port or DEFAULT_PORTS.get(parts.scheme, 0)}" if host else ""
    return _suffixes().privatesuffix(host) or host


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to the same registered domain (public suffix rules)."""
    site = site_of(one)
    return bool(site) and site == site_of(other)


def _joined(url: str, base: str) -> str:
    # Backslashes count as slashes before the query, as in the URL standard of browsers; else the host we check
    # and the host another program dials could differ.
    cleaned = "".join(c for c in url.strip(" \t\r\n\f\v\0") if c not in "\t\r\n")
    head, mark, tail = re.match(r"([^?#]*)([?#]?)(.*)", cleaned, re.DOTALL).groups()  # type: ignore[union-attr]
    head = head.replace("\\", "/")
    scheme = _SCHEME.match(head)
    # "https:host" and "http:///host" name a host as well; "http:page" is relative to a page of that very scheme.
    if scheme and (
        len(scheme[2]) > 2 or (len(scheme[2]) < 2 and not base.lower().startswith(scheme[1].lower() + "://"))
    ):
        head = f"{scheme[1]}://{head[scheme.end() :]}"
    return urljoin(base, head + mark + tail) if base else head + mark + tail


def _host_of(parts: SplitResult) -> str:
    """Host in lower case, IDNA-encoded, IPv6 in brackets, without final dot. Raises ValueError when it is none."""
    host = unquote(parts.hostname or "").lower().rstrip(".")
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    if not re.fullmatch(r"[a-z0-9._-]*", host) or ".." in host:
        raise ValueError(f"{host[:100]!r} is no host name")
    return _dotted(host) if _NUMERIC.fullmatch(host.rpartition(".")[2]) else host


def _dotted(host: str) -> str:
    """The plain form of an IPv4 address written in octal, hex, decimal or with parts missing, as browsers read it.

    Programs disagree on such notations, which is their use in tricks. Raises ValueError (url.spec.whatwg.org, 3.5).
    """
    numbers = [_number(part) for part in host.split(".")]
    *front, last = numbers
    if len(front) > 3 or any(number > 255 for number in front) or last >= 256 ** (4 - len(front)):
        raise ValueError(f"{host[:100]!r} is no IPv4 address")
    whole = sum(number << (24 - 8 * index) for index, number in enumerate(front)) + last
    return str(ipaddress.IPv4Address(whole))


def _number(part: str) -> int:
    if len(part) > 20 or not part:
        raise ValueError("no part of an IPv4 address")
    return int(part[2:] or "0", 16) if part.startswith("0x") else int(part, 8 if part[0] == "0" else 10)


def _sendable(text: str) -> str:
    """Escapes as RFC 3986 6.2.2.1 and 6.2.2.2 want them: upper case, unreserved characters bare, all else escaped."""
    return _ESCAPE.sub(_bare, _UNSENDABLE.sub(_escaped, text))


def _bare(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4; an escaped dot is a dot."""
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        plain = _ESCAPED_DOT.sub(".", segment)
        if plain == "..":
            if len(kept) > 1:
                kept.pop()
        elif plain != ".":
            kept.append(segment)
    if _ESCAPED_DOT.sub(".", segments[-1]) in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _is_tracker(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if _TRACKERS.fullmatch(name):
        return True
    return name.lower() in _SESSION_NAMES and _SESSION_VALUE.fullmatch(value) is not None


def _is_twin_parameter(pair: str) -> bool:
    name, _, value = pair.lower().partition("=")
    return (name, value) in _TWIN_PARAMETERS


@lru_cache(maxsize=4096)
def _plain_host(host: str) -> str:
    stripped = _TWIN_HOST.sub("", host, count=1) if _TWIN_HOST.match(host) else host
    return stripped if stripped == host or (not _is_ip(host) and _suffixes().privatesuffix(stripped)) else host


def _plain_path(path: str) -> str:
    before = None
    while path != before:  # what lies under one suffix may be another
        before, path = path, _INDEX.sub("", _AMP_PATH.sub("", re.sub(r"/{2,}", "/", path))).rstrip("/")
    return path


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # the list that comes with the package; no network
