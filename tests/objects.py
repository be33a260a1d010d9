"""Takes files, gives a commit of them in a repository, written as git would write it, without starting git."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path

_SIGNED = b"test <test@localhost> 1700000000 +0000"


def commit_files(git_dir: Path, files: Mapping[str, bytes], ref: str) -> str:
    """The id of a commit without parents that holds `files`; `ref` names it from now on."""
    tree = _tree(git_dir, {tuple(path.split("/")): data for path, data in files.items()})
    made = _store(git_dir, b"commit", b"tree %b\nauthor %b\ncommitter %b\n\ncase\n" % (tree.encode(), _SIGNED, _SIGNED))
    target = git_dir / ref
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{made}\n", "ascii")
    return made


def _tree(git_dir: Path, files: Mapping[tuple[str, ...], bytes]) -> str:
    """The id of a tree; git sorts a folder as if its name ended with a slash."""
    below: dict[str, dict[tuple[str, ...], bytes]] = {}
    entries: list[tuple[bytes, bytes, bytes, str]] = []
    for (name, *rest), data in files.items():
        if rest:
            below.setdefault(name, {})[tuple(rest)] = data
        else:
            entries.append((name.encode(), b"100644", name.encode(), _store(git_dir, b"blob", data)))
    entries += [(f"{name}/".encode(), b"40000", name.encode(), _tree(git_dir, inner)) for name, inner in below.items()]
    lines = (b"%b %b\0%b" % (mode, name, bytes.fromhex(made)) for _, mode, name, made in sorted(entries))
    return _store(git_dir, b"tree", b"".join(lines))


def _store(git_dir: Path, kind: bytes, data: bytes) -> str:
    """The id of a loose object, which is written where it is not there yet."""
    whole = b"%b %d\0%b" % (kind, len(data), data)
    made = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path = git_dir / "objects" / made[:2] / made[2:]
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(whole, 1))
    return made
