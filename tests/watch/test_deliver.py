"""From the outbox to a channel: sent once, tried again, told apart; and whatever dies between, nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from scraper.alert.channel import Inbox
from scraper.clock import FakeClock
from scraper.watch.deliver import CLAIM, deliver
from scraper.watch.post import Post
from scraper.watch.writer import Writer
from storage.errors import StorageError
from storage.records.alert import Message, Receipt
from storage.store import Filter, Store
from tests.builders import HOUR, NOW, a_source, a_target, a_verdict, an_alert

Make = Callable[..., Post]


@pytest.fixture
async def post(store: Store) -> AsyncIterator[Make]:
    """Builds the post of one process."""
    writer, clock = Writer(store), FakeClock(NOW)

    def make(inbox: Any, owner: str = "me", **facts: Any) -> Post:
        known = {"writer": writer, "catalogue": store.catalogue(), "clock": clock, "channel": lambda _: inbox}
        return Post(**{**known, "owner": owner, "sender": "watch@press.eu", "timezones": {}, **facts})

    yield make
    writer.close()


@pytest.fixture(autouse=True)
def waiting(store: Store) -> Callable[..., None]:
    """Puts alerts into the outbox."""
    with store.begin() as work:
        work.sync_sources((a_source(),))
        work.add_targets((a_target(),))
        (target,) = work.targets_of(a_source().id)

    def put(*alerts: Any) -> None:
        with store.begin() as work:
            work.keep(a_verdict(target, alerts=alerts))

    return put


def states(store: Store) -> list[str]:
    return [row.state.value for row in reversed(store.catalogue().deliveries(Filter()))]


async def test_what_is_due_is_sent_once(store, post, waiting) -> None:
    waiting(an_alert("1"), an_alert("2", due=NOW + HOUR))
    inbox = Inbox()
    outcome = await deliver(post(inbox))
    assert (outcome.sent, outcome.failed, outcome.waiting) == (1, 0, 1)
    assert (await deliver(post(inbox))).sent == 0
    assert (len(inbox.received), states(store)) == (1, ["sent", "waiting"])


@pytest.mark.parametrize(
    ("outcome", "state"), [("later", "waiting"), ("unknown", "unknown"), ("refused", "failed"), ("sent", "sent")]
)
async def test_what_a_channel_says_is_where_the_row_stands(store, post, waiting, outcome: str, state: str) -> None:
    waiting(an_alert())
    result = await deliver(post(Inbox(Receipt(outcome=outcome, detail="452 full"))))
    assert states(store) == [state]
    assert result.trouble == (() if outcome == "sent" else ("mail to ana@press.eu: 452 full",))
    assert result.failed == (1 if state == "failed" else 0)


@pytest.mark.parametrize("outcome", ["later", "unknown"])
async def test_a_second_try_sends_the_same_bytes_under_the_same_id(store, post, waiting, outcome: str) -> None:
    waiting(an_alert())
    first = Recorder(Receipt(outcome=outcome))
    first_post = post(first)
    await deliver(first_post)
    assert (await deliver(first_post)).sent == 0  # not before its next try is due
    first_post.clock.advance(HOUR)
    await deliver(first_post)
    assert [message.raw for message in first.given] == [first.given[0].raw] * 2
    assert states(store) == ["sent"]


class Recorder(Inbox):
    """Keeps what it was given, whatever it answered; may die with the message in its hand."""

    def __init__(self, *answers: Receipt, dies: bool = False) -> None:
        super().__init__(*answers)
        self.given: list[Message] = []
        self._dies = dies

    async def send(self, message: Message) -> Receipt:
        self.given.append(message)
        if self._dies:
            raise KeyboardInterrupt
        return await super().send(message)


async def test_killed_between_sending_and_recording_it_goes_again_with_the_same_id(store, post, waiting) -> None:
    waiting(an_alert())
    dying, mailbox = Recorder(dies=True), Recorder()
    with pytest.raises(KeyboardInterrupt):
        await deliver(post(dying))
    other = post(mailbox, owner="you")
    assert (states(store), (await deliver(other)).sent) == (["sending"], 0)  # its claim still holds
    other.clock.advance(CLAIM)
    assert (await deliver(other)).sent == 1
    assert [m.message_id for m in mailbox.given] == [m.message_id for m in dying.given]
    assert mailbox.given[0].raw == dying.given[0].raw


async def test_a_mail_that_cannot_be_rendered_does_not_stop_the_others(store, post, waiting) -> None:
    waiting(an_alert("bad", item=1), an_alert("good"))
    catalogue = store.catalogue()
    catalogue.find_item = lambda name: 1 / 0  # type: ignore[method-assign]
    outcome = await deliver(post(Inbox(), catalogue=catalogue))
    assert (outcome.sent, outcome.failed) == (1, 1)
    assert states(store) == ["failed", "sent"]
    assert "cannot be rendered" in outcome.trouble[0]


async def test_a_database_in_trouble_is_no_reason_to_give_an_alert_up(store, post, waiting) -> None:
    waiting(an_alert(item=1))

    class Locked:
        def thread_root(self, alert: Any) -> None:
            raise StorageError("database", "is locked")

    with pytest.raises(StorageError):
        await deliver(post(Inbox(), catalogue=Locked()))
    assert states(store) == ["waiting"]


async def test_a_row_that_another_process_took_over_is_left_to_it(store, post, waiting) -> None:
    """The first mail took longer than the claim: the other process sends the second, and the first lets it."""
    waiting(an_alert("1"), an_alert("2", to="bob@press.eu"))
    other = Recorder()

    class Slow(Recorder):
        async def send(self, message: Message) -> Receipt:
            if not self.given:
                mine.clock.advance(CLAIM + timedelta(minutes=1))
                await deliver(post(other, owner="you"))
            return await super().send(message)

    slow = Slow()
    mine = post(slow)
    await deliver(mine)
    sent = [message.to for message in (*slow.given, *other.given)]
    assert sent.count("bob@press.eu") == 1


async def test_nothing_goes_out_while_sending_is_refused(store, post, waiting) -> None:
    inbox = Inbox()
    assert (await deliver(post(inbox, refused="set [mail] sender"))).trouble == ()
    waiting(an_alert())
    outcome = await deliver(post(inbox, refused="set [mail] sender"))
    assert (outcome.trouble, outcome.waiting, inbox.received) == (("set [mail] sender",), 1, [])


async def test_a_digest_is_one_mail_and_all_its_rows_are_sent(store, post, waiting) -> None:
    waiting(*(an_alert(str(n), mode="digest") for n in range(5)))
    inbox = Inbox()
    assert (await deliver(post(inbox))).sent == 5
    assert (len(inbox.received), states(store)) == (1, ["sent"] * 5)


async def test_a_channel_is_closed_after_its_batch(store, post, waiting) -> None:
    waiting(an_alert())
    inbox = Inbox()
    await deliver(post(inbox))
    assert inbox.closed == 1


async def test_a_first_report_is_a_mail_that_went_out_and_no_alert(store, post, waiting) -> None:
    waiting(an_alert("1", kind="welcome"))
    outcome = await deliver(post(Inbox()))
    assert (outcome.mails, outcome.sent) == (1, 0)
