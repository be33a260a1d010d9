"""`apply` where writing fails: a scene in, what was found wrong out; each run goes on once it can write again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.scene import Scene, resumed

LOCKS = ("index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "refs/heads/repoint/execution-engine.lock")
LIMITS = (0, 64, 256, 512, 1024, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 65536)
KIB_FREE = (0, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768)

# Without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (capabilities(7)), permissions hold for root as well.
MORTAL = (
    sys.executable,
    "-c",
    "import ctypes, os, sys\nif sys.platform == 'linux':\n"
    "    for capability in (1, 2): ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n",
)


@dataclass(frozen=True)
class Failed:
    """One run: the fault, whether `apply` could not end well for it, and what was found wrong."""

    fault: str
    stopped: bool
    wrong: tuple[str, ...]


def locks_left(scene: Scene) -> Iterator[Failed]:
    """Lock files that some other program left behind."""
    for name in LOCKS:
        repo = scene.copy("locked")
        lock = repo / ".git" / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        done = scene.apply(repo)
        yield _failed(scene, repo, f"`{name}` was left behind", done, lambda lock=lock: lock.unlink(missing_ok=True))


def small_files_only(scene: Scene) -> Iterator[Failed]:
    """No file may grow beyond a limit, as under a quota (setrlimit, RLIMIT_FSIZE)."""
    for limit in LIMITS:
        repo = scene.copy("limited")
        script = (
            f"import resource, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); import os; os.execv(sys.argv[1], sys.argv[1:])\n"
        )
        done = scene.apply(repo, (sys.executable, "-c", script))
        yield _failed(scene, repo, f"no file may exceed {limit} bytes", done)


def read_only(scene: Scene) -> Iterator[Failed]:
    """Folders of git's that must not be written."""
    for name in ("objects", "refs/heads", "logs", ".", "repoint"):
        repo = scene.copy("read-only")
        (repo / ".git/repoint").mkdir(exist_ok=True)
        with _forbidden(repo / ".git" / name):
            done = scene.apply(repo, MORTAL)
        yield _failed(scene, repo, f"`.git/{name}` is read-only", done)


@contextmanager
def _forbidden(folder: Path) -> Iterator[None]:
    """For the block, the folder and what is below cannot be written."""
    places = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in places:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in places:
            path.chmod(0o755)


def full_disk(scene: Scene, mount: Path) -> Iterator[Failed]:
    """A small file system of its own, filled but for some KiB; `mount` is where a tmpfs can be mounted."""
    for free in KIB_FREE:
        subprocess.run(("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(mount)), check=True)
        try:
            repo = Path(shutil.copytree(scene.origin, mount / "repo", symlinks=True))
            ballast = mount / "ballast"
            space = os.statvfs(mount)
            ballast.write_bytes(bytes(max(0, space.f_bavail * space.f_frsize - free * 1024)))
            done = scene.apply(repo)
            yield _failed(scene, repo, f"the disk has {free} KiB left", done, ballast.unlink)
        finally:
            subprocess.run(("umount", str(mount)), check=True)


def _failed(
    scene: Scene, repo: Path, fault: str, done: subprocess.CompletedProcess[str], mended: object = None
) -> Failed:
    wrong = []
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("  | ", "repoint: apply runs no"))]
    if done.returncode and (len(lines) != 1 or "error: " not in lines[0] or done.returncode not in (2, 4, 5)):
        wrong.append(f"exit {done.returncode} says {done.stderr!r}")
    wrong += resumed(scene, repo, mended) if callable(mended) else resumed(scene, repo)
    shutil.rmtree(repo)
    return Failed(fault, done.returncode != 0, tuple(wrong))
