"""The command `accordwatch`: runs the command line and turns what a person can mend into one line."""

from __future__ import annotations

import signal
import sys
import threading

from scraper.errors import UserError, mendable


def main() -> None:
    """Run; exit 0 when all is well, 1 when something needs a person, 2 for wrong configuration or arguments."""
    from scraper.cli.commands import app

    _end_gently()
    try:
        app()
    except (UserError, ExceptionGroup) as raised:
        error = mendable(raised)
        if error is None or "--debug" in sys.argv:
            raise
        _say(error)
        sys.exit(2 if _is_configuration(error) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `accordwatch items | head`
        sys.stderr.close()
        sys.exit(0)


def _end_gently() -> None:
    """`kill`, a service manager and a closed terminal end a run as Ctrl-C does: hosts and claims are given back."""
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(each) is signal.SIG_DFL:  # under nohup SIGHUP stays ignored
                signal.signal(each, _interrupt)


def _interrupt(*_: object) -> None:
    """As Ctrl-C; a shell without job control starts what runs in its background with that ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _is_configuration(error: UserError) -> bool:
    from scraper.errors import ConfigError

    return isinstance(error, ConfigError)


def _say(error: UserError) -> None:
    faults = getattr(error, "faults", ())
    for line in faults or (str(error),):
        print(f"accordwatch: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
