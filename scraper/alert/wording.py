"""How an event is named in a line: subjects, parties, instruments, dates in words. Pure; the body is compose's."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.text import INVISIBLE, squeeze
from storage.records.article import DateFact
from storage.records.change import ChangeKind
from storage.records.partnership import Evidence, PartnershipEvent, Party

SUBJECT_LENGTH = 200  # characters: RFC 5322 2.1.1 allows far more when folded, no reader shows more
LONG = 2_000  # characters of one paragraph that a mail shows
INSTRUMENTS = {
    "mou": "memorandum of understanding",
    "loi": "letter of intent",
    "cooperation_agreement": "cooperation agreement",
    "framework_agreement": "framework agreement",
    "strategic_partnership": "strategic partnership",
    "alliance": "alliance",
    "joint_declaration": "joint declaration",
    "membership": "membership",
    "sponsorship": "sponsorship",
    "partnership": "partnership",
}
VERBS = {
    "signed": ("signs", "sign"),
    "announced": ("announces", "announce"),
    "launched": ("launches", "launch"),
    "renewed": ("renews", "renew"),
    "extended": ("extends", "extend"),
    "strengthened": ("strengthens", "strengthen"),
    "ended": ("ends", "end"),
    "suspended": ("suspends", "suspend"),
}
CHANGES = {
    ChangeKind.CORRECTED: "Corrected",
    ChangeKind.EDITED: "Changed",
    ChangeKind.RETITLED: "Retitled",
    ChangeKind.DATE_CHANGED: "New date",
    ChangeKind.REPUBLISHED: "Published again",
    ChangeKind.WITHDRAWN: "Withdrawn",
    ChangeKind.RESTORED: "Back again",
}
ON_PAGES = {ChangeKind.WITHDRAWN: "No longer named"}  # what CHANGES says otherwise of a name on a page of names
RELATED = {
    "intended": "Intended",
    "merger": "Merger",
    "joint_statement": "Joint statement",
    "background": "Background",
}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def event_line(event: PartnershipEvent) -> str:
    """ "COCIR + HIMSS renew cooperation agreement": who does what, in the present tense."""
    who, what = party_line(event.parties), INSTRUMENTS[event.instrument]
    possible = "Possible: " if event.certainty == "possible" else ""
    if event.action == "joined":  # who joined whom stands in the sentence, the parties' order does not say it
        return f"{possible}{who}: joined, {what}"
    return f"{possible}{who} {VERBS[event.action][len(event.parties) > 1]} {what}"


def sentences_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The sentences that say so; title and deck speak only where no sentence of the body does."""
    told = tuple(evidence)
    return tuple(each.sentence for each in told if each.block >= 0) or tuple(each.sentence for each in told)


def party_line(parties: Iterable[Party], most: int = 3) -> str:
    """ "COCIR + HIMSS + ESR + 4 others"; acronyms where there are any."""
    names = [cut(party_label(party), 60) for party in parties]
    shown = names if len(names) <= most + 1 else [*names[:most], f"{len(names) - most} others"]
    return " + ".join(shown)


def party_label(party: Party) -> str:
    return clean(party.acronym) or clean(party.name)


def party_name(party: Party) -> str:
    """ "European Society of Radiology (ESR)"."""
    name, acronym = clean(party.name), clean(party.acronym)
    return f"{name} ({acronym})" if acronym and acronym != name else name


def date_line(fact: DateFact | None) -> str:
    """ "22 June 2015", "June 2015", "2015": no more than is known."""
    return "" if fact is None else iso_line(fact.value)


def iso_line(value: str) -> str:
    year, _, rest = value.partition("-")
    month, _, day = rest.partition("-")
    if not month.isdecimal() or not 1 <= int(month) <= 12:
        return clean(value)
    name = MONTHS[int(month) - 1]
    return f"{int(day)} {name} {year}" if day.isdecimal() else f"{name} {year}"


def until_fact(until: str) -> tuple[str, str]:
    """How long it runs, with its label: "Until", "31 December 2028", or "Term", "for 3 years"."""
    return ("Term", f"for {clean(until)}") if "year" in until else ("Until", iso_line(until))


def clean(text: str, most: int = LONG) -> str:
    """One line that is safe in a header: no control, separator, bidi or unpaired characters; at most `most` of them."""
    line = "".join(char if char.isprintable() else " " for char in text[: most * 4].translate(INVISIBLE))
    return cut(squeeze(line), most)


def header_words(text: str, most: int = SUBJECT_LENGTH) -> str:
    """`clean`, and nothing that a mail library takes for an RFC 2047 encoded word: one of those may hide a line end,
    which the library would decode and write out, header injection and all."""
    return clean(text, most).replace("=?", "= ?")


def cut(text: str, most: int) -> str:
    """At most `most` characters, ended at a word where one ends near, and said so by an ellipsis."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    space = head.rfind(" ")
    return (head[:space] if space > most * 0.7 else head).rstrip(" ,;:-–") + "…"
