"""When the page was published and updated: all candidates with their origin, then one choice with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from scraper.page import Page
from scraper.parse.blocks import Chunk, Outline
from scraper.parse.dates import dates_with_places, in_utc, parse_date
from scraper.parse.hints import ARTICLE, ASIDE, COMMENT, FOOTER, MAIN, META, NAV, RELATED, SIDE
from scraper.parse.structured import Linked
from storage.records.article import DateFact
from storage.records.source import Hints

# Names of meta elements without their marks. Months and years alone, and times of crawling or deploying, are left out.
_PUBLISHED = re.compile(
    r"(?:og|article|blog|shareaholic|parsely|sailthru|rnews|dc|dcterms|citation|cxense|cxenseparse|cxenseparserecs|awa|w|by|"
    r"cludo|page|content|news|post|first|original|the|display)*"
    r"(?:publish(?:ed)?|publication|pub|publishing|posted|post|issued?|release[d]?|created|online|date)"
    r"(?:date|time|on|at|issued|created|original|published|pub)*"
)
_UPDATED = re.compile(r"(?:og|article|shareaholic|dc|dcterms|date|page|content|last)*(?:modified|updated?|lastmod|revised)(?:date|time|on|at)*")  # fmt: skip  # noqa: E501
_NO_LETTER = re.compile(r"[^a-z]+")
_FIRST = ("article:published_time", "og:published_time", "datepublished")  # before other names of publishing
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2]|[a-z]{3,9})[/_-](0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|/(20[0-2]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_URL_MONTH = re.compile(r"/((?:19|20)\d{2})/(0[1-9]|1[0-2])/")
_UPDATE_WORD = re.compile(
    r"updated?|modified|revised|reviewed|aktualisiert|geändert|mis à jour|modifié|actualizad|modificad|aggiornat|bijgewerkt|aangepast|"  # noqa: E501
    r"atualizad|zaktualizowan|uppdaterad|opdateret|oppdatert|päivitetty|обновлен",
    re.I,
)
_PUBLISH_WORD = re.compile(
    r"publi[sc]|posted|released|veröffentlicht|erschienen|erstellt|gepubliceerd|geplaatst|publié|paru le|opublikowan|опубликован|"  # noqa: E501
    r"julkaistu|offentliggjort",
    re.I,
)
_FIRST_WORD = re.compile(
    r"(?:original|first|ursprünglich|zuerst|initialement|originalmente)\w* (?:publi|posted|veröff|ersch)", re.I
)
_OTHER_WORD = re.compile(  # days of something else
    r"received|submitted|accepted|deadline|expire|until|\bends?\b|register|event|\bborn\b|since|copyright|©|eingereicht|anmelde",
    re.I,
)
_EITHER_WAY = re.compile(r"(?<!\d)\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]")
_DATED = re.compile(r"\d(?:(?<=1)9\d\d|(?<=2)0\d\d|[./-]\d)")  # every absolute date has it; quick, so asked first
_MOMENT = re.compile(r"20\d\d-[01]\d-[0-3]\d[T\d:.Z+-]*")
_KEY = re.compile(
    r"(?:publish(?:ed)?_?(?:At|Date|On)?|publication_?Date|date_?Published|first_?Published(?:At|Date)?|date_?Posted|post(?:ed)?_?(?:Date|At))"
    r"(?:\\?[\"']|&quot;)\s*:\s*(?:\\?[\"']|&quot;)$",
    re.I,
)
_BEFORE, _BEHIND = 8, 24  # chunks before and behind the headline where a date line is looked for
_CLOSE = 12  # the cost up to which a shown date is that of the article and no other's
_FAR = 45  # the cost from which a shown date is no more than a guess


class Reading(NamedTuple):
    """How dates are read here: order of day and month, language, zone, and the day relative ones count from."""

    order: str
    language: str
    zone: str
    seen: date | None
    doubtful: set[str]  # days that were read from numbers whose order nothing settles

    def fact(self, text: str | None, origin: str) -> DateFact | None:
        if not text:
            return None
        fact = parse_date(
            text, order=self.order, language=self.language, origin=origin, reference=self.seen, zone=self.zone
        )
        return self.noted(fact, text) if fact else None

    def noted(self, fact: DateFact, text: str) -> DateFact:
        if not self.order and fact.precision == "day" and fact.value[8:] <= "12" and _EITHER_WAY.search(text):
            self.doubtful.add(fact.value)
        return fact


_ANYBODYS = ("us", "io", "ai", "co", "tv", "me", "ly", "fm", "gg", "to", "so", "cc", "ws")  # said of no country


def reading_of(hints: Hints, language: str, url: str, seen: date | None) -> Reading:
    """03/04/2025 on an English page of a country's own domain is no American date."""
    host = url.partition("//")[2].partition("/")[0].partition(":")[0]
    country = host.rpartition(".")[2]
    if language.lower() in ("", "en") and len(country) == 2 and country.isalpha() and country not in _ANYBODYS:
        language = f"en-{country}"
    zone = hints.timezone if hints.timezone != "UTC" else ""
    return Reading(order=hints.date_order, language=language, zone=zone, seen=seen, doubtful=set())


