"""One item from close by: what it says, what changed, why it alerted or not."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from scraper import shapes
from scraper.cli.face import OK, console, plain, print_json, printable, safe
from scraper.cli.inspect import print_article
from scraper.cli.session import asking
from scraper.detect.diff import diff
from scraper.watch.answers import close_up, deliveries_named, find, missing, reasons, two_versions
from storage.records.change import BlockDiff, Diff
from storage.store import Catalogue

STYLES = {"added": "green", "removed": "red strike", "equal": "", "moved": "cyan"}


def show(name: str, path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (config, catalogue):
        seen = close_up(catalogue, name)
        gone = missing(config, catalogue, item=seen.item.id).get(seen.item.id)
    if as_json:
        print_json(seen.json())
        return OK
    item = seen.item
    out = console()
    out.print(f"[dim]item {item.id} of {safe(item.source)}, {item.state.value}, {item.versions} version(s), "
              f"first seen {shapes.moment(item.first_seen)}, last seen {shapes.moment(item.last_seen)}[/]")  # fmt: skip
    if gone:
        out.print(f"[yellow]{gone}[/]")
    print_article(out, seen.article, seen.findings)
    for other in seen.story if len(seen.story) > 1 else ():
        out.print(f"[dim]told by[/] {safe(other.source)} {safe(other.url)}, {other.first_seen:%Y-%m-%d %H:%M}")
    for sentence in seen.adds:
        out.print(f"[dim]adds to what was told first:[/] {safe(sentence)}")
    for change in reversed(seen.changes):
        out.print(f"[dim]{change.at:%Y-%m-%d %H:%M}[/] {change.kind.value}: {safe('; '.join(change.because))}")
    return OK


def show_diff(name: str, old: int | None, new: int | None, path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (_, catalogue):
        item = find(catalogue, name)
        before, after = two_versions(catalogue, item, old, new)
    found = diff(before.article, after.article)
    if as_json:
        print_json(shapes.diff_json(item, before.version, after.version, found))
        return OK
    out = console()
    out.print(f"[bold]{safe(after.article.title)}[/]  version {before.version} of {before.seen:%Y-%m-%d %H:%M} "
              f"-> {after.version} of {after.seen:%Y-%m-%d %H:%M}")  # fmt: skip
    for text in rendered(found):
        out.print(text)
    return OK


def rendered(found: Diff) -> list[Text]:
    """A diff for a terminal: colours where there are some, marks that work without them."""
    lines = [_block(block) for block in found.blocks if block.op != "equal"]
    facts = [Text(f"fact: {plain(fact)}", style="yellow") for fact in found.facts]
    return lines + facts or [Text("no difference a reader would see")]


def _block(block: BlockDiff) -> Text:
    if block.op != "reworded":
        mark = {"added": "+ ", "removed": "- ", "moved": "> "}[block.op]
        return Text(mark + plain(block.new or block.old), style=STYLES[block.op])
    line = Text("~ ")
    for run in block.words:
        marks = {"added": ("[+", "+]"), "removed": ("[-", "-]"), "equal": ("", "")}[run.op]
        line.append(printable(run.text).join(marks), style=STYLES[run.op])
    return line


def explain(name: str, path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (config, catalogue):
        if name.startswith(("alert:", "<")):
            return _explain_alert(catalogue, name, as_json=as_json)
        item = find(catalogue, name)
        found, gone = reasons(catalogue, item), missing(config, catalogue, item=item.id).get(item.id)
    if as_json:
        print_json(shapes.explanation_json(item, found))
        return OK
    out = console()
    out.print(f"[bold]{safe(item.title)}[/]  {safe(item.url)}")
    if gone:
        out.print(f"[yellow]{gone}[/], so nothing is told yet")
    if not found:
        out.print("no rule was asked about it" if config.rules else "there is no rule in config.toml")
    for reason in found:
        verb = "[green]alerted[/]" if reason.matched else "[yellow]silent[/]"
        verb = f"[bold]{reason.rule}[/]" if reason.rule and not reason.version else verb
        rule = f"rule {safe(reason.rule)} ({reason.version}): " if reason.version else ""
        out.print(f"{verb} {rule}{safe(reason.reason)}")
        if reason.sentence:
            out.print(f"    “{safe(reason.sentence)}”")
    return OK


def _explain_alert(catalogue: Catalogue, name: str, *, as_json: bool) -> int:
    """One row of the outbox by its id ("alert:7") or the Message-ID of its mail: which rules made it, and its way."""
    found = deliveries_named(catalogue, name)
    if as_json:
        print_json([shapes.delivery_json(row) for row in found])
        return OK
    for row in found:
        console().print(f"[bold]{safe(row.alert.subject)}[/]  to {safe(row.alert.to)} by {safe(row.alert.channel)}")
        for why in row.alert.because:
            console().print(f"[green]alerted[/] {safe(why)}")
        due = f", due {shapes.moment(row.alert.due)}" if row.sent_at is None else f" {shapes.moment(row.sent_at)}"
        error = f": {row.last_error}" if row.last_error else ""
        console().print(f"{row.state.value}{due} after {row.attempts} tries{safe(error)}")
    return OK
