"""One item from close by: what it says, what changed, why it alerted or not."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from scraper import shapes
from scraper.cli.face import OK, console, plain, print_json, safe
from scraper.cli.inspect import print_article
from scraper.cli.lists import asking
from scraper.detect.diff import diff, passages
from scraper.errors import UserError
from scraper.url import canonical, identity
from scraper.watch.closeup import reasons_of, two_versions
from storage.records.change import BlockDiff, Diff
from storage.records.observation import Item
from storage.records.partnership import Findings
from storage.store import Catalogue, Filter

STYLES = {"added": "green", "removed": "red strike", "equal": "", "moved": "cyan"}


def find(catalogue: Catalogue, name: str) -> Item:
    """The item of that id or address. Raises UserError."""
    address = canonical(name)
    item = catalogue.find_item(name, identity=identity(address) if address else "")
    if item is None:
        raise UserError(f"item {name}", "is not known", "see `accordwatch items`")
    return item


def show(name: str, path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (_, catalogue):
        item = find(catalogue, name)
        versions = catalogue.versions(item.id)
        story, changes = catalogue.story(item), catalogue.changes(Filter(), item=item.id)
        first = catalogue.versions(story[0].id)[-1].article if story[0].id != item.id else None
        ledger = catalogue.partnerships(Filter(), item=item.id)
        related = catalogue.related(item.id)
    findings = Findings(events=tuple(entry.event for entry in ledger), related=related)
    article = versions[-1].article
    adds = [p.new for p in passages(first, article) if p.op == "added"] if first else []
    if as_json:
        print_json(
            {
                **shapes.item_json(item, len(story)),
                "article": shapes.article_json(article, findings),
                "adds": adds,
                "witnesses": [shapes.item_json(other, len(story)) for other in story],
                "changes": [shapes.change_json(change) for change in changes],
                "partnerships": [shapes.partnership_json(entry) for entry in ledger],
            }
        )
        return OK
    out = console()
    out.print(f"[dim]item {item.id} of {safe(item.source)}, {item.state.value}, {item.versions} version(s), "
              f"first seen {shapes.moment(item.first_seen)}, last seen {shapes.moment(item.last_seen)}[/]")  # fmt: skip
    print_article(out, article, findings)
    for other in story if len(story) > 1 else ():
        out.print(f"[dim]told by[/] {safe(other.source)} {safe(other.url)}, {other.first_seen:%Y-%m-%d %H:%M}")
    for sentence in adds:
        out.print(f"[dim]adds to what was told first:[/] {safe(sentence)}")
    for change in reversed(changes):
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
        spaced = "".join(c if c.isprintable() else " " for c in run.text)
        line.append(spaced.join(marks) if run.op != "equal" else spaced, style=STYLES[run.op])
    return line


def explain(name: str, path: Path | None, *, as_json: bool) -> int:
    with asking(path) as (config, catalogue):
        if name.startswith(("alert:", "<")):
            return _explain_alert(catalogue, name, as_json=as_json)
        item = find(catalogue, name)
        ledger, changes = catalogue.partnerships(Filter(), item=item.id), catalogue.changes(Filter(), item=item.id)
        reasons = reasons_of(catalogue, item, ledger, changes)
    if as_json:
        print_json(shapes.explanation_json(item, reasons))
        return OK
    out = console()
    out.print(f"[bold]{safe(item.title)}[/]  {safe(item.url)}")
    if not reasons:
        out.print("no rule was asked about it" if config.rules else "there is no rule in config.toml")
    for reason in reasons:
        verb = "[green]alerted[/]" if reason.matched else "[yellow]silent[/]"
        verb = f"[bold]{reason.rule}[/]" if reason.rule and not reason.version else verb
        rule = f"rule {safe(reason.rule)} ({reason.version}): " if reason.version else ""
        out.print(f"{verb} {rule}{safe(reason.reason)}")
        if reason.sentence:
            out.print(f"    “{safe(reason.sentence)}”")
    return OK


def _explain_alert(catalogue: Catalogue, name: str, *, as_json: bool) -> int:
    """One row of the outbox by its id ("alert:7") or the Message-ID of its mail: which rules made it, and its way."""
    rows = catalogue.deliveries(Filter()) + catalogue.deliveries(Filter(kind="welcome"))
    found = [row for row in rows if name in (f"alert:{row.alert.id}", row.message_id)]
    if not found:
        raise UserError(f"alert {name}", "is not in the outbox", "see `accordwatch alerts`")
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
