"""`status`: how each source stands, over which time it is complete, what a person must see to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from scraper import shapes
from scraper.cli.crawl import chosen
from scraper.cli.face import NEEDS_A_PERSON, OK, console, label, print_json, safe, table
from scraper.cli.session import asking
from scraper.clock import SystemClock
from scraper.watch.answers import Missing, missing
from scraper.watch.overview import overview
from storage.records.health import Gap, Health, State
from storage.records.source import ItemId

COLOURS: dict[State, str] = {
    "healthy": "green", "late": "yellow", "silent": "yellow", "failing": "red", "blocked": "red", "empty": "red",
    "gone": "red", "paused": "dim",
}  # fmt: skip
MARKS: dict[str, str] = {state + more: colour for state, colour in COLOURS.items() for more in ("", ", muted")}
MOST_MISSING = 10  # articles that are named
COLUMNS = ("source", "state", "last good look", "next", "complete since", "gaps", "why")


def status(names: tuple[str, ...], path: Path | None, *, as_json: bool) -> int:
    """The named sources in full, or all in a table."""
    with asking(path) as (known, catalogue):
        wanted = chosen(known, names) if names else known.sources
        found = overview(catalogue, wanted, SystemClock().now())
        mails, ids = catalogue.stuck(), {source.id for source in wanted}
        gone = {item: each for item, each in missing(known, catalogue).items() if each.source in ids}
    if as_json:
        print_json([shapes.health_json(health) for health in found])
    else:
        _show(found, gone, mails, details=bool(names))
    return exit_code(found, mails)


def _show(found: Sequence[Health], gone: Mapping[ItemId, Missing], mails: str, *, details: bool) -> None:
    out = console()
    if not found:
        out.print("no sources; `accordwatch add URL`")
    elif details:
        for line in (line for health in found for line in _detail(health)):
            out.print(line)
    else:
        rows = [(label(h.name, h.source), _state(h), _moment(h.last_good), _moment(h.next), _complete(h),
                 len(h.gaps) or "", _why(h)) for h in found]  # fmt: skip
        out.print(table("", COLUMNS, rows, marks=MARKS))
    for item, each in [*gone.items()][:MOST_MISSING]:
        out.print(f"[yellow]item {item}[/] of {safe(each.source)}: {each}  {safe(each.url)}")
    if len(gone) > MOST_MISSING:
        out.print(f"and {len(gone) - MOST_MISSING} more articles are missing: `accordwatch items`")
    if mails:
        out.print(f"[yellow]mail[/]: {safe(mails)}")


def exit_code(found: Sequence[Health], mails: str) -> int:
    """1 when a source crossed its threshold or mail is stuck: one flaky source of sixty is shown, and no more."""
    return NEEDS_A_PERSON if mails or any(health.needs_person for health in found) else OK


def in_short(found: Sequence[Health]) -> Iterator[str]:
    """How many are in which state, and a line for each that is not well."""
    counts = Counter(health.state for health in found)
    if found:
        yield ", ".join(f"{count} [{COLOURS[state]}]{state}[/]" for state, count in counts.most_common())
    for health in found:
        if health.state not in ("healthy", "paused"):
            good = f"last good look {_moment(health.last_good)} UTC" if health.last_good else "never read yet"
            yield f"[yellow]trouble[/] {safe(label(health.name, health.source))}: {safe(_why(health))} ({good})"


def _detail(health: Health) -> Iterator[str]:
    """All that is known of one source, a fact a line."""
    yield f"[bold]{safe(health.name)}[/] ({safe(health.source)})  {safe(health.url)}"
    facts = (
        ("state", f"[{COLOURS[health.state]}]{_state(health)}[/]"),
        ("why", safe(health.reason)), ("what to do", safe(health.remedy)), ("since", _moment(health.since)),
        ("moved", "its address leads there for good, or there is its news now" if health.moved else ""),
        ("last good look", _moment(health.last_good)), ("next look", _moment(health.next)),
        ("complete since", _complete(health)),
    )  # fmt: skip
    for name, fact in facts:
        if fact:
            yield f"  {name:<15} {fact}"
    for gap in health.gaps:
        yield f"  [yellow]{'may be missing':<15}[/] {safe(_line(gap))}"
    for gap in health.closed:
        yield f"  [dim]{'caught up':<15}[/] {safe(_line(gap))}"


def _state(health: Health) -> str:
    return f"{health.state}, muted" if health.muted else health.state


def _line(gap: Gap) -> str:
    return f"{_moment(gap.since)} to {_moment(gap.until) or 'now'}: {gap.why}"


def _complete(health: Health) -> str:
    if health.complete_until is not None:
        return f"up to {_moment(health.complete_until)}"
    return _moment(health.complete_since)


def _why(health: Health) -> str:
    if health.gaps and not health.reason:
        return f"may be missing: {_line(health.gaps[-1])}"
    return f"{health.reason.rstrip('.')}; {health.remedy}" if health.remedy else health.reason


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
