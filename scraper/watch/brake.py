"""The thought of a visit: when most of a source changes at once the source is in trouble, and no item changed.

A new design that shows the same bodies changes nothing; changed bodies are believed once `confirm_mass_change` is met;
one text in the place of many never is. The hands that call this are in visit.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.config.values import Confirm
from scraper.detect.change import of_the_design
from scraper.watch.judge import Look
from storage.records.alert import Reason
from storage.records.verdict import Brake, Verdict

UPSETTING = frozenset(
    {"corrected", "edited", "retitled", "date_changed", "republished", "withdrawn"}
)  # kinds that many articles do not show at once, unless something is wrong with their site
FEWEST = 5  # items: fewer are no mass
MANY = 0.5  # of the known items that were looked at
SAME_TEXT = 3  # items that show one and the same new text
ALIKE = 0.7  # of a text's keys
NEW_DESIGN = "its page has a new design, and others are looked at first"
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A look whose verdict waits until the other items of its source were looked at."""

    look: Look
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is to be kept of a source's held looks, in their order, and how its brake stands then.

    `wider`: others of its articles should be looked at before anything is said.
    """

    verdicts: tuple[Verdict, ...]
    brake: Brake | None = None
    wider: bool = False


def upsets(verdict: Verdict) -> bool:
    """Whether this verdict on a known article should be seen beside those on the others."""
    return any(change.kind in UPSETTING for change in verdict.changes)


def in_its_design(found: Sequence[tuple[Look, Verdict]]) -> tuple[Look, ...]:
    """The looks, those at a redesigned site with what its new design alone makes different."""
    versions = [
        (replace(seen, article=look.beside.reading.article), seen.article, look.beside.pages)
        for look, verdict in found
        if look.beside is not None and _redesigned(look) and (seen := verdict.observation) is not None
    ]
    common = of_the_design(versions)
    return tuple(
        replace(look, beside=replace(look.beside, pages=replace(look.beside.pages, common=common)))
        if look.beside is not None and _redesigned(look) and common
        else look
        for look, _ in found
    )


def rule(
    found: Sequence[tuple[Look, Verdict]], *, looked: int, brake: Brake | None, confirm: Confirm, now: datetime
) -> Ruling:
    """The ruling on a source: `found` are its held looks with their verdicts, `looked` counts all its known articles
    that were looked at, these among them.
    """
    widened, brake = brake is not None, brake if brake is not None and brake.checks else None
    verdicts = tuple(verdict for _, verdict in found)
    upset = [at for at, verdict in enumerate(verdicts) if upsets(verdict)]
    one = _one_text(found, upset)
    mass = len(upset) >= FEWEST and len(upset) > MANY * looked
    if brake is None and not mass and not one:
        alone = {at for at in upset if _redesigned(found[at][0]) and looked < FEWEST and not widened}
        verdicts = tuple(_waiting(found[at][0], v) if at in alone else v for at, v in enumerate(verdicts))
        begun = Brake(since=now, checks=0, items=len(alone), why=NEW_DESIGN) if alone else None
        return Ruling(verdicts=verdicts, brake=begun, wider=bool(alone))
    if brake is not None and not upset:
        well = looked * 2 >= min(brake.items, FEWEST * 2)
        return Ruling(verdicts=verdicts, brake=None if well else brake)
    why = f"{len(upset)} of {looked} items changed at once" + (", several to one and the same text" if one else "")
    state = _pressed(brake, len(upset), why, now)
    met = state.released or (state.checks >= confirm.checks and now - state.since >= confirm.over)
    stopped = one if met else set(upset)
    due = max(now + SOON, (now if met else state.since) + confirm.over)
    kept = tuple(
        _stopped(look, verdict, why, due) if at in stopped else verdict
        for at, ((look, _), verdict) in enumerate(zip(found, verdicts, strict=True))
    )
    if not stopped and (brake is None or len(upset) >= brake.items):
        return Ruling(verdicts=kept)  # all of it was believed at once
    return Ruling(verdicts=kept, brake=replace(state, released=met and not stopped))


def _pressed(brake: Brake | None, items: int, why: str, now: datetime) -> Brake:
    if brake is None:
        return Brake(since=now, items=items, why=why)
    return replace(brake, checks=brake.checks + 1, items=max(items, brake.items), why=why)


def _one_text(found: Sequence[tuple[Look, Verdict]], upset: Sequence[int]) -> set[int]:
    """Those whose text went for one that others show too, a date or a title in it aside."""
    keys = {}
    for at in upset:
        look, verdict = found[at]
        had = look.beside.reading.fingerprint.bands if look.beside else ()
        has = verdict.observation.fingerprint.bands if verdict.observation else ()
        if has and len(set(has) - set(had)) >= ALIKE * len(has):
            keys[at] = has
    often = Counter(key for some in keys.values() for key in some)
    return {at for at, some in keys.items() if sum(often[key] >= SAME_TEXT for key in some) >= ALIKE * len(some)}


def _redesigned(look: Look) -> bool:
    return look.beside is not None and look.beside.pages.redesigned


def _waiting(look: Look, verdict: Verdict) -> Verdict:
    return replace(_stopped(look, verdict, NEW_DESIGN, verdict.at), outcome="waits", reasons=())


def _stopped(look: Look, verdict: Verdict, why: str, due: datetime) -> Verdict:
    """Nothing happened to the item; its page is read again at the next look, in full."""
    told_so = f"{why}: not believed before it is confirmed"
    gone = verdict.target.gone_checks > 0
    target = replace(
        verdict.target if gone else look.target, due=due, last_checked=verdict.at, checks=verdict.target.checks,
        etag="", last_modified="", body_hash="",
    )  # fmt: skip
    reason = Reason(rule="mass change", version="", matched=False, reason=told_so)
    return Verdict(target=target, at=verdict.at, outcome="held", because=(told_so,), reasons=(reason,))
