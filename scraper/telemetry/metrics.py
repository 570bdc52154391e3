"""Numbers for Prometheus, under names that docs/operations.md lists, and /healthz: does the daemon do its work?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import get_args

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from storage.records.health import Health, State
from storage.records.verdict import CheckReport
from storage.store import Catalogue

Wrong = Callable[[], str]  # what is wrong in one line, or nothing
STATES: tuple[State, ...] = get_args(State)

_BY = ("source",)


class Metrics:
    """Counts finished checks; gauges of sources and the outbox are read when they are asked for."""

    def __init__(self, catalogue: Callable[[], Catalogue], sources: Callable[[], Iterable[Health]] = tuple) -> None:
        self.registry = CollectorRegistry()
        self._catalogue, self._sources = catalogue, sources
        own = self.registry
        self._checks = Counter("accordwatch_checks", "Finished checks", ("source", "kind", "outcome"), registry=own)
        self._changes = Counter("accordwatch_changes", "Changes of articles", ("source", "kind"), registry=own)
        self._events = Counter("accordwatch_partnerships", "New entries of the ledger", ("source",), registry=own)
        self._alerts = Counter("accordwatch_alerts_queued", "Alerts written to the outbox", ("source",), registry=own)
        self._requests = Counter("accordwatch_requests", "Requests that went out", ("source",), registry=own)
        self._outbox = Gauge("accordwatch_outbox", "Rows of the outbox", ("state",), registry=own)
        self._items = Gauge("accordwatch_items", "Articles held", registry=own)
        self._state = Gauge("accordwatch_source_state", "1 for the state it is in", ("source", "state"), registry=own)
        self._good = Gauge("accordwatch_source_last_good_seconds", "Last good look, Unix time", _BY, registry=own)
        self._gaps = Gauge("accordwatch_source_open_gaps", "Times of which something may be missing", _BY, registry=own)

    def count(self, report: CheckReport) -> None:
        """Take one finished check into the numbers."""
        self._checks.labels(report.source, report.kind, report.outcome).inc()
        self._requests.labels(report.source).inc(report.requests)
        for kind in report.changes:
            self._changes.labels(report.source, kind).inc()
        if report.partnerships:
            self._events.labels(report.source).inc(report.partnerships)
        if report.alerts:
            self._alerts.labels(report.source).inc(report.alerts)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        totals = self._catalogue().totals()
        self._items.set(totals.items)
        self._outbox.labels("waiting").set(totals.waiting)
        self._outbox.labels("failed").set(totals.failed)
        for health in self._sources():
            for state in STATES:
                self._state.labels(health.source, state).set(health.state == state)
            if health.last_good is not None:
                self._good.labels(health.source).set(health.last_good.timestamp())
            self._gaps.labels(health.source).set(len(health.gaps))
        return generate_latest(self.registry)


def routes(metrics: Metrics, health: Wrong) -> web.Application:
    """/metrics and /healthz. The latter says 503 and why while the daemon cannot work."""

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})

    async def healthz(_: web.Request) -> web.Response:
        wrong = health()
        return web.json_response({"status": "trouble" if wrong else "ok", "why": wrong}, status=503 if wrong else 200)

    app = web.Application()
    app.add_routes([web.get("/metrics", numbers), web.get("/healthz", healthz)])
    return app
