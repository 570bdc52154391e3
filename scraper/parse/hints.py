"""What tag, role, class and id of an element hint at, as bits; the vocabulary of page furniture, kept in one table."""

from __future__ import annotations

import re

from scraper.parse.data import load

# Bits 0-13: what an element is by tag or role.
NAV, ASIDE, FOOTER, HEADER, FORM, FIGURE, CAPTION = (1 << i for i in range(7))
QUOTE, LIST, DATA_TABLE, ARTICLE, MAIN, HIDDEN, PRE = (1 << i for i in range(7, 14))
BLOCKS = dict.fromkeys(
    "html body div section center fieldset details summary address hgroup menu search p dir legend table tbody thead "  # noqa: SIM905
    "tfoot tr h1 h2 h3 h4 h5 h6".split(),
    0,
) | {
    "article": ARTICLE, "main": MAIN, "aside": ASIDE, "footer": FOOTER, "header": HEADER, "form": FORM,
    "nav": NAV, "figure": FIGURE, "figcaption": CAPTION, "caption": CAPTION, "blockquote": QUOTE,
    "pre": PRE, "li": LIST, "dt": LIST, "dd": LIST,
    "ul": LIST, "ol": LIST, "dl": LIST, "td": DATA_TABLE, "th": DATA_TABLE,
}  # fmt: skip
ROLES = {
    "navigation": NAV, "banner": HEADER, "contentinfo": FOOTER, "complementary": ASIDE, "search": FORM, "dialog": HIDDEN,  # noqa: E501
    "alertdialog": HIDDEN, "main": MAIN, "article": ARTICLE, "menu": NAV, "menubar": NAV, "tablist": NAV,
}  # fmt: skip

# Bits from 14: what its names say. Whole words of class and id; a * stands for any ending or any beginning.
_VOCABULARY: dict[str, list[str]] = load("vocabulary")["names"]
NAMES = tuple(_VOCABULARY)
BITS = {name: 1 << (14 + i) for i, name in enumerate(NAMES)}
BODY, CONTENT, SIDE, RELATED, LISTING, SHARE, COMMENT, AD, META, AUTHOR, NEWSLETTER, EMBED = list(BITS.values())[:12]
TAGS, CRUMB, NAVISH, FOOT, HEAD, DECK, CAPTIONISH, COOKIE, BOX, ABOUT = list(BITS.values())[12:]
_MAYBE_UNSEEN = 1 << 62

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_UNSEEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|screen-?reader(?:-text)?|visually-?hidden|element-invisible|show-for-sr|print-?only)"
    r"(?:[\s_]|$)",
    re.I,
)
_UNSEEN_WORDS = frozenset("sr sronly screen screenreader visually visuallyhidden invisible printonly print".split())  # noqa: SIM905
_MAX_WORDS = 50_000


def _compiled() -> tuple[dict[str, int], re.Pattern[str]]:
    exact: dict[str, int] = {}
    stems: list[str] = []
    for name, words in _VOCABULARY.items():
        open_ended = []
        for word in words:
            plain = word.strip("*")
            if plain != word:
                open_ended.append((".*" if word[0] == "*" else "") + plain + (".*" if word[-1] == "*" else ""))
            exact[plain] = exact.get(plain, 0) | BITS[name]
        stems.append(f"(?:(?={'|'.join(open_ended) or '(?!)'}$)(?P<{name}>))?")
    return exact, re.compile("".join(stems))


class _Words(dict[str, int]):
    """Bits of a single word, remembered; sites share their vocabulary."""

    def __init__(self) -> None:
        super().__init__()
        self.exact, self.stems = _compiled()

    def __missing__(self, word: str) -> int:
        plain = word.lower()
        bits = self.exact.get(plain, 0)
        found = self.stems.match(plain)
        if found is not None:
            for name, hit in found.groupdict().items():
                bits |= BITS[name] if hit is not None else 0
        if plain in _UNSEEN_WORDS:
            bits |= _MAYBE_UNSEEN
        if len(self) > _MAX_WORDS:
            self.clear()
        self[word] = bits
        return bits


_words = _Words()
_of_word = _words.__getitem__


class _Names(dict[str, int]):
    """Bits for a whole class or id attribute: `hints_of[names]`. Remembered, as pages of a site repeat them."""

    def __missing__(self, names: str) -> int:
        bits = _bits(names)
        if len(self) > _MAX_WORDS:
            self.clear()
        self[names] = bits
        return bits


hints_of = _Names()


def _bits(names: str) -> int:
    bits = 0
    for word in _WORD.findall(names):
        bits |= _of_word(word)
    if bits & _MAYBE_UNSEEN:
        bits &= ~_MAYBE_UNSEEN
        if _UNSEEN.search(names):
            bits |= HIDDEN
    return bits
