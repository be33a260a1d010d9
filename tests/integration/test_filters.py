"""Where the working copy's bytes are not git's: a plan is made of git's, and the working tree follows by its rules."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from repoint.errors import Exit
from tests.conftest import MakeRepo, git
from tests.integration.kinds import CHANGED, Captured, Place, Said, is_migrated, refused
from tests.integration.migrated import FILES

NEW = {path: data for path, data in CHANGED.items() if data is not None}
WORK = ("--branch", "work")


@pytest.fixture
def place(make_repo: MakeRepo, tmp_path: Path, capsysbinary: Captured) -> Place:
    repo = make_repo({path: text.encode() for path, text in FILES.items()})
    shutil.rmtree(repo / ".git/hooks")
    git(repo, "switch", "-q", "-c", "work")
    return Place(repo, tmp_path, capsysbinary)


def checked_out_anew(repo: Path) -> None:
    """Every file as git writes it under the settings and attributes of now."""
    git(repo, "rm", "-r", "-q", "--cached", ".")
    git(repo, "reset", "-q", "--hard")
    assert git(repo, "status", "--porcelain", "--untracked-files=no") == b""


def attributes(repo: Path, line: str, *more: str) -> None:
    """Commit the line, and further files under it; those that are tracked already stay the blobs that they are."""
    (repo / ".gitattributes").write_text(line)
    git(repo, "add", ".gitattributes", *more)
    git(repo, "commit", "-q", "-m", "attributes")


def _same(data: bytes) -> bytes:
    return data


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _utf_16(data: bytes) -> bytes:
    return data.decode().encode("utf-16-le")


def _swapped(data: bytes) -> bytes:
    return data.swapcase()


def swapcase(place: Place, *, required: bool = False) -> str:
    """A filter that no word survives."""
    script = place.manifest.with_name("swap case.py")
    script.write_text("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read().swapcase())\n")
    command = f'"{Path(sys.executable).as_posix()}" -I -S "{script.as_posix()}"'
    for way in ("clean", "smudge"):
        git(place.repo, "config", f"filter.swap.{way}", command)
    git(place.repo, "config", "filter.swap.required", str(required).lower())
    return command


def _autocrlf(place: Place) -> None:
    git(place.repo, "config", "core.autocrlf", "true")


def _input(place: Place) -> None:
    git(place.repo, "config", "core.autocrlf", "input")


def _eol(place: Place) -> None:
    attributes(place.repo, "*.py text eol=crlf\n")


def _text_auto(place: Place) -> None:
    attributes(place.repo, "* text=auto\n")
    git(place.repo, "config", "core.eol", "crlf")


def _encoding(place: Place) -> None:
    attributes(place.repo, "app/?.py working-tree-encoding=UTF-16LE\n")


def _encoding_of_this_clone(place: Place) -> None:
    (place.repo / ".git/info/attributes").write_text("app/?.py working-tree-encoding=UTF-16LE\n")


def _encoding_of_this_user(place: Place) -> None:
    own = place.manifest.with_name("attributes")
    own.write_text("app/?.py working-tree-encoding=UTF-16LE\n")
    git(place.repo, "config", "core.attributesFile", str(own))


def _encoding_not_committed(place: Place) -> None:
    (place.repo / "app/.gitattributes").write_text("?.py working-tree-encoding=UTF-16LE\n")


def _filter(place: Place) -> None:
    swapcase(place)
    attributes(place.repo, "app/a.py filter=swap\n")


KINDS: list[tuple[Callable[[Place], None], Callable[[bytes], bytes]]] = [
    (_autocrlf, _crlf),
    (_input, _same),
    (_eol, _crlf),
    (_text_auto, _crlf),
    (_encoding, _utf_16),
    (_encoding_of_this_clone, _utf_16),
    (_encoding_of_this_user, _utf_16),
    (_encoding_not_committed, _utf_16),
    (_filter, _swapped),
]


@pytest.mark.parametrize(("kind", "seen"), KINDS, ids=[kind.__name__.lstrip("_") for kind, _ in KINDS])
def test_the_plan_is_git_s_and_the_working_tree_follows(
    place: Place, kind: Callable[[Place], None], seen: Callable[[bytes], bytes]
) -> None:
    kind(place)
    checked_out_anew(place.repo)
    assert (place.repo / "app/a.py").read_bytes() == seen(FILES["app/a.py"].encode())
    assert place.plan() == Said(Exit.DONE, "")
    planned = place.plan_file.read_bytes()
    git(place.repo.parent, "clone", "-q", "--bare", str(place.repo), "bare")
    assert place.at(place.repo.parent / "bare").plan() == Said(Exit.DONE, "")
    assert place.plan_file.read_bytes() == planned
    assert place.apply(*WORK) == Said(Exit.DONE, "")
    is_migrated(place.repo, "work")
    assert (place.repo / "app/a.py").read_bytes() == seen(NEW["app/a.py"])
    assert git(place.repo, "status", "--porcelain", "--untracked-files=no") == b""


@pytest.mark.parametrize("setting", ["true", "input", "false"])
def test_crlf_in_a_blob_stays(place: Place, setting: str) -> None:
    text = FILES["app/a.py"].replace("\n", "\r\n").encode()
    (place.repo / "app/a.py").write_bytes(text)
    git(place.repo, "commit", "-q", "-a", "-m", "crlf")
    git(place.repo, "config", "core.autocrlf", setting)
    assert place.plan() == place.apply(*WORK) == Said(Exit.DONE, "")
    want = NEW["app/a.py"].replace(b"\n", b"\r\n")
    assert (git(place.repo, "cat-file", "blob", "work:app/a.py"), (place.repo / "app/a.py").read_bytes()) == (
        want,
        want,
    )


def test_a_file_that_git_would_normalise_but_has_not_touched(place: Place) -> None:
    """Its blob has CRLF against its attributes: clean as long as nobody touches it, and no edit of the user's."""
    (place.repo / "app/a.py").write_bytes(FILES["app/a.py"].replace("\n", "\r\n").encode())
    git(place.repo, "commit", "-q", "-a", "-m", "crlf")
    for path in FILES:
        os.utime(place.repo / path, (1, 1))  # long before the index is written, so that git looks at no bytes
    git(place.repo, "update-index", "-q", "--refresh")
    (place.repo / ".git/info/attributes").write_text("*.py text\n")
    assert git(place.repo, "status", "--porcelain") == b""
    assert place.plan() == place.apply(*WORK) == Said(Exit.DONE, "")
    assert b"New(Thing)" in (place.repo / "app/a.py").read_bytes()