class Dates(NamedTuple):
    """The choice, its reason, and all that was seen."""

    published: DateFact | None
    updated: DateFact | None
    candidates: tuple[DateFact, ...]
    because: str


class _Shown(NamedTuple):
    """A date that readers see. `cost` is how far it stands from where a date of publication is expected."""

    cost: int
    fact: DateFact


_by_cost = attrgetter("cost")


def choose_dates(
    page: Page, outline: Outline, linked: Linked, title_at: int, how: Reading, told: Iterable[DateFact] = ()
) -> Dates:
    """The day of first publication. `told` are days that a recipe found, and lead; then what the page declares, then shows.

    A page that tells only when it was updated was published then, as far as its reader can know.
    """  # noqa: E501
    limit = (how.seen + timedelta(days=1)).isoformat() if how.seen else "9999"
    declared, updated = _declared(outline, linked, how)
    settled = any(fact.precision == "day" for fact in declared)
    shown, shown_updates = _shown(outline, title_at, how, everywhere=not settled)
    updated += shown_updates
    address = _from_url(page.url)
    declared, address = _possible(declared, limit), _possible(address, limit)
    shown = [s for s in shown if _possible([s.fact], limit)]
    shown = [s for s in shown if any(map(s.fact.value.startswith, (fact.value for fact in address)))] or shown
    published, because = _choice([*told], declared, shown, address, how)
    if published is None or published.precision != "day":  # noqa: SIM102 - scripts are long
        if script := _possible(_facts(_in_scripts(page.text), how), limit):
            published, because = script[0], "named in a script only"
            declared += script
    if published is None and updated:
        published, because = updated[0], "the page tells no other day than that of its update"
    chosen = (published,) if published else ()
    seen = (*told, *chosen, *declared, *(s.fact for s in sorted(shown, key=_by_cost)), *address, *updated)
    return Dates(published, next(iter(updated), None), tuple(dict.fromkeys(seen)), because)


def _choice(
    told: list[DateFact], declared: list[DateFact], shown: list[_Shown], address: list[DateFact], how: Reading
) -> tuple[DateFact | None, str]:
    """The ranking, and in which cases what is shown corrects what is declared."""
    if told:
        return told[0], "found by the recipe"
    near = min((s for s in shown if s.cost < _FAR and len(s.fact.value) == 10), default=None, key=_by_cost)
    lead = next((fact for fact in declared if fact.precision == "day"), None)
    others = [*(s.fact for s in shown if s.cost < _FAR), *address]
    if lead is None:
        best = near or min(shown, default=None, key=_by_cost)
        ranked = [best.fact if best else None, *address, *declared]
        for fact in sorted(filter(None, ranked), key=lambda fact: len(fact.value) < 10):
            because = f"shown {_where(best)}" if best and fact is best.fact else f"from its {fact.origin}"
            return _agreed(fact, address, how), because
        return None, ""
    close = [*(s.fact for s in shown if s.cost < _CLOSE), *address]
    same = {fact.origin for fact in (*declared, *others) if fact.value == lead.value}
    local = None if lead.value in {fact.value for fact in close} else next((f for f in close if _local(lead, f)), None)
    if local:
        return local, f"declared in UTC ({lead.origin}: {lead.value}), and the page itself has this day"
    if (other := _agreed(lead, others, how)) is not lead:
        return other, "day and month as another date of the page has them"
    if near and near.cost < _CLOSE and near.fact.value < lead.value and lead.value not in {f.value for f in close}:
        return near.fact, f"shown {_where(near)}, and earlier than declared ({lead.origin}: {lead.value})"
    return lead, f"declared, and {len(same) - 1} other origins agree" if len(same) > 1 else "declared"


