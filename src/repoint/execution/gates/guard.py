"""Runs one command for as long as somebody holds the other end of its input; takes words, gives their exit code.

A program of its own, started by `commands`, whose death by SIGKILL it notices: the system closes the pipe then, and the
command ends with all that it started. It knows the standard library only.
"""

import os
import signal
import subprocess
import sys
import threading


def main(words: list[str]) -> int:
    """Run the command; its exit code, or 126 where it cannot be started."""
    signal.signal(signal.SIGTERM, lambda number, frame: None)  # the command gets it too, and may need a moment
    try:
        command = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", flush=True)
        return 126
    threading.Thread(target=_watch, args=(command,), daemon=True).start()
    status = command.wait()
    if status < 0:  # it died of a signal: so does its guard, that it may be told
        if -status != signal.SIGKILL:  # which has no handler
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def _watch(command: "subprocess.Popen[bytes]") -> None:
    """Wait for the end of the input, which nobody ever writes to."""
    os.read(0, 1)
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(command.pid)], check=False)
    else:
        os.killpg(0, signal.SIGKILL)  # a group of its own, this process included


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the thread that waits for input must not hold it up
