"""Names of processes in claims and leases, and which of them are certainly dead: those need not be waited for.

A name holds what makes a process number unique: the boot of the machine and the namespace the number is of. Where the
system tells neither, nobody is taken for dead, and claims run out by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4


def owner() -> str:
    """This process's name in leases and claims; no other has the same."""
    return f"{_place()}:{os.getpid()}:{uuid4().hex[:8]}"


def dead(owners: Iterable[str]) -> list[str]:
    """Those that ran here, in this very boot and namespace, and run no more."""
    here = _place()
    return [name for name in owners if here and name.startswith(f"{here}:") and not _runs(name.split(":")[1])]


def _place() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "")
    except OSError:
        return ""


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, OSError):  # somebody else's process, or no number: it may well run
        return True
    return True
