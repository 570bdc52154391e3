"""Alerts: rules, the outbox with every try, a mail as it reads, a test message, and what today's rules would send."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from scraper.alert.digest import Batch
from scraper.errors import ConfigError, UserError
from scraper.watch.letters import rendered
from scraper.watch.replay import replayed
from scraper.web.desk import Asked, Here
from scraper.web.render import page
from storage.records.alert import Delivery, DeliveryState, Message
from storage.store import Filter

router = APIRouter(include_in_schema=False)
MOST = 100  # rows of the outbox on a page
MOST_TOLD = 200  # alerts of a what-if
SPANS = (7, 30, 90)  # days of a what-if
# A mail as its reader sees it: its own style, and nothing else. No script, no request, no link that leads this window.
MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
STATES = ("", *(state.value for state in DeliveryState))


@router.get("/alerts")
def listed(request: Request, here: Asked, kind: str = "", before: int | None = None, sent: str = "") -> Response:
    """Rules and outbox; `kind` is a state of delivery or what an alert is about."""
    catalogue = here.desk.catalogue
    found = catalogue.outbox(kind=kind, before=before, limit=MOST + 1)
    return page(
        request, "alerts.html", rules=here.desk.config.rules, rows=found[:MOST], kind=kind, states=STATES,
        older=found[MOST - 1].alert.id if len(found) > MOST else None, totals=catalogue.totals(),
        until=catalogue.next_delivery(), addresses=_addresses(here), why_not=here.desk.config.why_not_send() or "",
        mail=here.desk.config.mail, flash={"now": "What was due has been sent."}.get(sent, ""),
    )  # fmt: skip


@router.post("/alerts/test")
async def send_test(request: Request, here: Asked, to: Annotated[str, Form()] = "") -> Response:
    """One test mail to somebody whom the configuration names: this is no way to write to strangers."""
    if to not in _addresses(here):
        raise ConfigError("the address", "is nobody's whom config.toml names", "choose one from the list")
    taken, detail = await here.desk.send_test(to)
    return _said(request, f"The test mail was {'' if taken else 'not '}taken", detail, good=taken)


@router.post("/alerts/deliver")
async def deliver(request: Request, here: Asked) -> Response:
    """Send what is due, and what waits for another try."""
    outcome = await here.desk.deliver(again=True)
    if outcome.trouble:
        return _said(request, "Not everything could be sent", outcome.trouble[0], good=False)
    return RedirectResponse("/alerts?sent=now", 303)


@router.get("/alerts/what-if")
def what_if(request: Request, here: Asked, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """What today's rules would have sent of the recorded past, and whether that was in fact made."""
    catalogue, since = here.desk.catalogue, here.now - timedelta(days=days)
    made = {(row.alert.key, row.alert.channel, row.alert.to) for row in catalogue.deliveries(Filter())}
    told = [
        (alert, (alert.key, alert.channel, alert.to) in made)
        for alert in replayed(catalogue, here.desk.hands.policy, Filter(since=since))
    ][::-1]
    return page(
        request, "what_if.html", told=told[:MOST_TOLD], count=len(told), days=days, spans=SPANS,
        rules=here.desk.config.rules,
    )  # fmt: skip


@router.get("/alerts/{key}")
def one(request: Request, here: Asked, key: int) -> Response:
    """One alert on its way."""
    row = _known(here, key)
    message = _mail(row, here)
    return page(request, "alert.html", row=row, message=message, stored=row.message is not None)


@router.get("/alerts/{key}/mail")
def mail(here: Asked, key: int) -> Response:
    """The mail's HTML as its reader gets it, where nothing of it can act."""
    kept = {"content-security-policy": MAIL_CSP, "x-frame-options": "SAMEORIGIN"}
    return HTMLResponse(_letter(here, key).html, headers=kept)


@router.get("/alerts/{key}/eml")
def eml(here: Asked, key: int) -> Response:
    """The whole mail as a file."""
    message = _letter(here, key)
    named = {"content-disposition": f'attachment; filename="alert-{key}.eml"', "content-security-policy": MAIL_CSP}
    return Response(message.raw, media_type="message/rfc822", headers=named)


def _said(request: Request, title: str, words: str, *, good: bool) -> Response:
    """What came of it, where that is more than a line."""
    return page(request, "said.html", title=title, good=good, words=words, back="/alerts", name="Alerts")


def _known(here: Here, key: int) -> Delivery:
    row = here.desk.catalogue.delivery(key) if 0 < key < 2**63 else None
    if row is None:
        raise HTTPException(404, "No alert has this number.")
    return row


def _letter(here: Here, key: int) -> Message:
    message = _mail(_known(here, key), here)
    if message is None:
        raise HTTPException(404, "This alert makes no mail of its own.")
    return message


def _mail(row: Delivery, here: Here) -> Message | None:
    """As stored, or as it would read now; None where it went out as a part of another row's message."""
    if row.message is None and row.message_id:
        return None
    batch = Batch(
        channel=row.alert.channel, to=row.alert.to, deliveries=(row,), digest=row.alert.mode == "digest",
        message=row.message,
    )  # fmt: skip
    try:
        return rendered(batch, here.desk.post)
    except (UserError, LookupError):
        return None  # what it tells of is no more


def _addresses(here: Here) -> tuple[str, ...]:
    """Everybody whom people and rules name, once each."""
    config = here.desk.config
    named = [person.address for person in (*config.people, *(who for rule in config.rules for who in rule.to))]
    return tuple(dict.fromkeys(named))
