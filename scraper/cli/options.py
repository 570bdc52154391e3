"""The options that several commands share, each with the one help it has everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; else $ACCORDWATCH_CONFIG, else ./config.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
SourceOf = Annotated[str, typer.Option("--source", help="Only this source.")]
Since = Annotated[str, typer.Option("--since", help="From this day or moment on: 2026-01-31.")]
Until = Annotated[str, typer.Option("--until", help="Up to, and without, this day or moment.")]
Party = Annotated[str, typer.Option("--party", help="Only of this organisation: name or acronym.")]
Kind = Annotated[str, typer.Option("--kind", help="Only these: edited, withdrawn, renewed, mou, failed ...")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10**9, help="At most so many, the newest.")]
Bind = Annotated[str, typer.Option("--bind", metavar="HOST:PORT", help="Where the dashboard listens.")]
LogFormat = Annotated[str, typer.Option("--log-format", help="console for people, json for machines.")]
LogLevel = Annotated[str, typer.Option("--log-level", help="debug tells of every look.")]
MetricsAt = Annotated[str, typer.Option("--metrics", metavar="HOST:PORT", help="Serve /metrics and /healthz.")]
