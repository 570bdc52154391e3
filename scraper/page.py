"""Bytes and headers become a Page: decoded text, tree and base address; what the page says is left to the trades.

The only door to selectolax. Lexbor's work grows faster than its input in four cases (measured with selectolax 1.0.2:
40,000 nested divs 1.8 s, 200,000 attributes on one tag 102 s, 100 open formatting tags before 20,000 paragraphs 1.4 s,
1,000 body tags with 30 new attributes each 1.4 s). `_safe_end` finds them in linear time before the parser starts; the
page is cut there and says so in `trouble`.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from scraper.text import squeeze
from scraper.url import canonical

MAX_BYTES = 10_000_000
MAX_DEPTH = 512  # open elements; browsers stop near this depth too
MAX_ATTRIBUTES = 2_000  # on one tag, and on all html and body tags together, which the parser merges
MAX_ROOTS = 20  # html and body tags; more of them, and their attributes are counted
MAX_QUOTED_ANGLES = 8  # values holding ">"; more of them, and the page is counted tag by tag
_LARGE = 300_000  # bytes
_FEW = 4  # beginnings of tags in one stretch that are counted one by one
MANY_TAGS = 8_000  # more are counted one by one, since ends without a start can hide a depth that costs seconds
MAX_REOPENED = 300_000  # formatting elements opened again in later blocks, summed over the page


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """One HTML page, decoded and parsed. `tree` belongs to this page alone and is only read."""

    url: str
    base: str  # what relative addresses are joined to; absolute, or empty
    text: str
    tree: LexborHTMLParser
    encoding: str = "utf-8"
    trouble: str = ""  # "", "cut", "too deep", "binary" or "empty"

    def join(self, href: str) -> str:
        """The absolute address of a link, without fragment; empty when it is no http(s) address."""
        return join(self.base, href)


def page_of(body: bytes | str, url: str = "", content_type: str = "") -> Page:
    """Decode, guard and parse. `content_type` is the HTTP header as it came. Never raises on bad input."""
    cut, body = len(body) > MAX_BYTES, body[:MAX_BYTES]
    text, encoding = decode(body, content_type) if isinstance(body, bytes) else (body, "utf-8")
    if isinstance(body, bytes) and encoding == "utf-8" and "\ufffd" not in text:  # nothing had to be replaced
        raw = body.removeprefix(codecs.BOM_UTF8)
    else:
        raw = _utf8(text)
    binary = _looks_binary(text)
    if b"\0" in raw:
        text, raw = text.replace("\0", ""), raw.replace(b"\0", b"")
    trouble = "cut" if cut else ""
    if binary:
        trouble, raw = "binary", b""
    elif not text or text.isspace():
        trouble = "empty"
    end, why = _safe_end(raw)
    if why:
        raw, trouble = raw[:end], why
        text = raw.decode("utf-8", "replace")
    return Page(
        url=url, base=_base(text, url), text=text, tree=LexborHTMLParser(raw), encoding=encoding, trouble=trouble
    )


def join(base: str, href: str) -> str:
    """Absolute form of `href` without its fragment, "" when it is no http(s) address; fast for plain ones."""
    href = href.strip()
    if href.startswith(("http://", "https://")) and "\\" not in href:
        plain = href
    elif href.startswith("/") and href[1:2] not in ("/", "\\") and "/." not in href and base.count("/") >= 2:
        plain = "/".join(base.split("/", 3)[:3]).split("?", 1)[0].split("#", 1)[0] + href
    else:
        return canonical(href, base)
    if len(plain.split()) != 1 or "[" in plain:
        return canonical(href, base)
    return plain.split("#", 1)[0]


_BASE = re.compile(r"<base\s[^>]*?href\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.I)


def _base(text: str, url: str) -> str:
    """The address links are joined to: the first base element with an href, itself joined to the page's own."""
    at = max(text.find("<base", 0, 20_000), text.find("<BASE", 0, 20_000))
    found = _BASE.match(text, at) if at >= 0 else None
    if found:
        return canonical(html.unescape(found[1].strip("\"'")), url) or url
    return url


