"""A recipe of the configuration at work: what its selectors find on a page. Which recipe holds when, its noun knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.page import Page
from scraper.parse.blocks import Box, Chunk, Outline
from scraper.parse.lexicon import CUT
from storage.records.article import Teaser
from storage.records.source import Recipe

_MARK = "accordwatch-body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What a recipe found on a page; `page` is without what it removes, and bears marks on the body."""

    page: Page
    recipe: Recipe | None = None
    title: str = ""
    published: tuple[str, ...] = ()

    def body(self, outline: Outline) -> list[Chunk] | None:
        """The chunks of the marked elements; None where the recipe names none, or finds nothing on this page."""
        if self.recipe is None or not self.recipe.body:
            return None
        return [chunk for chunk in outline.chunks if _marked(chunk.box)] or None

    def teasers(self) -> tuple[Teaser, ...] | None:
        """The links of the named elements, each with its own words; None where the recipe names none."""
        if self.recipe is None or not self.recipe.teasers:
            return None
        found: dict[str, Teaser] = {}
        for node in _find(self.page.tree, self.recipe.teasers):
            for link in [node] if node.tag == "a" else _find(node, "a[href]"):
                url, title = self.page.join(link.attributes.get("href") or ""), _words(link)
                if url and title:
                    found.setdefault(url, Teaser(title=title, url=url, truncated=bool(CUT.search(title))))
        return tuple(found.values())


def pick(page: Page, recipe: Recipe | None) -> Picked:
    """Apply a recipe to a page of its own, so that the given one stays as it is. A selector that finds nothing does nothing."""  # noqa: E501
    if recipe is None:
        return Picked(page=page)
    tree = LexborHTMLParser(page.text.encode("utf-8", "replace"))
    for selector in recipe.remove:
        once = {node.mem_id: node for node in _find(tree, selector) if node.tag not in ("html", "head", "body")}
        for node in reversed(once.values()):  # inner ones first: what holds them frees them too
            node.decompose()
    for node in _find(tree, recipe.body):
        for inner in (node, *node.css("*")):
            inner.attrs["class"] = f"{inner.attributes.get('class') or ''} {_MARK}"
    title = next(map(_words, _find(tree, recipe.title)), "")
    published = next(map(_moments, _find(tree, recipe.published)), ())
    return Picked(page=replace(page, tree=tree), recipe=recipe, title=title, published=published)


def _find(tree: LexborHTMLParser | LexborNode, selector: str) -> Iterator[LexborNode]:
    """What a selector finds; the configuration has checked it, a caller of the library may not have."""
    try:
        yield from tree.css(selector) if selector else ()
    except SelectolaxError:
        return


def _words(node: LexborNode) -> str:
    return " ".join((node.text(separator=" ") or "").split())


def _moments(node: LexborNode) -> tuple[str, ...]:
    given = (node.attributes.get("datetime"), node.attributes.get("content"), _words(node))
    return tuple(text for text in given if text)


def _marked(box: Box | None) -> bool:
    while box is not None:
        if _MARK in box.names:
            return True
        box = box.parent
    return False
