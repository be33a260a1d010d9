"""Lines of keys in a TOML text."""

from __future__ import annotations

import pytest

from repoint.manifest.locate import Lines

TEXT = """\
name = "x"
"quoted" = 1

[[move]]
old = "a"

[[ move ]]
  old = "b"
new = "c"

[rewrite]
uses = "alias"
"""


@pytest.mark.parametrize(
    ("table", "index", "key", "line"),
    [
        ("", 0, "name", 1),
        ("", 0, "quoted", 2),
        ("move", 0, "old", 5),
        ("move", 1, "old", 8),
        ("move", 1, "new", 9),
        ("move", 0, "new", 4),
        ("move", 1, "", 7),
        ("rewrite", 0, "uses", 12),
        ("rewrite", 0, "star", 11),
        ("rewrite", 0, "", 11),
        ("batches", 0, "by", 0),
    ],
)
def test_a_key_else_its_table_else_nothing(table: str, index: int, key: str, line: int) -> None:
    assert Lines(TEXT).find(table, index, key) == line
