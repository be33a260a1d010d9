"""The processes that run codemods: files to transform in, what comes of them out, whatever a codemod does meanwhile.

Each process serves one thread of ours. It is killed when its time for a file is over, and started again for the next.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from typing import TypeVar

from repoint.codemods.protocol import Ask, Garbled, Ready, Setup, receive, send
from repoint.codemods.values import Fate, Limits, Outcome, Step, Subject
from repoint.errors import UsageError

In = TypeVar("In")
Out = TypeVar("Out")
Asking = Callable[[int, Subject], Outcome]

_START = 60  # seconds to import the codemods in
_LAST_WORDS = 4_000
_TICK = 0.05


class Unstartable(UsageError):
    """The process for codemods does not come up."""


class Hosts:
    """As many processes as are wanted, each started when it is first needed; all stopped by `close`."""

    def __init__(self, folder: str, steps: Sequence[Step], limits: Sequence[Limits], count: int) -> None:
        self._setup = Setup(folder, tuple(steps), max(limit.memory for limit in limits))
        self._limits = tuple(limits)
        self._scratch = tempfile.TemporaryDirectory(prefix="repoint-", ignore_cleanup_errors=True)
        self._hosts = [_Host(self._setup, self._scratch.name) for _ in range(count)]

    def ready(self) -> Ready:
        """Start the first process, and say which steps cannot run at all. Raises Unstartable."""
        return self._hosts[0].start()

    def map(
        self, work: Callable[[In, Asking], Out], items: Sequence[In], done: Callable[[int], None] = lambda count: None
    ) -> list[Out]:
        """`work` of every item, in the order of the items; it is given what it asks of the steps through."""
        waiting: SimpleQueue[int] = SimpleQueue()
        for at in range(len(items)):
            waiting.put(at)
        results: dict[int, Out] = {}
        failures: list[BaseException] = []
        stop = Event()

        def serve(host: _Host) -> None:
            try:
                while not stop.is_set():
                    at = waiting.get_nowait()
                    results[at] = work(items[at], lambda step, subject: self._ask(host, step, subject))
            except Empty:
                return
            except BaseException as error:  # told where the caller waits
                failures.append(error)
                stop.set()

        threads = [Thread(target=serve, args=(host,), daemon=True) for host in self._hosts[: len(items)]]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_TICK)  # so that an interrupt comes through
                    done(len(results))
        except BaseException:
            stop.set()
            self.close()
            raise
        if failures:
            raise failures[0]
        return [results[at] for at in range(len(items))]

    def _ask(self, host: _Host, step: int, subject: Subject) -> Outcome:
        limit = self._limits[step]
        return host.ask(Ask(step, subject, limit.seconds, limit.memory))

    def close(self) -> None:
        """End all processes."""
        for host in self._hosts:
            host.end()
        self._scratch.cleanup()


@contextmanager
def hosting(folder: str, steps: Sequence[Step], limits: Sequence[Limits], count: int) -> Iterator[Hosts]:
    """Processes for one run of codemods, ended at its end."""
    hosts = Hosts(folder, steps, limits, count)
    try:
        yield hosts
    finally:
        hosts.close()


class _Host:
    """One process, or none at the moment. Used by one thread at a time, but for `end`."""

    def __init__(self, setup: Setup, scratch: str) -> None:
        self._setup = setup
        self._scratch = scratch
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._asking = False

    def start(self) -> Ready:
        """A new process that has loaded the codemods. Raises Unstartable."""
        self._process = process = _started(self._scratch)
        if self._ended:
            self.end()
        try:
            answer, late = self._exchange(self._setup, Ready, _START)
            reason = f"it did not load them within {_START} s" if late else ""
        except Garbled as error:
            answer, reason = None, f"it gave {error}"
        if answer is None:
            reason = reason or _last_words(process)
            self._kill()
            mend = "import the codemods with this Python to see what they do when they are loaded"
            raise Unstartable(f"the process that runs codemods ended before it began: {reason}", mend=mend)
        return answer

    def ask(self, ask: Ask) -> Outcome:
        """What comes of a file, death included. Raises Unstartable."""
        if self._process is None:
            self.start()
        try:
            outcome, late = self._exchange(ask, Outcome, ask.seconds)
        except Garbled as error:
            self._kill()
            return Outcome(Fate.DIED, reason=f"it gave {error}")
        if outcome is None:
            reason = self._kill()
            return Outcome(Fate.TIMED_OUT) if late else Outcome(Fate.DIED, reason=reason)
        if outcome.fate is Fate.OUT_OF_MEMORY:
            self._kill()
        return outcome

    def _exchange(self, value: Setup | Ask, kind: type[Out], seconds: int) -> tuple[Out | None, bool]:
        """The answer, None if the process ended instead; and whether its time was over. Raises Garbled."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None, False
        late = Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = Timer(seconds, end)
        timer.daemon = True
        timer.start()
        self._asking = True
        try:
            with suppress(OSError):  # it may be dead: then there is nothing to read
                send(process.stdin, value)
            answer = receive(process.stdout, kind)
        finally:
            timer.cancel()
            self._asking = False
        return (None if late.is_set() else answer), late.is_set()

    def _kill(self) -> str:
        """End the process, if there is one, and say how it ended."""
        process, self._process = self._process, None
        if process is None:
            return ""
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)  # that it ended by itself is to be seen
        status = process.poll()
        _kill(process)
        _close(process)
        return "its process was killed" if status is None else _how(status)

    def end(self) -> None:
        """End it for good: a thread that waits for its answer is freed."""
        self._ended = True
        process = self._process
        if process is not None:
            _kill(process)
            process.wait()
            if not self._asking:  # else the thread that reads its answer comes to the end by itself
                _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    with process:
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):
                stream.close() if stream is not None else None


def _started(folder: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "repoint.codemods.host"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(os.environ),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=sys.platform != "win32",
    )


def _environment(known: Mapping[str, str]) -> dict[str, str]:
    """The caller's, but for what depends on the folder, on the moment, or on git."""
    kept = {key: value for key, value in known.items() if not key.startswith("GIT_")}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    if paths := known.get("PYTHONPATH"):
        kept["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in paths.split(os.pathsep) if path)  # noqa: PTH100
    return kept


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started in its session."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _how(status: int) -> str:
    if status >= 0:
        return f"its process ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = ", as it does where memory does not suffice" if name == "SIGABRT" else ""
    return f"its process was ended by {name}{hint}"


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """The last line that a process wrote before it could tell us anything, or how it ended; it is ended now."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)
    _kill(process)
    text = process.stderr.read(_LAST_WORDS).decode("utf-8", "replace") if process.stderr is not None else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else _how(process.wait())
