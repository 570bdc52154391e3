"""Whether a page is a version of an article at all: login, consent, challenge, maintenance, soft 404, cut ..."""

from __future__ import annotations

import re

from scraper.page import Page
from scraper.parse.blocks import Outline
from scraper.parse.data import load
from scraper.parse.hints import ASIDE, FOOTER, NAV, SIDE
from scraper.parse.lexicon import CUT
from scraper.parse.metadata import Metadata
from storage.records.article import Block, Link

_SHORT = 900  # characters; a real article with such words in its title has more
_BARE = 300  # characters; a page that shows no more says nothing else than the sign
STUB = 400  # characters; a body below that which comes with a document is only its cover
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile("|".join(patterns), re.I)) for reason, patterns in load("vocabulary")["unfit"].items()
)
_PASSWORD = re.compile(r"type\s*=\s*[\"']?password", re.I)
_CHALLENGE_CODE = re.compile(
    r"cdn-cgi/challenge-platform|cf-chl-|_Incapsula_Resource|px-captcha|g-recaptcha-response|distil_r_"
)
_CONSENT_CODE = re.compile(r"consent\.(?:yahoo|google)|sp_message|privacy-mgmt|cmp-|usercentrics|didomi", re.I)
_CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{5}")  # rare inside a word of any Latin language
_WALL = re.compile(
    r"(?:subscribe|log in|sign in|register|become a member) to (?:read|continue|see|view|access)|subscribers? only|to continue reading|"  # noqa: E501
    r"jetzt weiterlesen|weiterlesen mit|nur für abonnenten|réservé aux abonnés|lire la suite|il vous reste \d+|para suscriptores|suscríbete para|"  # noqa: E501
    r"contenuto riservato|solo per abbonati|alleen voor abonnees|exclusivo para assinantes|tylko dla prenumeratorów",
    re.I,
)  # fmt: skip


def why_unfit(page: Page, outline: Outline, meta: Metadata, blocks: list[Block]) -> str | None:
    """The reason why this is no version of an article, or None."""
    if page.trouble:
        return page.trouble
    size = sum(len(block.text) for block in blocks)
    if size < _SHORT:
        reason = _by_words(page, outline, meta, blocks, size)
        if reason:
            return reason
    if not blocks or size < 40:
        return "empty"
    if is_scrambled(blocks):
        return "scrambled"
    last = blocks[-1].text
    if CUT.search(last) and (meta.linked.walled or _walled(outline)):
        return "cut"
    return None


def _by_words(page: Page, outline: Outline, meta: Metadata, blocks: list[Block], size: int) -> str | None:
    """Title, headline and the few words of a short page, held against the signs of each kind."""
    heads = [meta.title, outline.title, *[c.text for c in outline.chunks if c.level in (1, 2)][:3]]
    for reason, sign in _SIGNS:
        if any(sign.search(head) for head in heads if head):
            return reason
    if size < 300:
        if _CHALLENGE_CODE.search(page.text):
            return "challenge"
        shown = " ".join(chunk.text for chunk in outline.chunks[:40])[:1500]
        bare = len(shown) < _BARE
        for reason, sign in _SIGNS:
            doubtful = reason == "soft 404" or (reason == "login" and not _PASSWORD.search(page.text))
            if (bare or not doubtful) and sign.search(shown):
                return reason
        if _PASSWORD.search(page.text):
            return "login"
        if _CONSENT_CODE.search(page.text) and size < 100:
            return "consent"
    return None


def _walled(outline: Outline) -> bool:
    return any(_WALL.search(chunk.text) for chunk in outline.chunks if len(chunk.text) < 300)


def is_scrambled(blocks: list[Block]) -> bool:
    """Whether most words of a Latin text cannot be said: letters were shuffled to keep readers out."""
    text = " ".join(block.text for block in blocks[:10])[:1500].lower()
    words = text.count(" ")
    if words < 30:
        return False
    odd = sum(1 for _ in _CONSONANTS.finditer(text))
    return odd * 100 > 20 * words


def document_of(page: Page, outline: Outline) -> Link | None:
    """The PDF that a page of few words points to, outside of its navigation and side columns."""
    for chunk in outline.chunks:
        if chunk.box.flags & (NAV | FOOTER | ASIDE | SIDE):
            continue
        for href, text in chunk.links:
            url = page.join(href)
            if url.partition("?")[0].lower().endswith(".pdf"):
                return Link(url=url, text=text)
    return None