def test_ident_is_git_s_to_expand(place: Place) -> None:
    (place.repo / "app/c.py").write_text("# $Id$\nfrom pkg.old import Old\n")
    attributes(place.repo, "*.py ident\n", "app/c.py")
    checked_out_anew(place.repo)
    assert (place.repo / "app/c.py").read_bytes() != git(place.repo, "cat-file", "blob", "HEAD:app/c.py")
    assert place.plan() == place.apply(*WORK) == Said(Exit.DONE, "")
    assert git(place.repo, "cat-file", "blob", "work:app/c.py") == b"# $Id$\nfrom pkg.new import New\n"
    blob = git(place.repo, "rev-parse", "work:app/c.py").strip()
    assert (place.repo / "app/c.py").read_bytes() == b"# $Id: %s $\nfrom pkg.new import New\n" % blob


def test_a_pointer_in_git_and_its_content_on_disk(place: Place) -> None:
    """As LFS has it: what a pointer stands for is not in the repository, and is not planned."""
    store = place.manifest.with_name("store")
    store.mkdir()
    script = place.manifest.with_name("pointer.py")
    script.write_text(
        "import hashlib, pathlib, sys\n"
        f"store, data = pathlib.Path({str(store)!r}), sys.stdin.buffer.read()\n"
        "name = hashlib.sha256(data).hexdigest()\n"
        "if sys.argv[1] == 'clean':\n"
        "    (store / name).write_bytes(data)\n"
        "    print(f'version 1\\noid sha256:{name}\\nsize {len(data)}')\n"
        "else:\n"
        "    sys.stdout.buffer.write((store / data.split(b':')[1].split()[0].decode()).read_bytes())\n"
    )
    for way in ("clean", "smudge"):
        command = f'"{Path(sys.executable).as_posix()}" -I -S "{script.as_posix()}" {way}'
        git(place.repo, "config", f"filter.pointer.{way}", command)
    git(place.repo, "config", "filter.pointer.required", "true")
    (place.repo / "app/big.py").write_text("from pkg.old import Old\n")
    attributes(place.repo, "app/big.py filter=pointer\n", "app/big.py")
    assert git(place.repo, "cat-file", "blob", "HEAD:app/big.py").startswith(b"version 1\noid sha256:")
    assert place.plan() == place.apply(*WORK) == Said(Exit.DONE, "")
    assert b"app/big.py" not in place.plan_file.read_bytes()
    assert (place.repo / "app/big.py").read_text() == "from pkg.old import Old\n"
    assert git(place.repo, "status", "--porcelain") == b""


