"""What stands where a list should: a login, a robot check, a consent wall, maintenance, scripts alone. Pure."""

from __future__ import annotations

import re

from scraper.page import Page
from scraper.text import fold, squeeze

SHORT = 2_000  # characters of text; a longer page that holds a login form has its own reasons to name no news
_MARKUP = (
    ("asks whether we are a robot", re.compile(
        r"cdn-cgi/challenge-platform|cf-chl-|_Incapsula_Resource|px-captcha|[gh]-?re?captcha|ddos-guard", re.I)),
    ("asks for a login", re.compile(r"type\s*=\s*[\"']?password|SAMLRequest|/adfs/ls", re.I)),
)  # fmt: skip
_WORDS = (
    ("asks whether we are a robot", re.compile(
        "just a moment|checking your browser|are you (a )?(human|robot)|verify (that )?you are (a )?human|access denied"
        "|attention required|security check|unusual traffic|vous etes humain|sind sie ein mensch")),
    ("is down for maintenance", re.compile(
        "maintenance|wartungsarbeiten|back (soon|shortly)|temporarily unavailable|under construction|manutenzione"
        "|mantenimiento|onderhoud")),
    ("asks for consent", re.compile(
        "before you continue|we value your privacy|accept (all )?cookies|cookie consent|consent to|alle akzeptieren"
        "|wir brauchen ihre zustimmung|tout accepter|accetta tutt|aceptar (todas|cookies)")),
    ("asks for a login", re.compile(
        "(log|sign) ?in to (continue|read|view|your)|members only|please (log|sign) ?in|bitte (melden|loggen)"
        "|nur fur mitglieder|reserve aux (membres|adherents|abonnes)|area riservata|session (has )?expired")),
)  # fmt: skip


def why_empty(page: Page) -> str:
    """Why a page names no news: the wall before it where there is one."""
    body = page.tree.body
    scripts = sum(len(node.text().split()) for node in body.css("script, style, noscript")) if body is not None else 0
    text = fold(squeeze(body.text(separator=" "))) if body is not None else ""
    if len(text) < SHORT + 8 * scripts:
        title = page.tree.css_first("title")
        said = f"{fold(squeeze(title.text())) if title else ''} {text[:SHORT]}"
        signs = ((why, sign, told) for table, told in ((_MARKUP, page.text), (_WORDS, said)) for why, sign in table)
        wall = next((why for why, sign, told in signs if sign.search(told)), "")
        if wall:
            return wall
    if len(text.split()) - scripts < 40 and page.tree.css_first("script") is not None:
        return "shows nothing without JavaScript"
    return "no group of links looks like news"
