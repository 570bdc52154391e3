"""From outbox to channel: claim what is due, render it once, send it, record how it went. Crash-safe at each step.

The order makes the promise: rendered bytes and Message-ID are stored before the first try, and the row says
"sending" before the channel is asked. Whoever finds such a row after its claim ran out tries again with the same
Message-ID, so that the only doubt is a message lost after DATA, and a mail reader can tell the twins.
"""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from scraper.alert.backoff import settle
from scraper.alert.channel import Channel
from scraper.alert.digest import Batch, batches
from scraper.watch.letters import rendered
from scraper.watch.post import Post
from storage.errors import StorageError
from storage.records.alert import AlertId, DeliveryState, Receipt
from storage.store import Work, outbox

CLAIM = timedelta(minutes=10)  # how long one process may take until its next message before another may try
MOST = 500  # rows of one run; a flood becomes digests, so that is many mails
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a delivery run went; `waiting` counts what is left in the outbox for later."""

    sent: int = 0  # alerts; first reports are not among them
    mails: int = 0  # messages that went out, whatever they hold
    failed: int = 0
    waiting: int = 0
    until: datetime | None = None  # when the next of the waiting ones is due
    trouble: tuple[str, ...] = ()


async def deliver(post: Post, *, again: bool = False, early: bool = False) -> Outcome:
    """Send all that is due; each row ends as sent, waiting for a later try, unknown or failed.

    With `again` what failed before is tried now, whenever its next try would be: somebody has mended the cause.
    With `early` all that waits is due now, quiet hours or not: a person asked to have it.
    """
    if post.refused is not None:
        waiting = post.catalogue.totals().waiting
        return Outcome(waiting=waiting, trouble=(post.refused,) if waiting else ())
    if again or early:
        await post.writer.write(lambda work: outbox.hurry(work.connection, now=post.clock.now(), untried=early))
    tally: Counter[str] = Counter()
    trouble: dict[str, None] = {}
    mails = 0
    while ready := await _ready(post):
        for name, of_channel in groupby(ready, key=lambda batch: batch.channel):
            async with aclosing(post.channel(name)) as channel:
                for batch in of_channel:
                    receipt = await _sent(batch, channel, post)
                    if receipt is None:
                        continue
                    mails += receipt.outcome == "sent"
                    tally[receipt.outcome] += sum(row.alert.kind != "welcome" for row in batch.deliveries)
                    if receipt.outcome != "sent":
                        trouble[f"mail to {batch.to}: {receipt.detail}"] = None
    if not trouble and (stuck := await post.writer.write(_stuck)):
        trouble[stuck] = None
    return Outcome(
        sent=tally["sent"], mails=mails, failed=tally["refused"], waiting=post.catalogue.totals().waiting,
        until=post.catalogue.next_delivery(), trouble=tuple(trouble),
    )  # fmt: skip


def _stuck(work: Work) -> str:
    """What an earlier run could not send and nobody has mended: said each time, or a cron job stays silent over it."""
    count, due, error = outbox.put_off(work.connection)
    return f"{count} wait for another try at {due:%Y-%m-%d %H:%M} UTC: {error}" if count else ""


async def _ready(post: Post) -> tuple[Batch, ...]:
    """What is to be sent now, claimed for this process; what must wait is given back."""
    now = post.clock.now()

    def take(work: Work) -> tuple[Batch, ...]:
        rows = outbox.claim(work.connection, owner=post.owner, now=now, until=now + CLAIM, limit=MOST)
        chosen = batches(rows, now=now, lately=outbox.sent_since(work.connection, now - HOUR))
        taken = {key for batch in chosen for key in ids_of(batch)}
        outbox.release(work.connection, [row.alert.id for row in rows if row.alert.id and row.alert.id not in taken])
        return chosen

    return await post.writer.write(take)


def ids_of(batch: Batch) -> tuple[AlertId, ...]:
    return tuple(row.alert.id for row in batch.deliveries if row.alert.id is not None)


async def _sent(batch: Batch, channel: Channel, post: Post) -> Receipt | None:
    """One message on its way, from rendering to the record of how it went; None when another process took it over."""
    try:
        message = rendered(batch, post)
    except StorageError:  # memory is in trouble, not the alert
        raise
    except Exception as error:  # one alert that cannot be rendered never holds up the others
        receipt = Receipt(outcome="refused", detail=f"cannot be rendered: {type(error).__name__}: {error}")
        await _record(batch, receipt, post)
        return receipt

    def begin(work: Work) -> bool:
        now = post.clock.now()
        ours = outbox.mark_sending(work.connection, ids_of(batch), owner=post.owner, now=now, until=now + CLAIM)
        if ours and batch.message is None:
            outbox.keep_message(work.connection, ids_of(batch), message)
        return ours

    if not await post.writer.write(begin):
        return None
    receipt = await channel.send(message)
    await _record(batch, receipt, post)
    return receipt


async def _record(batch: Batch, receipt: Receipt, post: Post) -> None:
    """How the try ended for all rows of the batch, and when the next one is due."""
    now = post.clock.now()
    settled = settle(batch.deliveries[0], receipt, now)
    due = settled.alert.due if settled.state in (DeliveryState.WAITING, DeliveryState.UNKNOWN) else None
    await post.writer.write(
        lambda work: outbox.record(
            work.connection, ids_of(batch), settled.state, now=now, error=settled.last_error, due=due
        )
    )