_REFRESH = re.compile(r"<noscript.*?(?:</noscript|\Z)|<!--.*?(?:-->|\Z)|<meta\s([^>]*)>", re.I | re.S)
_HTTP_EQUIV = re.compile(r"http-equiv\s*=\s*[\"']?refresh", re.I)
_UNSHOWN = re.compile(r"<(script|style|title|noscript)\b.*?</\1\s*>", re.I | re.S)
_REFRESH_TO = re.compile(r"content\s*=\s*[\"']?\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'>]+)", re.I)
_SCRIPTED_TO = re.compile(r"location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*[\"']([^\"'\s]{1,2000})[\"']", re.I)
_PATIENCE = 10  # seconds: a page that waits longer is meant to be read


def sent_on_to(body: bytes, url: str, content_type: str = "") -> str:
    """Where a page sends its readers on to by itself, by meta refresh, or by a script when it holds nothing else."""
    if b"<" not in body[:200] or not any(word in body[:20_000].lower() for word in (b"refresh", b"location")):
        return ""
    text = decode(body[:20_000], content_type)[0]
    for tag in _REFRESH.finditer(text):
        found = _REFRESH_TO.search(tag[1]) if tag[1] and _HTTP_EQUIV.search(tag[1]) else None
        if found and int(found[1]) <= _PATIENCE:
            return _elsewhere(join(_base(text, url), html.unescape(found[2]).strip()), url)
    scripted = _SCRIPTED_TO.search(text) if len(body) < 3_000 and "<script" in text.lower() else None
    if scripted and not squeeze(LexborHTMLParser(_UNSHOWN.sub("", text)).text()):
        return _elsewhere(join(_base(text, url), scripted[1]), url)
    return ""


def _elsewhere(to: str, url: str) -> str:
    return to if to and canonical(to) != canonical(url) else ""


# --- from bytes to text: the WHATWG order of evidence (html.spec.whatwg.org, "determining the character encoding") ---

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.I)
_META_CHARSET = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)|<\?xml[^>]{1,200}?encoding=[\"']([\w.-]+)", re.I)  # fmt: skip  # noqa: E501
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
# Labels that encoding.spec.whatwg.org gives another meaning than Python does.
_LABELS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "iso8859-1": "cp1252", "l1": "cp1252", "x-user-defined": "cp1252", "windows-1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "korean": "cp949", "x-euc-jp": "euc_jp", "unicode": "utf-8",
    "utf8": "utf-8", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "hz-gb-2312": "", "iso-2022-kr": "", "iso-2022-cn": "", "rot13": "",
}  # fmt: skip

_NO_CHARSETS = frozenset((  # Python's names of codecs that no page is in
    "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "utf-32", "utf-32-le", "utf-32-be", "idna",
    "punycode",
))  # fmt: skip


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of a body, and the encoding's Python name: BOM, HTTP charset, meta prescan, then UTF-8 if it fits.

    Three declarations are not believed: UTF-8 where most bytes above 127 do not fit it, a Latin label over bytes that
    are valid UTF-8, which no Latin text is by chance, and UTF-16 over bytes that are and hold no zero.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    name = _declared(body, content_type)
    if name in ("", "utf-8", "cp1252") or (name.startswith("utf-16") and b"\0" not in body):
        return _utf8_or_latin(body, name)
    return body.decode(name, "replace"), name


def _declared(body: bytes, content_type: str) -> str:
    """The encoding that HTTP or, failing that, the first 4096 bytes declare; empty when none is usable."""
    http = _CHARSET.search(content_type.encode("ascii", "replace"))
    name = _python_name(http[1]) if http else ""
    if name:
        return name
    head = body[:4096]
    meta = _META_CHARSET.search(_COMMENT.sub(b"", head))
    name = _python_name(meta[1] or meta[2]) if meta else ""
    if name.startswith("utf-16"):  # a document that says so in ASCII is none
        return "utf-8"
    if not name and head.count(b"\0") * 10 > len(head) and max(head.count(b"<\0"), head.count(b"\0<")) > 2:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    return name


