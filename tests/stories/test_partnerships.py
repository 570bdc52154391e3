"""Eight stories of partnerships through real pages over HTTP: what the items, the ledger, the mails and `explain` say.

All bodies and pages are made up; the sentences follow what releases of such bodies look like.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from scraper.alert.rules import same_by
from storage.records.alert import Delivery, Rule
from storage.records.partnership import Organisation, Partnership
from storage.store import Filter
from tests.builders import a_rule, a_source
from tests.stories.newsroom import Desk, Site, a_desk, a_piece, served

AER, RFT = "Alliance of European Radiographers (AER)", "Rhine Forum of Technologists (RFT)"
NIF = "Nordic Imaging Forum (NIF)"
DEAL = "/news/agreement"
CEREMONY = (
    "The ceremony was held in the old customs house, where some eighty guests listened to a short concert and to three "
    "speeches, of which the last was given by a student of the first year.",
    "From autumn on technologists of either body may attend the other's courses at the same fee as members do, and a "
    "small office for exchanges between hospitals opens in Cologne.",
)
COLEGIO = (
    "El acuerdo permitirá que los estudiantes de la carrera de martillero hagan sus prácticas en las oficinas de los "
    "matriculados, y que los profesores dicten cursos de actualización en la sede del colegio durante todo el año.",
    "El presidente del colegio y la rectora de la universidad destacaron la importancia de la formación para la "
    "profesión, que en la ciudad cuenta con más de seiscientos matriculados.",
)


@dataclass(kw_only=True)
class Newsroom:
    """Two associations' sites, AER's and RFT's, and the desk that watches both."""

    here: Site
    there: Site
    desk: Desk

    def publish(self, title: str, *sentences: str, day: str, path: str = DEAL, at: Site | None = None) -> None:
        piece = replace(a_piece(len(self.here.pieces), day, *sentences), title=title)
        (at or self.here).pieces[path] = piece

    def edit(self, path: str, **facts: Any) -> None:
        self.here.pieces[path] = replace(self.here.pieces[path], **facts)

    def ledger(self) -> list[Partnership]:
        return list(reversed(self.desk.store.catalogue().partnerships(Filter())))

    def rows(self, mode: str = "at once") -> list[Delivery]:
        found = reversed(self.desk.store.catalogue().deliveries(Filter()))
        return [row for row in found if row.alert.mode == mode]

    def subjects(self, mode: str = "at once") -> list[str]:
        return [row.alert.subject for row in self.rows(mode)]

    def why(self, url: str) -> list[str]:
        """What `explain` says of the item at this path, newest first."""
        catalogue = self.desk.store.catalogue()
        (item,) = (row.item for row in catalogue.items(Filter()) if row.item.url.endswith(url))
        return [reason.reason for reason in catalogue.reasons(item.id)]

    async def mails(self) -> list[Any]:
        """All mails sent until now, oldest first."""
        await self.desk.deliver()
        sent = self.desk.inbox.messages.values()
        return [message_from_bytes(message.raw, policy=policy.default) for message in sent]


def words(mail: Any) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


@pytest.fixture
def sites() -> Iterator[tuple[Site, Site, str, str]]:
    here = Site(pieces={f"/news/{n}": a_piece(n) for n in range(3)})
    there = Site(pieces={f"/news/{n}": a_piece(n) for n in range(3, 6)})
    with ExitStack() as stack:
        yield here, there, stack.enter_context(served(here)), stack.enter_context(served(there))


@asynccontextmanager
async def a_newsroom(
    sites: tuple[Site, Site, str, str], folder: Path, *rules: Rule, muted: bool = False
) -> AsyncIterator[Newsroom]:
    """Both sites as they stand are read once, so that what comes is news; the partner's may be `muted`."""
    here, there, base, beside = sites
    partner = a_source("rft", url=f"{beside}/news", organisation="RFT", muted=muted)
    async with a_desk(folder, base=base, others=(partner,), rules=rules) as desk:
        await desk.crawl()
        yield Newsroom(here=here, there=there, desk=desk)