def _where(shown: _Shown | None) -> str:
    return "by the headline" if shown and shown.cost < _BEHIND else "on the page"


def _possible(facts: list[DateFact], limit: str) -> list[DateFact]:
    """Without days later than that of the fetch; one more may be tomorrow's, somewhere."""
    return [fact for fact in facts if min(fact.value, in_utc(fact)) <= limit]


def _local(lead: DateFact, fact: DateFact) -> bool:
    """Whether a moment declared in UTC falls on this neighbouring day somewhere on earth."""
    if lead.at is None or lead.at.utcoffset() or fact.precision != "day":
        return False
    return fact.value in {(lead.at + timedelta(hours=offset)).date().isoformat() for offset in (-12, 14)} - {lead.value}


def _agreed(fact: DateFact, others: list[DateFact], how: Reading) -> DateFact:
    """03/09/2026 the other way round, when only so it is what another date of the page says."""
    values = {other.value for other in others}
    if fact.value not in how.doubtful or fact.value in values:
        return fact
    year, month, day = fact.value.split("-")
    turned = f"{year}-{day}-{month}"
    return DateFact(value=turned, precision="day", origin=fact.origin) if turned in values else fact


# --- what the page declares ---


def _declared(outline: Outline, linked: Linked, how: Reading) -> tuple[list[DateFact], list[DateFact]]:
    """(published, updated): JSON-LD, microdata of one item, meta elements; microdata of many items are those of a list."""  # noqa: E501
    metas = {name: value for name, value in outline.metas.items() if len(value) < 60 and _DATED.search(value)}
    named = sorted((name for name in metas if _tells(name) == "published"), key=lambda name: name not in _FIRST)
    props = list(dict.fromkeys(v for p, v in outline.itemprops if "datePublished" in p.split()))
    micro = [(value, "microdata") for value in props]
    published = [(linked.published, "json-ld")] + (micro if len(micro) == 1 else [])
    published += [(metas[name], "meta") for name in named] + (micro if len(micro) > 1 else [])
    updated = [(linked.updated, "json-ld")]
    updated += [(v, "microdata") for p, v in outline.itemprops if p == "dateModified"][:1]
    updated += [(value, "meta") for name, value in metas.items() if _tells(name) == "updated"]
    return _facts(published, how), _facts(updated, how)


@lru_cache(maxsize=2_000)
def _tells(name: str) -> str:
    """Of which day a meta element of this name tells."""
    words = _NO_LETTER.sub("", name)
    return "published" if _PUBLISHED.fullmatch(words) else "updated" if _UPDATED.fullmatch(words) else ""


def _facts(pairs: Iterable[tuple[str, str]], how: Reading) -> list[DateFact]:
    return [fact for text, origin in pairs if (fact := how.fact(text, origin))]


def _in_scripts(text: str) -> Iterator[tuple[str, str]]:
    """The first moment that a script's data, or an attribute's, calls that of publishing."""
    for moment in _MOMENT.finditer(text):
        if _KEY.search(text[max(0, moment.start() - 40) : moment.start()]):
            yield moment[0], "script"
            return


# --- what the page shows ---


