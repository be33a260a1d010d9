"""For the commands that write: being told to end is taken like Ctrl-C, so that nothing is left lying about."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def interruptible(state: str) -> Iterator[None]:
    """For the block, a plain `kill` or a closed terminal raises KeyboardInterrupt, and the user is told the `state`.

    A signal that is ignored (`nohup`) stays so.
    """
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        print(f"repoint: interrupted; {state}", file=sys.stderr)
        raise
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
