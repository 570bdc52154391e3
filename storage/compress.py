"""zstd under one name: the standard library's from Python 3.14 on, its backport before."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):  # pragma: no cover - the same interface under its final name
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
