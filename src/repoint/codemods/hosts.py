"""The processes that run codemods: files to transform in, what comes of them out, whatever a codemod does meanwhile.

Each process serves one thread of ours. It is killed when its time for a file is over, and started again for the next. A
file on which a process is lost that has served others is tried again on a new one: what is told of it is of it alone.
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
from threading import Event, Thread
from time import monotonic
from typing import IO, NamedTuple, TypeVar

from repoint.codemods.protocol import Answer, Ask, Garbled, Loaded, Setup, receive, send
from repoint.codemods.values import LOST, Fate, Limits, Outcome, Step, Subject
from repoint.errors import UsageError

In = TypeVar("In")
Out = TypeVar("Out")
Asking = Callable[[int, Subject], Outcome]

_START = 60  # seconds to import the codemods in
_LAST_WORDS = 4_000
_TICK = 0.05
_WORTH_ANOTHER = 24  # files that take about as long as another process takes to start


class Unstartable(UsageError):
    """The process for codemods does not come up."""


class Hosts:
    """As many processes as are wanted, each started when it is first needed; all stopped by `close`."""

    def __init__(self, folder: str, steps: Sequence[Step], limits: Sequence[Limits], count: int) -> None:
        try:
            self._scratch = tempfile.TemporaryDirectory(prefix="repoint-", ignore_cleanup_errors=True)
        except OSError as error:
            mend = "set TMPDIR to a folder that can be written to"
            raise Unstartable(f"there is no temporary folder for codemods: {error}", mend=mend) from error
        setup = Setup(folder, tuple(steps), max(limit.memory for limit in limits), _START)
        self._limits = tuple(limits)
        self._hosts = [_Host(setup, self._scratch.name) for _ in range(count)]
        self._closed = Event()
        Thread(target=self._keep_time, daemon=True).start()

    def ready(self) -> tuple[Loaded, ...]:
        """Start the first process, and say of each step whether it can run at all. Raises Unstartable."""
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

        hosts = self._hosts[: 1 + len(items) // _WORTH_ANOTHER]
        threads = [Thread(target=serve, args=(host,), daemon=True) for host in hosts]
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
        return host.ask(step, subject, limit)

    def _keep_time(self) -> None:
        while not self._closed.wait(_TICK):
            for host in self._hosts:
                host.end_if_late()

    def close(self) -> None:
        """End all processes."""
        self._closed.set()
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


class _Due(NamedTuple):
    """When a process has to have answered; what happens to it, and is noted, if it has not."""

    moment: float
    process: subprocess.Popen[bytes]
    late: Event


class _Host:
    """One process, or none at the moment. Used by one thread at a time, but for `end` and `end_if_late`."""

    def __init__(self, setup: Setup, scratch: str) -> None:
        self._setup = setup
        self._scratch = scratch
        self._process: subprocess.Popen[bytes] | None = None
        self._due: _Due | None = None
        self._number = 0
        self._served = 0  # by the process that there is
        self._ended = False

    def start(self) -> tuple[Loaded, ...]:
        """A new process that has loaded the codemods. Raises Unstartable."""
        try:
            with tempfile.TemporaryFile(dir=self._scratch) as errors:
                self._process, self._served = _started(self._scratch, errors), 0
                if self._ended:
                    self.end()
                return tuple(self._loaded(errors))
        except OSError as error:
            what = f"the process that runs codemods cannot be started: {error}"
            raise Unstartable(what, mend="see that memory, processes and space for files are left") from error

    def _loaded(self, errors: IO[bytes]) -> Iterator[Loaded]:
        """What it says of each step. Raises Unstartable."""
        value: Setup | None = self._setup
        for step in self._setup.steps:
            try:
                answer, late = self._exchange(value, Loaded, _START)
                reason = f"it did not load within {_START} s" if late else ""
            except Garbled as error:
                answer, reason = None, f"it gave {error}"
            if answer is None:
                how = self._kill()
                what = f"codemod {step.ref} cannot be loaded: {reason or _last_line(errors) or how}"
                raise Unstartable(what, mend="import it with this Python to see what it does then")
            yield answer
            value = None

    def ask(self, step: int, subject: Subject, limit: Limits) -> Outcome:
        """What comes of a file, death included. Raises Unstartable."""
        served = self._served
        outcome = self._answer(step, subject, limit)
        if outcome.fate in LOST and served and not self._ended:
            outcome = self._answer(step, subject, limit)  # files before it may be to blame
        return outcome

    def _answer(self, step: int, subject: Subject, limit: Limits) -> Outcome:
        if self._process is None:
            self.start()
        self._number += 1
        self._served += 1
        try:
            ask = Ask(self._number, step, subject, limit.seconds, limit.memory)
            answer, late = self._exchange(ask, Answer, limit.seconds)
            if answer is not None and answer.number != self._number:
                raise Garbled("an answer that was not asked for")
        except Garbled as error:
            self._kill()
            return Outcome(Fate.DIED, reason=f"it gave {error}")
        if answer is None:
            reason = self._kill()
            return Outcome(Fate.TIMED_OUT) if late else Outcome(Fate.DIED, reason=reason)
        if answer.outcome.fate is Fate.OUT_OF_MEMORY:
            self._kill()
        return answer.outcome

    def _exchange(self, value: Setup | Ask | None, kind: type[Out], seconds: int) -> tuple[Out | None, bool]:
        """The answer, None if the process ended instead; and whether its time was over. Raises Garbled."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None, False
        self._due = due = _Due(monotonic() + seconds, process, Event())
        try:
            with suppress(OSError):  # it may be dead: then there is nothing to read
                if value is not None:
                    send(process.stdin, value)
            answer = receive(process.stdout, kind)
        finally:
            self._due = None
        late = due.late.is_set()
        return (None if late else answer), late

    def end_if_late(self) -> None:
        """Kill the process whose time is over: whoever waits for its answer is freed."""
        due = self._due
        if due is not None and monotonic() > due.moment:
            due.late.set()
            _kill(due.process)

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
            if self._due is None:  # else the thread that reads its answer comes to the end by itself
                _close(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    with process:
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close() if stream is not None else None


def _started(folder: str, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process in a folder, which writes what it cannot tell us into `errors`. Raises OSError."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "repoint.codemods.host"],
        cwd=folder,
        env=_environment(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=sys.platform != "win32",  # so that Ctrl-C is ours alone
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same, on Windows
    )


def _environment(known: Mapping[str, str]) -> dict[str, str]:
    """The caller's, but for what depends on the folder, on the moment, or on git."""
    kept = {key: value for key, value in known.items() if not key.startswith("GIT_")}
    kept["PYTHONHASHSEED"] = "0"
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


def _last_line(errors: IO[bytes]) -> str:
    """The last line that a process wrote before it could tell us anything; it is ended now."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - _LAST_WORDS))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
