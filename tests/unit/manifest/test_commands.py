"""Commands of a manifest: lines and lists, what they are split into, and what a shell would be needed for."""

from __future__ import annotations

import pytest

from repoint.errors import ManifestErrors
from repoint.manifest import decode
from repoint.manifest.commands import problem_of, seconds_of, words_of


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python -m pytest -q", ("python", "-m", "pytest", "-q")),
        ("pytest -k 'a and (b or c)' --cov=src", ("pytest", "-k", "a and (b or c)", "--cov=src")),
        ('pytest "tests/a b" x\\ y', ("pytest", "tests/a b", "x y")),
        ("pytest -k 'end$' tests/*.py a#b", ("pytest", "-k", "end$", "tests/*.py", "a#b")),
        ("python -c 'print(\"$x\")'", ("python", "-c", 'print("$x")')),
        (("sh", "-c", "a && $B"), ("sh", "-c", "a && $B")),
    ],
)
def test_words(command: str | tuple[str, ...], words: tuple[str, ...]) -> None:
    assert problem_of(command) is None
    assert words_of(command) == words


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("", "names no program"),
        ((), "names no program"),
        ((" ", "x"), "names no program"),
        ("pytest 'a", "cannot be split into words: no closing quotation"),
        ("a && b", "holds the shell operator &&"),
        ("a;b", "holds the shell operator ;"),
        ("a | tee log", "holds the shell operator |"),
        ("a > log 2>&1", "holds the shell operator >"),
        ("echo $HOME", "holds '$H', which only a shell would expand"),
        ('echo "${HOME}"', "holds '${', which only a shell would expand"),
        ("echo \"it's $HOME isn't\"", "holds '$H', which only a shell would expand"),
        ("echo `date`", "holds '`', which only a shell would expand"),
        ("A=1 pytest", "begins with an assignment"),
        (("a", "\0"), "holds a NUL"),
    ],
)
def test_what_needs_a_shell_is_told(command: str | tuple[str, ...], what: str) -> None:
    found = problem_of(command)
    assert found is not None and found[0] == what and found[1]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("2h1m1s", 7261)])
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


def test_gates_of_a_manifest() -> None:
    data = b'name = "x"\n[gates]\neach = ["a b", ["c", "d e"]]\nfinal = ["f"]\ntimeout = "1h"\n[after]\nrun = [["g"]]\n'
    manifest = decode(data, "m.toml").manifest
    assert manifest.gates.each == ("a b", ("c", "d e"))
    assert (manifest.gates.final, manifest.gates.timeout, manifest.after.run) == (("f",), "1h", (("g",),))


def test_every_mistake_is_told_with_its_line() -> None:
    data = b'name = "x"\n[gates]\neach = ["a && b", ""]\ntimeout = "soon"\non_failure = "go"\n[after]\nrun = "ruff"\n'
    with pytest.raises(ManifestErrors) as caught:
        decode(data, "m.toml")
    told = [str(problem) for problem in caught.value.problems]
    assert told[0].startswith("m.toml:4: [gates] `timeout` = 'soon': no length of time; write hours, minutes and")
    assert [line.partition(": ")[0] for line in told[1:]] == ["m.toml:5", "m.toml:7", "m.toml:3", "m.toml:3"]
    assert "`each`: 'a && b' holds the shell operator &&; no shell is involved" in told[3]
