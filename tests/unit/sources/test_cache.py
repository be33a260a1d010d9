"""The cache's file: what is kept, what is let go, and that nothing that befalls it costs more than what is in it."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from repoint.sources.cache import Cache, digest, fingerprint, open_cache
from repoint.sources.cache_file import FILE
from repoint.sources.git import Git
from tests.conftest import MakeRepo, git

VALUES = {f"blob{at}:a/b.py": bytes([at]) * (at * 37) for at in range(60)}


def kept(common: Path, values: dict[str, bytes] = VALUES, query: str = "q", **how: int) -> None:
    with Cache(common, **how) as cache:
        cache.put("facts", query, values)


def found(common: Path, keys: list[str] | None = None, query: str = "q") -> dict[str, bytes]:
    with Cache(common) as cache:
        return cache.get("facts", query, list(VALUES) if keys is None else keys)


def test_what_is_put_is_found_at_once_and_by_others(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        assert cache.get("facts", "q", ["blob3:a/b.py"]) == {}
        cache.put("facts", "q", VALUES)
        assert cache.get("facts", "q", ["blob3:a/b.py", "other"]) == {"blob3:a/b.py": bytes([3]) * 111}
        assert found(tmp_path) == {}
    assert found(tmp_path) == VALUES
    assert found(tmp_path, query="another") == {}
    with Cache(tmp_path) as cache:
        assert cache.get("names", "q", list(VALUES)) == {}
        cache.put("facts", "q", {"blob3:a/b.py": b"new"})
    assert found(tmp_path, ["blob3:a/b.py"]) == {"blob3:a/b.py": b"new"}


def test_more_keys_than_a_statement_takes(tmp_path: Path) -> None:
    many = {f"key {at}": b"%d" % at for at in range(2_345)}
    kept(tmp_path, many)
    assert found(tmp_path, [*many, "none"]) == many


def test_linked_worktrees_and_folders_share_it_and_a_bare_repository_has_one(
    make_repo: MakeRepo, tmp_path: Path
) -> None:
    repo = make_repo({"pkg/a.py": b""})
    linked, bare = tmp_path / "linked", tmp_path / "bare.git"
    git(repo, "worktree", "add", "-q", "--detach", str(linked))
    git(repo, "clone", "-q", "--bare", str(repo), str(bare))
    with open_cache(Git(repo / "pkg")) as cache:
        cache.put("facts", "q", VALUES)
    with open_cache(Git(linked)) as cache:
        assert cache.get("facts", "q", list(VALUES)) == VALUES
    with open_cache(Git(bare)) as cache:
        assert cache.get("facts", "q", list(VALUES)) == {}
        cache.put("facts", "q", VALUES)
    assert (repo / ".git" / FILE).is_file()
    assert (bare / FILE).is_file()
    assert git(repo, "status", "--porcelain") == b""


def test_without_a_cache_nothing_is_made(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({"a.py": b""})
    with open_cache(Git(repo), enabled=False) as cache:
        cache.put("facts", "q", VALUES)
        assert cache.get("facts", "q", list(VALUES)) == {}
    with open_cache(Git(repo)):
        pass
    with open_cache(Git(tmp_path / "nowhere")) as cache:
        assert cache.get("facts", "q", list(VALUES)) == {}
    assert not (repo / ".git" / "repoint").exists()


def test_it_stays_within_its_bound_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    most = 400_000
    for round in range(12):
        kept(tmp_path, {f"{round} {at}": os.urandom(1_000) for at in range(100)}, f"query {round}", most=most)
        with Cache(tmp_path, most=most) as cache:
            assert cache.get("facts", "query 0", ["0 99"])  # read in every round, so never the oldest
        assert (tmp_path / FILE).stat().st_size <= most * 1.5
    last = [f"11 {at}" for at in range(100)]
    assert len(found(tmp_path, last, "query 11")) == 100
    assert found(tmp_path, [f"1 {at}" for at in range(100)], "query 1") == {}


def test_one_query_larger_than_the_bound_keeps_its_newest(tmp_path: Path) -> None:
    keys = [f"{at}" for at in range(1_000)]
    kept(tmp_path, {key: os.urandom(1_000) for key in keys}, most=400_000)
    left = found(tmp_path, keys)
    assert 200 < len(left) < 500
    assert "999" in left
    assert (tmp_path / FILE).stat().st_size <= 600_000
    kept(tmp_path, {"huge": bytes(100_000)}, most=400_000)
    assert found(tmp_path, ["huge"]) == {}


def test_a_read_that_finds_everything_writes_nothing(tmp_path: Path) -> None:
    kept(tmp_path)
    before = (tmp_path / FILE).stat().st_mtime_ns, (tmp_path / FILE).read_bytes()
    assert found(tmp_path) == VALUES
    assert ((tmp_path / FILE).stat().st_mtime_ns, (tmp_path / FILE).read_bytes()) == before


def test_a_flipped_bit_is_a_miss_and_the_file_heals(tmp_path: Path) -> None:
    kept(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    chance = random.Random(6)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 1, 4, 200))):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        (tmp_path / FILE).write_bytes(broken)
        assert found(tmp_path).items() <= VALUES.items()
        kept(tmp_path)  # may fall on the damage, and then removes it
        kept(tmp_path)
        assert found(tmp_path).items() <= VALUES.items()
    (tmp_path / FILE).write_bytes(bytes(chance.randbytes(5_000)))
    assert found(tmp_path) == {}
    kept(tmp_path)
    assert found(tmp_path) == VALUES


@pytest.mark.parametrize("length", [0, 1, 99, 100, 4_096, 10_000])
def test_a_truncated_file_is_replaced(tmp_path: Path, length: int) -> None:
    kept(tmp_path)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:length])
    assert found(tmp_path).items() <= VALUES.items()
    kept(tmp_path)
    kept(tmp_path)
    assert found(tmp_path) == VALUES


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA application_id = 7",
        "CREATE TABLE more (id)",
        "CREATE TRIGGER t AFTER INSERT ON fact BEGIN DELETE FROM fact; END",
        "DROP TABLE fact; CREATE VIEW fact AS SELECT 1 AS id, 1 AS query, x'00' AS key, x'00' AS value",
    ],
)
def test_a_file_of_another_version_is_replaced(tmp_path: Path, change: str) -> None:
    kept(tmp_path)
    other = sqlite3.connect(tmp_path / FILE)
    other.executescript(change)
    other.close()
    assert found(tmp_path) == {}
    kept(tmp_path)
    assert found(tmp_path) == VALUES


def test_a_locked_file_is_an_empty_cache_and_stays(tmp_path: Path) -> None:
    kept(tmp_path)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert found(tmp_path) == {}
    kept(tmp_path, {"new": b"value"})
    other.execute("ROLLBACK")
    other.close()
    assert found(tmp_path, [*VALUES, "new"]) == VALUES


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    common = tmp_path / "git"
    common.mkdir()
    kept(common)
    folder = (common / FILE).parent
    (common / FILE).chmod(0o400)
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        folder.chmod(0o700)
        pytest.skip("permissions do not bind this user")
    try:
        assert found(common) == VALUES
        kept(common, {"new": b"value"})
        assert found(common, [*VALUES, "new"]) == VALUES
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("part", ["repoint", "repoint/cache", str(FILE), f"{FILE}-journal", f"{FILE}-wal"])
def test_no_symbolic_link_is_followed(tmp_path: Path, part: str) -> None:
    common, outside = tmp_path / "git", tmp_path / "outside"
    link = common / part
    link.parent.mkdir(parents=True)
    is_folder = not part.startswith(str(FILE))
    if is_folder:
        outside.mkdir()
    try:
        link.symlink_to(outside, target_is_directory=is_folder)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    kept(common)
    assert found(common) == {}
    assert not outside.exists() or not list(outside.iterdir())
    assert link.is_symlink()


def test_what_is_in_the_way_is_left_there(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    kept(tmp_path)
    assert found(tmp_path) == {}
    assert (tmp_path / FILE).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
def test_a_shared_repository_shares_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    kept(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o660
    assert stat.S_IMODE((tmp_path / "repoint").stat().st_mode) == 0o770


WRITER = """
import sys
from pathlib import Path
from repoint.sources.cache import Cache
common, own, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for round in range(rounds):
    with Cache(common) as cache:
        for key, value in cache.get("facts", "q", [f"{at}" for at in range(200)]).items():
            assert value == key.encode() * 500, key
        cache.put("facts", "q", {f"{at}": f"{at}".encode() * 500 for at in range(round, 200, 7)})
        cache.put("facts", own, {"mine": b"%d" % round})
print("done")
"""


def test_processes_share_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    begun = [subprocess.Popen([*command, f"p{at}", "15"], stdout=subprocess.PIPE) for at in range(3)]
    assert [process.communicate()[0].strip() for process in begun] == [b"done"] * 3
    assert len(found(tmp_path, [f"{at}" for at in range(200)])) == 200


def test_a_kill_leaves_a_file_that_can_be_used(tmp_path: Path) -> None:
    kept(tmp_path)
    for pause in (0.0, 0.01, 0.03):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "own", "100000"])
        while not found(tmp_path, ["mine"], "own") and process.poll() is None:
            pass
        try:
            process.wait(pause)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert found(tmp_path) == VALUES


def test_what_is_interrupted_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Cache(tmp_path) as cache:
        cache.put("facts", "q", VALUES)
        raise KeyboardInterrupt
    assert not (tmp_path / FILE).exists()


def test_digests_tell_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert digest("ä\udc80") == digest("ä\udc80".encode("utf-8", "surrogatepass"))


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    code = "from repoint.sources.cache import fingerprint; print(fingerprint())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert told.strip() == fingerprint()
