"""The ledger as a picture: what of it is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from scraper.detect.ledger import ties
from scraper.watch.portrait import MOST_BODIES, drawn, network_of
from storage.records.partnership import PartnershipId, Party
from tests.alert.builders import an_entry

TODAY = date(2026, 11, 23)


def test_a_network_has_room_for_the_latest_ties_and_says_what_it_leaves_out():
    first = an_entry()
    entries = [
        replace(
            first, id=PartnershipId(n), first_seen=first.first_seen + timedelta(days=n),
            event=replace(first.event, parties=(Party(name=f"North {n} Union"), Party(name=f"South {n} League"))),
        )
        for n in range(1, 81)
    ]  # fmt: skip
    found = ties(entries)
    assert len(found) == 80
    assert drawn(found) == found[: MOST_BODIES // 2]
    picture = network_of(found, today=TODAY)
    assert "100 organisations and 50 ties between them. 30 older ties are not drawn." in picture
    assert drawn(found[:9]) == found[:9]