def _python_name(label: bytes) -> str:
    plain = label.decode("ascii").strip().lower()
    if plain in _LABELS:
        return _LABELS[plain]
    try:
        info = codecs.lookup(plain)
    except (LookupError, ValueError):
        return ""
    return info.name if getattr(info, "_is_text_encoding", True) and info.name not in _NO_CHARSETS else ""


_BAD, _HIGH = re.compile("\ufffd+"), re.compile("[^\0-\x7f\ufffd]")


def _utf8_or_latin(body: bytes, declared: str) -> tuple[str, str]:
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    bad = len(_BAD.findall(text))
    if declared != "cp1252" and bad <= len(_HIGH.findall(text)):
        return text, "utf-8"
    return body.decode("cp1252", "replace"), "cp1252"


def _utf8(text: str) -> bytes:
    """UTF-8 for the parser; lone surrogates become U+FFFD, pairs their character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


_MAGIC = ("%PDF-", "PK\x03\x04", "GIF8", "\x89PNG", "\ufffdPNG", "‰PNG", "ÿØÿ", "\x1f\ufffd", "\x1f‹", "RIFF", "SQLite format 3", "\x7fELF")  # fmt: skip  # noqa: E501
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def _looks_binary(text: str) -> bool:
    """A file sent under the wrong name: a known beginning, or more control characters than any page has."""
    head = text[:2000]
    return head.startswith(_MAGIC) or len(_CONTROLS.findall(head)) > max(20, len(head) // 10)


# --- guards before parsing ---

_TAG_START = re.compile(rb"<([a-zA-Z/].)", re.S)  # two bytes of each tag, in one string: every second one is the first
_NESTING = re.compile(  # without those that hold nothing or that the next of their kind closes: _FLAT, and some of svg
    rb"<(?!/?(?:img|br|meta|link|input|li|p|td|th|tr|option|source|hr|dt|dd|path|use|circle|rect)[\s/>])([a-zA-Z/])",
    re.I,
)
_WINDOW = 16  # tags between two looks at the depth
_ROOTS = re.compile(rb"<(?:[hH][tT][mM][lL]|[bB][oO][dD][yY])[\s/]")
_ANY_TAG = re.compile(rb"<[a-zA-Z/]")
_SEPARATOR = re.compile(rb"[\s/\"']+")
_ANGLE_IN_VALUE = re.compile(rb"=\s*(?:\"[^\">]*>|'[^'>]*>)")


def _safe_end(raw: bytes) -> tuple[int, str]:
    """Where the parser must stop, and why; (len, "") for nearly all pages, decided by cheap bounds alone."""
    if len(raw) < 2 * MAX_ATTRIBUTES and raw.count(b"<") < MAX_DEPTH:
        return len(raw), ""
    pairs = b"".join(_TAG_START.findall(raw))
    starts = pairs[::2]
    if (
        len(starts) > MANY_TAGS
        or (_too_deep(starts) and _too_deep(b"".join(_NESTING.findall(raw)), len(starts)))
        or (sum(map(pairs.lower().count, (b"ht", b"bo"))) > MAX_ROOTS and len(_ROOTS.findall(raw)) > MAX_ROOTS)
        or _a_tag_may_be_long(raw)
    ):
        return _scan(raw)
    return len(raw), ""


def _too_deep(starts: bytes, count: int = 0) -> bool:
    """Whether tags of these first characters ("/" for end tags) may nest too far; `count` is that of all tags."""
    depth = deepest = 0
    for at in range(0, len(starts), _WINDOW):
        depth += _WINDOW - 2 * starts.count(b"/", at, at + _WINDOW)
        deepest = max(deepest, depth)
    deepest += _WINDOW
    return deepest >= MAX_DEPTH or deepest * (count or len(starts)) > 3 * MAX_REOPENED


def _a_tag_may_be_long(raw: bytes) -> bool:
    """Whether a stretch without ">" that can be inside one tag has room for too many attributes.

    A stretch lies in a tag from its first "<x" on, or wholly when the ">" before it stood in an attribute's value.
    Many such values in a row could string stretches together; a page has to be large for that to cost a second.
    """
    room, end = 2 * MAX_ATTRIBUTES, 0
    for at in range(0, len(raw), MAX_ATTRIBUTES):  # a longer stretch fills one of these windows
        if at < end or raw.find(b">", at, at + MAX_ATTRIBUTES) >= 0:
            continue
        start, end = raw.rfind(b">", 0, at) + 1, raw.find(b">", at)
        end = end if end >= 0 else len(raw)
        piece = raw[start:end]
        before = raw[max(0, start - 1 - room) : max(0, start - 1)]
        quoted = any(before.rpartition(quote)[0].rstrip().endswith(b"=") for quote in (b'"', b"'"))
        if not quoted and b"<" not in piece:  # a script, most often
            continue
        tags = [start + tag.start() for tag in islice(_ANY_TAG.finditer(piece), _FEW + 1)]
        if not quoted and len(tags) <= _FEW:
            long = any(
                start + len(piece) - tag > room and _attributes(raw, tag + 2)[1] > MAX_ATTRIBUTES for tag in tags
            )
        else:
            parts = _SEPARATOR.finditer(piece, 0 if quoted else tags[0] - start)
            long = next(islice(parts, MAX_ATTRIBUTES, None), None) is not None
        if long:
            return True
    return len(raw) > _LARGE and next(islice(_ANGLE_IN_VALUE.finditer(raw), MAX_QUOTED_ANGLES, None), None) is not None


_VALUE = rb"\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s>\"'][^\s>]*"
_ATTRIBUTE = re.compile(rb"[\s/]*([^\s/>=][^\s/>=]*|=[^\s/>=]*)(?:\s*=\s*(?:%s))?" % _VALUE)
_PLAIN_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:\s+[^\s\"'=<>/]+(?:=\"[^\"]*\")?){0,60}\s*/?>")
_OPENER = re.compile(rb"<(?:!--(?:>|->|.*?(?:--!?>|\Z))|([/]?)([a-zA-Z][^\s/>]*)|[!?/][^>]*)", re.S)
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset(b"script style title textarea xmp iframe noembed noframes noscript".split())
_CLOSES_ITSELF = frozenset(b"p li dt dd option tr td th rp rt optgroup thead tbody tfoot".split())
_FLAT = _VOID | _CLOSES_ITSELF | {b"html", b"body", b"head"}
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())


def _scan(raw: bytes) -> tuple[int, str]:
    """Count what the parser would have to do, tag by tag, and stop where it grows out of bounds; linear time."""
    depth = at = merged = reopened = formatting = 0
    opened: Counter[bytes] = Counter()
    while (start := raw.find(b"<", at)) >= 0:
        tag = _PLAIN_TAG.match(raw, start) or _OPENER.match(raw, start)
        at = tag.end() if tag else start + 1
        if tag is None or not (name := (tag[2] or b"").lower()):
            continue
        if tag.re is _OPENER or name in (b"html", b"body"):
            at, count = _attributes(raw, tag.end(2))
            merged += count if name in (b"html", b"body") else 0
            if count > MAX_ATTRIBUTES or merged > MAX_ATTRIBUTES:
                return start, "cut"
        if tag[1]:
            if opened[name]:  # an end without its start closes nothing
                opened[name] -= 1
                depth -= 1
                formatting -= name in _FORMATTING
        elif name in _RAW:
            at = _raw_end(raw, at, name)
        elif name not in _FLAT:
            opened[name] += 1
            depth += 1
            formatting += name in _FORMATTING
        if not tag[1] and name not in _FORMATTING:
            reopened += formatting
        if depth > MAX_DEPTH or reopened > MAX_REOPENED:
            return start, "too deep"
    return len(raw), ""


def _attributes(raw: bytes, at: int) -> tuple[int, int]:
    """Where the tag ends whose attributes begin here, and how many it has; counts no farther than one too many."""
    count = 0
    while count <= MAX_ATTRIBUTES and (attribute := _ATTRIBUTE.match(raw, at)) is not None:
        at, count = attribute.end(), count + 1
    return max(at, raw.find(b">", at) + 1), count


def _raw_end(raw: bytes, at: int, name: bytes) -> int:
    """Behind the end tag of a script and its like; the end of the page when there is none."""
    end = re.compile(rb"</" + name, re.I).search(raw, at)
    return end.start() if end else len(raw)
