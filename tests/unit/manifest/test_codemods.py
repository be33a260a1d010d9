"""Mistakes in `[[codemod]]` tables are all told at once, each with its line and its mend."""

from __future__ import annotations

import pytest

from repoint.errors import ManifestErrors
from repoint.manifest.codemods import bytes_of
from repoint.manifest.decode import decode

TABLE = '[[codemod]]\nkind = "libcst"\nref = "m:F"\n'


def problems(text: str) -> list[str]:
    with pytest.raises(ManifestErrors) as caught:
        decode(f'name = "case"\n{text}'.encode(), "m.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "place", "what", "mend"),
    [
        ('timeout = "0s"', 5, "no length of time", "90s"),
        ('timeout = "2000h"', 5, "is more than a day for one file", "such as 30s"),
        ('memory = "1KiB"', 5, "is less than Python takes by itself", "write 64MiB or more"),
        ('memory = "9999999GiB"', 5, "is more than 1024GiB", "write less"),
        ('memory = "2GB"', 5, "no amount of memory", "512MiB"),
        ('prefilter = [""]', 5, "not a text of one line", "one line each"),
        ('prefilter = ["a\\nb"]', 5, "not a text of one line", "one line each"),
        ('prefilter = "a"', 5, "must be a list", "write ['a']"),
        ('id = "No Id"', 5, "no id", "joined by hyphens"),
        ("idempotent = 1", 5, "must be true or false", "without quotes"),
        ("args = [1]", 5, "must be a table", "write { name = value }"),
        ('on_failure = "stop"', 5, "not one of the values allowed", '"report" or "refuse"'),
        ('file = ["a"]', 5, "unknown key `file`", "did you mean `files`?"),
    ],
)
def test_a_key_that_will_not_do(line: str, place: int, what: str, mend: str) -> None:
    (told,) = problems(TABLE + line)
    assert f"m.toml:{place}" in told
    assert what in told
    assert mend in told


def test_all_tables_are_told_of_at_once() -> None:
    again = '[[codemod]]\nid = "one"\nkind = "bowler"\nref = "not-a-ref"\nmemory = "1MiB"\n'
    told = problems(f'{TABLE}id = "one"\ntimeout = "25h"\n{again}')
    assert sorted(int(text.split(":")[1]) for text in told) == [6, 8, 10, 11]
    assert sum("one has two [[codemod]] tables" in text for text in told) == 1
    assert sum("names no codemod" in text for text in told) == 1


def test_two_without_an_id_are_no_mistake() -> None:
    assert len(decode(f'name = "case"\n{TABLE}{TABLE}'.encode(), "m.toml").manifest.codemod) == 2


def test_sizes_are_powers_of_two() -> None:
    assert [bytes_of(size) for size in ("3KiB", "2MiB", "1GiB")] == [3072, 2097152, 1073741824]