def _shown(outline: Outline, title_at: int, how: Reading, *, everywhere: bool) -> tuple[list[_Shown], list[DateFact]]:
    """(dates with their cost, days of updates): time elements and short lines, near the headline or with a word for it."""  # noqa: E501
    found: list[_Shown] = []
    updated: list[DateFact] = []
    home = outline.chunks[title_at].box.flags if title_at >= 0 else 0
    times: dict[int, list[tuple[str, str]]] = {}
    for when, text, index in outline.times[:40]:
        times.setdefault(index, []).append((when, text))
    for chunk, label in _lines(outline, title_at, times, everywhere):
        cost = _cost(chunk, title_at, home)
        for fact, before in [*_in_times(chunk, times.get(chunk.index, ()), how)] or _in_line(chunk, label, how):
            word = f"{label if len(before) < 4 else ''} {before[-40:]}"
            if _UPDATE_WORD.search(word):
                updated.append(fact)
            elif not _OTHER_WORD.search(word):
                price = cost - 30 * bool(_PUBLISH_WORD.search(word)) - 30 * bool(_FIRST_WORD.search(word))
                found.append(_Shown(price, fact))
    far = {shown.fact.value for shown in found if shown.cost >= _FAR}
    return (
        [shown for shown in found if shown.cost < _FAR] if len(far) > 1 else found
    ), updated  # many: those of a list


def _in_times(chunk: Chunk, times: Iterable[tuple[str, str]], how: Reading) -> Iterator[tuple[DateFact, str]]:
    """The dates of time elements in a line, each with the words before it."""
    for when, text in times:
        fact = how.fact(when, "time") or how.fact(text, "time")
        if fact:
            words = text[: max(0, len(text) - 12)]  # "Updated on: October 28, 2024" in the element itself
            yield fact, chunk.text[: max(0, chunk.text.find(text))] + words


def _in_line(chunk: Chunk, label: str, how: Reading) -> Iterator[tuple[DateFact, str]]:
    """The dates of a line that has little else to say, each with the words before it."""
    text = chunk.text
    dates = dates_with_places(text, order=how.order, language=how.language, origin="text")[:3]
    rest = len(text) - sum(end - start for (start, end), _ in dates)
    last = 0
    for (start, end), fact in dates:
        alone = rest < 14
        if alone or (fact.precision == "day" and (rest < 70 or _PUBLISH_WORD.search(text[last:start]))):
            origin = "dateline" if alone else "text"
            shown = DateFact(value=fact.value, precision=fact.precision, origin=origin)
            yield how.noted(shown, text[start:end]), text[last:start]
        last = end


def _lines(
    outline: Outline, title_at: int, times: dict[int, list[tuple[str, str]]], everywhere: bool
) -> Iterator[tuple[Chunk, str]]:
    """Short lines that may hold the date, near the headline or `everywhere`, each with the label in the line before it."""  # noqa: E501
    first, last = (max(title_at - _BEFORE, 0), title_at + _BEHIND) if title_at >= 0 else (0, _BEFORE + _BEHIND)
    chunks = outline.chunks if everywhere else outline.chunks[first : last + 1]
    label = ""
    for chunk in chunks:
        text, at = chunk.text, chunk.index
        size = len(text)
        if size < 200 and at != title_at and (at in times or _DATED.search(text)):  # noqa: SIM102 - quick, then slow
            if size < 40 or first <= at <= last or at in times or _PUBLISH_WORD.search(text):
                yield chunk, label
        label = text if size < 30 else ""


_ODD = (NAV, 60), (COMMENT, 60), (RELATED, 30), (SIDE | ASIDE, 30), (FOOTER, 30)


def _cost(chunk: Chunk, title_at: int, home: int) -> int:
    """Lines from the headline, more for those in side columns and comments that the headline itself is not in."""
    far = chunk.index - title_at if title_at >= 0 else chunk.index
    flags = chunk.box.flags & ~home
    odd = sum(price for bits, price in _ODD if flags & bits)
    outside = 30 * (far > _BEHIND and not flags & (ARTICLE | MAIN) and not home & (ARTICLE | MAIN)) + 20 * (
        far < -_BEFORE
    )
    return min(abs(far), 50) + odd + outside - 4 * bool(chunk.box.own & META)


def _from_url(url: str) -> list[DateFact]:
    day = _URL_DAY.search(url)
    if day:
        text = day[4] or (f"{day[3]} {day[2]} {day[1]}" if day[2].isalpha() else f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}")
        fact = parse_date(text, origin="url")
        return [fact] if fact else []
    month = _URL_MONTH.search(url)
    return [DateFact(value=f"{month[1]}-{month[2]}", precision="month", origin="url")] if month else []
