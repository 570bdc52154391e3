"""What becomes of a delivery after a try: sent, put off and until when, or given up. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from storage.records.alert import Delivery, DeliveryState, Receipt

# RFC 5321 4.5.4.1: retry after half an hour at least, give up after four to five days. Greylisting servers let a second
# try pass after one to fifteen minutes, so the first steps are shorter.
STEPS = tuple(timedelta(minutes=m) for m in (2, 5, 15, 30, 60, 120, 240))
LONGEST = timedelta(hours=6)
PATIENCE = timedelta(days=5)
BLIND_TRIES = 3  # of a mail that may have arrived each time: the same Message-ID, yet not every mailbox drops doubles


def settle(delivery: Delivery, receipt: Receipt, now: datetime) -> Delivery:
    """The delivery after one more try that ended so; with `alert.due` at its next try while it still waits."""
    attempts = delivery.attempts + 1
    tried = replace(delivery, attempts=attempts, last_error=receipt.detail)
    if receipt.outcome == "sent":
        return replace(tried, state=DeliveryState.SENT, sent_at=now, last_error="")
    blind = receipt.outcome == "unknown"
    due = next_try(attempts, now)
    if receipt.outcome == "refused" or due is None or (blind and attempts >= BLIND_TRIES):
        return replace(tried, state=DeliveryState.FAILED)
    state = DeliveryState.UNKNOWN if blind else DeliveryState.WAITING
    return replace(tried, state=state, alert=replace(delivery.alert, due=due))


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` tries without success; None: five days are over, a person is needed."""
    if attempts < 1:
        return now
    waited = sum(STEPS[:attempts], timedelta()) + LONGEST * max(0, attempts - len(STEPS))
    if waited > PATIENCE:
        return None
    return now + (STEPS[attempts - 1] if attempts <= len(STEPS) else LONGEST)