@pytest.mark.parametrize(("way", "broken"), [("clean", "exit 1"), ("smudge", "no-such-program")])
def test_a_required_filter_that_fails_stops_apply_before_it_begins(place: Place, way: str, broken: str) -> None:
    command = swapcase(place, required=True)
    attributes(place.repo, "app/a.py filter=swap\n")
    checked_out_anew(place.repo)
    git(place.repo, "config", f"filter.swap.{way}", broken)
    assert place.plan() == place.diff() == Said(Exit.DONE, "")  # of git's own bytes
    tip = git(place.repo, "rev-parse", "HEAD")
    for said in (place.apply("--dry-run", *WORK), place.apply(*WORK)):
        refused(said, f"{way} filter", "swap", "failed; mend the filter: `git config --show-origin")
    assert git(place.repo, "rev-parse", "HEAD") == tip
    assert place.apply() == Said(Exit.DONE, "")  # another branch needs no filter
    git(place.repo, "config", f"filter.swap.{way}", command)
    assert place.apply(*WORK) == Said(Exit.DONE, "")
    assert (place.repo / "app/a.py").read_bytes() == NEW["app/a.py"].swapcase()


@pytest.mark.skipif(os.name == "nt", reason="the hook speaks POSIX shell")
def test_a_filter_that_fails_later_leaves_what_the_next_apply_finishes(place: Place) -> None:
    command = swapcase(place, required=True)
    attributes(place.repo, "app/a.py filter=swap\n")
    checked_out_anew(place.repo)
    assert place.plan() == Said(Exit.DONE, "")
    hook = place.repo / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ngit config filter.swap.smudge no-such-program\n")
    hook.chmod(0o755)
    refused(place.apply(*WORK), "the commits are made, but the working tree could not follow", "; mend the filter: ")
    hook.unlink()
    for said in (place.apply(*WORK), place.plan()):
        refused(said, "smudge filter swap failed; mend the filter: ")
    git(place.repo, "config", "filter.swap.smudge", command)
    said = place.apply(*WORK)
    assert said.code == Exit.DONE and said.error.startswith("repoint: finished an interrupted run")
    assert (place.repo / "app/a.py").read_bytes() == NEW["app/a.py"].swapcase()
    assert git(place.repo, "status", "--porcelain") == b""


def test_an_optional_filter_that_is_missing_makes_its_files_dirty_as_it_does_for_git(place: Place) -> None:
    swapcase(place)
    attributes(place.repo, "app/a.py filter=swap\n")
    checked_out_anew(place.repo)
    for way in ("clean", "smudge"):
        git(place.repo, "config", f"filter.swap.{way}", "no-such-program")
    os.utime(place.repo / "app/a.py", (1, 1))
    assert place.plan() == Said(Exit.DONE, "")
    refused(place.apply(*WORK), "uncommitted changes where repoint writes: app/a.py; commit or stash them")
    assert place.apply() == Said(Exit.DONE, "")