async def test_a_relaunch_with_an_old_release_under_todays_date_is_for_the_ledger_only(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    old = f"Brussels, 22 June 2015 – The {AER} and the {RFT} signed a memorandum of understanding on 22 June 2015."
    known = a_piece(1, "2026-02-20", old)
    sites[0].pieces["/news/1"] = replace(known, title="AER and RFT sign memorandum")
    async with a_newsroom(sites, tmp_path, a_rule("partnership")) as room:
        relaunched = {f"/press/{n}": replace(piece, day="2026-03-02")
                      for n, piece in enumerate(room.here.pieces.values())}  # fmt: skip
        unknown = f"Vienna, 3 May 2014 – The {AER} and the {NIF} signed a letter of intent on 3 May 2014."
        room.here.pieces = relaunched
        room.publish("AER and NIF sign letter of intent", unknown, day="2026-03-02", path="/press/9")
        await room.desk.later(hours=6)
        assert room.subjects() == []
        assert len(room.ledger()) == 2
        assert any("published 3 May 2014, before" in why for why in room.why("/press/9"))


async def test_one_partner_announces_without_a_date_the_other_with_date_and_term(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("AER and RFT sign memorandum", f"The {AER} and the {RFT} have signed a memorandum of "
                     "understanding.", day="2026-03-02")  # fmt: skip
        await room.desk.later(hours=2)
        full = (f"On 27 February 2026 the {RFT} and the {AER} signed a memorandum of understanding for three years in "
                "Cologne.")  # fmt: skip
        room.publish("RFT and AER sign memorandum", full, day="2026-03-04", at=room.there)
        await room.desk.later(days=2)
        (entry,) = room.ledger()
        assert [w.source for w in entry.witnesses] == ["cocir", "rft"]
        assert (entry.event.date.value, entry.event.date.origin, entry.event.until) == ("2026-02-27", "twin", "3 years")  # type: ignore[union-attr]
        assert [s.split(":")[0] for s in room.subjects()] == ["AER + RFT sign memorandum of understanding", "Update"]
        assert len({row.alert.thread for row in room.rows()}) == 1
        _, update = await room.mails()
    assert "27 February 2026" in words(update)


async def test_what_a_muted_source_told_first_is_mailed_when_another_tells_it(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    signed = f"The {AER} and the {RFT} have signed a memorandum of understanding on 2 March 2026."
    async with a_newsroom(sites, tmp_path, a_rule("partnership"), muted=True) as room:
        room.publish("RFT and AER sign memorandum", signed, day="2026-03-02", at=room.there)
        await room.desk.later(hours=6)
        assert (len(room.ledger()), room.rows()) == (1, [])
        room.publish("AER and RFT sign memorandum", signed, day="2026-03-02")
        await room.desk.later(hours=6)
        room.publish("AER and RFT signed memorandum", signed, day="2026-03-03", path="/news/again")
        await room.desk.later(hours=6)
        assert room.subjects() == ["AER + RFT sign memorandum of understanding"]
        assert len(room.ledger()) == 1


async def test_a_year_in_review_with_an_agreement_never_seen_is_possible_and_late(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    review = (
        "It was a full year for the alliance: three congresses and a new office. Many members came to all of them.",
        "The library was moved. A garden was laid out for visitors, and a course on safety was held there.",
        f"In June 2025 the {AER} signed a memorandum of understanding with the {RFT}.",
    )
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("Our year in review", *review, day="2026-03-02")
        await room.desk.later(hours=2)
        (entry,) = room.ledger()
        assert (entry.event.certainty, room.subjects()) == ("possible", ["New: Our year in review"])
        (line,) = room.rows("digest")
        assert line.alert.subject.startswith("Possible: AER + RFT sign memorandum of understanding")
        assert line.alert.late
        assert any("only possible" in why for why in room.why(DEAL))


async def test_a_year_in_review_attaches_to_what_is_known(sites: tuple[Site, Site, str, str], tmp_path: Path) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("AER and RFT sign memorandum", f"The {AER} and the {RFT} today signed a memorandum of "
                     "understanding.", day="2026-03-02")  # fmt: skip
        await room.desk.later(hours=2)
        room.publish("Our year in review", "It was a full year: three congresses and a new office, and a garden.",
                     "The library was moved, and a course on safety was held. It will be held again.",
                     f"In March the {AER} signed a memorandum of understanding with the {RFT}.",
                     day="2026-12-20", path="/news/review")  # fmt: skip
        await room.desk.later(days=293)
        (entry,) = room.ledger()
        assert len(entry.witnesses) == 2
        assert len([s for s in room.subjects() if "memorandum" in s]) == 1


async def test_a_portrait_with_an_old_letter_and_this_months_renewal_is_one_renewal(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("Our partner: the Rhine Forum", f"The {AER} and the {RFT} know each other well. They signed a "
                     "letter of intent in 2013.",
                     f"In March 2026 the letter of intent was renewed by the {AER} and the {RFT}.",
                     day="2026-03-02")  # fmt: skip
        await room.desk.later(hours=2)
        (entry,) = room.ledger()
        assert (entry.event.action, entry.event.instrument, entry.event.since) == ("renewed", "loi", "2013")
        assert room.subjects() == ["AER + RFT renew letter of intent"]


async def test_first_they_prepare_a_memorandum_and_two_months_later_one_mail_refers_to_it(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    prepare = f"The {AER} and the {RFT} prepare a memorandum of understanding."
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("Two bodies draw closer", prepare, day="2026-03-02", path="/news/closer")
        await room.desk.later(hours=2)
        assert (room.ledger(), room.subjects()) == ([], ["New: Two bodies draw closer"])
        assert room.subjects("digest") == ["Intended: AER + RFT"]
        assert any("neighbour of a partnership" in why for why in room.why("/news/closer"))
        room.publish("AER and RFT sign memorandum", f"The {AER} and the {RFT} today signed the memorandum of "
                     "understanding.", day="2026-05-01")  # fmt: skip
        room.edit(DEAL, paragraphs=(room.here.pieces[DEAL].paragraphs[0], *CEREMONY))
        await room.desk.later(days=60)
        (entry,) = room.ledger()
        assert "it was intended" in entry.history[1].what
        assert room.subjects()[1:] == ["AER + RFT sign memorandum of understanding"]
        (mail,) = (mail for mail in await room.mails() if mail["Subject"].startswith("AER"))
        assert prepare in words(mail)


async def test_a_partner_gone_and_a_softened_verb_are_one_correction_in_the_thread(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        three = f"The {AER}, the {RFT} and the {NIF} today signed a memorandum of understanding in Brussels."
        room.publish("AER, RFT and NIF sign memorandum", three, day="2026-03-02")
        await room.desk.later(hours=2)
        rest = room.here.pieces[DEAL].paragraphs[1:]
        two = f"The {AER} and the {RFT} intend to sign a memorandum of understanding in Brussels."
        room.edit(DEAL, title="AER and RFT intend to sign memorandum", paragraphs=(two, *rest))
        await room.desk.later(hours=6)
        (entry,) = room.ledger()
        assert [p.acronym for p in entry.event.parties] == ["AER", "RFT"]
        assert entry.event.certainty == "possible"
        assert "said before the edit: AER, RFT and NIF: mou signed" in {note.what for note in entry.history}
        _, correction = await room.mails()
        assert correction["Subject"].startswith("Correction")
        assert len({row.alert.thread for row in room.rows()}) == 1
        assert "no longer names Nordic Imaging Forum" in words(correction)
        assert "intend to sign" in words(correction)
        await room.desk.later(hours=6)
        assert len(await room.mails()) == 2


async def test_a_party_taken_out_of_the_text_alone_is_gone_though_the_title_keeps_it(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        three = f"The {AER}, the {RFT} and the {NIF} today signed a memorandum of understanding in Brussels."
        room.publish("AER, RFT and NIF sign memorandum", three, day="2026-03-02")
        await room.desk.later(hours=2)
        rest = room.here.pieces[DEAL].paragraphs[1:]
        two = f"The {AER} and the {RFT} today signed a memorandum of understanding in Brussels."
        room.edit(DEAL, paragraphs=(two, *rest))
        await room.desk.later(hours=6)
        assert [p.acronym for p in room.ledger()[0].event.parties] == ["AER", "RFT"]
        assert [s.split(":")[0] for s in room.subjects()[1:]] == ["Correction"]


async def test_a_text_that_goes_back_to_what_it_said_is_followed_in_silence(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path) as room:
        three = f"The {AER}, the {RFT} and the {NIF} today signed a memorandum of understanding in Brussels."
        room.publish("AER, RFT and NIF sign memorandum", three, day="2026-03-02")
        await room.desk.later(hours=2)
        first = room.here.pieces[DEAL]
        two = f"The {AER} and the {RFT} today signed a memorandum of understanding in Brussels."
        room.edit(DEAL, paragraphs=(two, *first.paragraphs[1:]))
        await room.desk.later(hours=6)
        room.here.pieces[DEAL] = first
        await room.desk.later(hours=6)
        assert [p.acronym for p in room.ledger()[0].event.parties] == ["AER", "RFT", "NIF"]
        assert len(room.subjects()) == 2


async def test_a_joint_letter_and_new_members_on_one_day_are_lines_of_the_digest(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    letter = (
        f"31 bodies, among them the {AER}, the {RFT} and the {NIF}, call on ministers in a joint letter to sign the "
        "agreement on data."
    )
    members = (
        f"The {AER} welcomes five new members: the Harbour Society (HS), the Coast Guild (CG), the Lake League (LL), "
        "the Dune Institute (DI) and the Tidal Association (TA) have joined the alliance."
    )
    async with a_newsroom(sites, tmp_path) as room:
        room.publish("31 associations write joint letter", letter, day="2026-03-02", path="/news/letter")
        room.publish("AER welcomes five new members", members, day="2026-03-02", path="/news/members")
        await room.desk.later(hours=2)
        assert [e.event.action for e in room.ledger()] in ([], ["joined"])
        assert {row.alert.kind for row in room.rows()} <= {"new"}
        lines = room.subjects("digest")
        assert any(line.startswith("Joint statement: ") for line in lines)
        assert any("joined" in line for line in lines)


async def test_another_body_with_the_same_acronym_stays_apart_and_explain_says_so(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    sentence = (
        "El Colegio de Corredores Inmobiliarios (COCIR) firmó hoy un convenio de colaboración con la Universidad "
        "Nacional del Plata."
    )
    rule = a_rule("partnership", name="ours", parties=("COCIR",))
    async with a_newsroom(sites, tmp_path, rule) as room:
        body = Organisation(id="cocir.org", name="European Coordination Committee of the Radiological, "
                            "Electromedical and Healthcare IT Industry", acronym="COCIR")  # fmt: skip
        known = room.desk.hands.policy
        knowing = replace(room.desk.hands, policy=lambda s: replace(known(s), same=same_by((body,))))
        room.desk.hands = knowing
        room.publish("COCIR firma un convenio", day="2026-03-02")
        room.edit(DEAL, paragraphs=(sentence, *COLEGIO))
        await room.desk.later(hours=2)
        (entry,) = room.ledger()
        assert all(party.organisation is None for party in entry.event.parties)
        assert (room.subjects(), room.subjects("digest")) == ([], [])
        assert "no party is COCIR: COCIR is short for Colegio de Corredores Inmobiliarios here, another body" in (
            room.why(DEAL)
        )


async def test_who_was_mailed_a_partnership_hears_that_its_release_is_gone_and_back(
    sites: tuple[Site, Site, str, str], tmp_path: Path
) -> None:
    async with a_newsroom(sites, tmp_path, a_rule("partnership")) as room:
        room.publish("AER and RFT sign memorandum", f"The {AER} and the {RFT} today signed a memorandum of "
                     "understanding.", day="2026-03-02")  # fmt: skip
        await room.desk.later(hours=2)
        piece = room.here.pieces.pop(DEAL)
        for _ in range(4):
            await room.desk.later(days=1)
        room.here.pieces[DEAL] = piece
        await room.desk.later(days=1)
        assert [subject.partition(":")[0] for subject in room.subjects()[1:]] == ["Withdrawn", "Back again"]
        assert len({row.alert.thread for row in room.rows()}) == 1
