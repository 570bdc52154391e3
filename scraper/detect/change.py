"""What kind of change lies between two versions, how much it matters and why. Moves and withdrawals are watch's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scraper.detect.diff import facts, passages, word_runs
from scraper.detect.fingerprint import closed_up, normalised
from scraper.detect.vocabulary import languages, vocabulary
from storage.records.article import Article, DateFact
from storage.records.change import BlockDiff, ChangeKind, Significance
from storage.records.observation import Observation

CORRECTED_WORDS = 12  # at most so many words exchanged, and
CORRECTED_SHARE = 0.1  # at most this share of the text, is a correction; more is an edit
TELLING = 4  # words: a shorter line may stand anywhere on a page by chance
FEWEST_PAGES = 3
DATE = "another date"
COMMON = 0.3  # of the pages of a redesigned site: a difference that so many show is the design's
SHORT_LINE = 20  # words; longer ones are alike by all of their words only


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One kind of change between two versions."""

    kind: ChangeKind
    significance: Significance
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The two whole pages that two versions were read from: all that they show, normalised and closed up.

    What went from the body and still stands on the page, or came and stood there before, was only read otherwise.
    """

    old: str
    new: str
    redesigned: bool = False  # their markup has little in common
    common: frozenset[str] = frozenset()  # differences that the site's new design makes on many pages


def differences(before: Observation, after: Article, pages: Pages | None = None) -> tuple[Difference, ...]:
    """What changed for a reader; empty when only furniture, markup, typography or the reading of it did."""
    title, body = told(before.article, after, pages)
    if title is None and not body:
        return () if pages is not None and DATE in pages.common else _redated(before, after)
    found = [_rewritten(before, after, body)] if body else []
    if title is not None:
        why = f"the title was “{title.old}” and is “{title.new}”"
        found.append(Difference(kind=ChangeKind.RETITLED, significance="major", because=(why,)))
    return tuple(found)


def told(before: Article, after: Article, pages: Pages | None = None) -> tuple[BlockDiff | None, tuple[BlockDiff, ...]]:
    """The title, if it truly differs, and the passages of the body that do."""
    title = BlockDiff(op="reworded", old=before.title, new=after.title)
    same = closed_up(before.title) == closed_up(after.title) or _cut(before.title, after.title)
    body = passages(before, after) if closed_up(before.text) != closed_up(after.text) else ()
    body = tuple(passage for passage in body if not _is_date(passage.old or passage.new, after.language))
    if pages is None:
        return (None if same else title), body
    true = tuple(passage for passage in body if not _of_page(passage, pages, after.language))
    return (None if same or _of_page(title, pages, after.language) else title), true


def of_the_design(versions: Sequence[tuple[Observation, Article, Pages]]) -> frozenset[str]:
    """The differences that many pages of a redesigned site show: they are the design's own, as `Pages.common`."""
    often: Counter[str] = Counter()
    for before, after, pages in versions:
        title, body = told(before.article, after, pages)
        changed = body if title is None else (title, *body)
        keys = {key for passage in changed for key in _keys(passage, after.language)}
        often.update(keys | ({DATE} if not changed and _redated(before, after) else set()))
    enough = max(FEWEST_PAGES, COMMON * len(versions))
    return frozenset(key for key, count in often.items() if count >= enough)


def _cut(old: str, new: str) -> bool:
    """A title cut at "…" equals the whole one that begins like it."""
    a, b = normalised(old), normalised(new)
    cut_a, cut_b = (t.removesuffix("...").rstrip() if t.endswith("...") else None for t in (a, b))
    return (cut_a is not None and b.startswith(cut_a)) or (cut_b is not None and a.startswith(cut_b))


def _of_page(passage: BlockDiff, pages: Pages, language: str) -> bool:
    """Whether it is the page that differs there, by its design or by what was read from it, and not the article."""
    if pages.common and not pages.common.isdisjoint(_keys(passage, language)):
        return True
    if passage.op == "moved":
        return pages.redesigned
    if not pages.redesigned and len((passage.old or passage.new).split()) < TELLING:
        return False
    return closed_up(passage.new) in pages.old and closed_up(passage.old) in pages.new


def _keys(passage: BlockDiff, language: str) -> Iterable[str]:
    """What makes two pages' differences alike: the words that went and came, dates aside, or how a line begins."""
    runs = passage.words or word_runs(passage.old, passage.new)
    went, came = (" ".join(run.text for run in runs if run.op == op) for op in ("removed", "added"))
    masked = [_masked(text, language) for text in (went, came)]
    yield "|".join(map(" ".join, masked))
    line = masked[0] or masked[1]
    if passage.op in ("added", "removed") and len(line) <= SHORT_LINE:
        yield f"{passage.op} {' '.join(line[:2])}"


def _is_date(text: str, language: str) -> bool:
    """Whether a line is a date and nothing else: the article's own is compared by itself."""
    words = [word for word in _masked(text, language) if word[0].isalnum() or word in "#@"]
    return 0 < len(words) <= 5 and "#" in words and set(words) <= {"#", "@"}


def _masked(text: str, language: str) -> list[str]:
    """The words of a text with "#" for each number and "@" for each month."""
    known = vocabulary(language if language in languages() else "en")
    return ["#" if w.low.isdigit() else "@" if w.month else w.low for w in known.words(normalised(text))]


def _rewritten(before: Observation, after: Article, changed: Sequence[BlockDiff]) -> Difference:
    whole = any(passage.op != "reworded" for passage in changed)
    runs = (run for passage in changed for run in passage.words)
    exchanged = sum(len(run.text.split()) for run in runs if run.op != "equal")
    words = before.fingerprint.words
    # A word exchanged counts twice: once as it goes, once as it comes.
    small = not whole and exchanged <= 2 * min(CORRECTED_WORDS, max(2, int(words * CORRECTED_SHARE)))
    new_facts = facts(before.article, after)
    return Difference(
        kind=ChangeKind.CORRECTED if small else ChangeKind.EDITED,
        significance="major" if whole or new_facts else "minor",
        because=(*_in_words(changed), *new_facts),
    )


def _in_words(changed: Sequence[BlockDiff]) -> list[str]:
    counts = Counter(passage.op for passage in changed)
    return [
        f"{counts[op]} {'sentence' if counts[op] == 1 else 'sentences'} {op}"
        for op in ("added", "removed", "reworded", "moved")
        if counts[op]
    ]


def _redated(before: Observation, after: Article) -> tuple[Difference, ...]:
    old, new = before.article.published, after.published
    if old is None or new is None or old.precision != new.precision or old.value == new.value:
        return ()
    if _stands(new, before.article) and _stands(old, after):
        return ()  # the page gave both dates before and gives both now: another one of them was chosen
    again = new.value > old.value and new.latest() > before.seen.date().isoformat()
    kind = ChangeKind.REPUBLISHED if again else ChangeKind.DATE_CHANGED
    why = f"the text is the same, its date was {old.value} and is {new.value}"
    return (Difference(kind=kind, significance="minor", because=(why,)),)


def _stands(date: DateFact, article: Article) -> bool:
    return any(candidate.value == date.value for candidate in article.date_candidates)
