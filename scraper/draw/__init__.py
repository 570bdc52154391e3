"""Pictures as SVG text, drawn from plain values: small bars, a network, time lines. Pure."""

from scraper.draw.bars import bars

__all__ = ["bars"]
