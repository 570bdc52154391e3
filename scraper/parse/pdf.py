"""A PDF release becomes an Article: its text goes the way of plain text. Needs the extra `pdf` (pypdf)."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from scraper.parse.article import read_text
from scraper.text import squeeze
from storage.records.article import Article

MAX_PAGES = 60
_HYPHENATED = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
_NO_TITLE = re.compile(r"^(?:untitled|microsoft word.*|document\d*|.*\.(?:docx?|pdf|indd|pptx?)|\W*)$", re.I)
_LABEL = re.compile(  # what stands above the headline and is none
    r"^(?:(?:for )?immediate release|(?:joint )?(?:press|news|media) (?:release|statement|note)"
    r"|(?:presse|medien)mitteilung"
    r"|communiqué(?: de presse)?|comunicato stampa|comunicado(?: de (?:prensa|imprensa))?|nota de (?:prensa|imprensa)"
    r"|persbericht|informacja prasowa|pressmeddelande)[\s:.]*$",
    re.I,
)
_ENDS = (".", "!", "?", "”", '"')
_HEADING = 0.5  # of the widest line: a shorter one behind a sentence is a heading, such as "About COCIR"
_LINE, _SENTENCE = 0.75, 0.92  # of the widest line: a shorter one ends its paragraph, sooner where a sentence ends


def read_pdf(body: bytes, url: str = "") -> Article:
    """The text of a PDF, read as `read_text` does. A broken or locked file gives an Article that is unfit and says why."""  # noqa: E501
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        return Article(url=url, canonical=url, unfit="pdf: the extra is not installed (pip install accordwatch[pdf])")
    try:
        reader = PdfReader(io.BytesIO(body))
        pages = [page.extract_text() for page in reader.pages[:MAX_PAGES]]
        told = squeeze(str(reader.metadata.title or "")) if reader.metadata else ""
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        return Article(url=url, canonical=url, unfit=f"pdf: {type(error).__name__}")
    text = _paragraphs("\n".join(pages))
    first, _, rest = text.partition("\n\n")
    if rest and _LABEL.match(first):
        text, first = rest, rest.partition("\n\n")[0]
    named = told and not _NO_TITLE.match(told) and not _LABEL.match(told)
    return read_text(told if named else first if len(first) < 200 else "", text, url=url)


_EITHER = ("title", "language", "published", "published_because")
_OF_COVER = ("url", "canonical", "deck", "authors", "updated", "section", "image", "site_name", "teasers", "links")


def with_cover(document: Article, cover: Article) -> Article:
    """A release that stands in a document behind a page: the page's address and facts, the document's text."""
    either = {name: getattr(cover, name) or getattr(document, name) for name in _EITHER}
    dates = tuple(dict.fromkeys((*cover.date_candidates, *document.date_candidates)))
    return replace(document, date_candidates=dates, **either, **{name: getattr(cover, name) for name in _OF_COVER})


def _paragraphs(text: str) -> str:
    """Lines of a PDF joined to paragraphs: a short line ends one, so does a blank line."""
    lines = [line.strip() for line in _HYPHENATED.sub("", text).splitlines()]
    width = max(map(len, lines), default=0)
    parts: list[str] = []
    ended = True
    for line in lines:
        if not line:
            ended = True
            continue
        heading = len(line) < width * _HEADING and line[0].isupper() and not line.endswith(_ENDS)
        if ended or not parts or (heading and parts[-1].endswith(_ENDS)):
            parts.append(line)
        else:
            parts[-1] += " " + line
        ended = len(line) < width * (_SENTENCE if line.endswith(_ENDS) else _LINE)
    return "\n\n".join(parts)
