"""Pictures as SVG text, drawn from plain values: small bars, a network, time lines. Pure."""

from scraper.draw.bars import bars, weekly
from scraper.draw.network import Line, Node, network
from scraper.draw.timeline import Mark, Row, timeline
from scraper.draw.versions import Stop, versions

__all__ = ["Line", "Mark", "Node", "Row", "Stop", "bars", "network", "timeline", "versions", "weekly"]
