"""Old paths in files that are not Python: always told, rewritten only where the manifest says so."""

from __future__ import annotations

import pytest

from tests.transform_tools import RENAMED, WHOLE, check_noop, check_transformed, found, plan_of

TEXT = '[rewrite]\ntext = ["*.cfg", "docs/**"]\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("run = pkg.old:Old", True),
        ("see pkg.old.Old and pkg.old.Old.method", True),
        ("pkg.older.Old x.pkg.old.Old pkg.old.Older", False),
        ("pkg.old", False),
        ("old Old", False),
    ],
)
def test_a_symbols_path_is_told(line: str, told: bool) -> None:
    made = check_noop({"setup.cfg": f"# first\n{line}\n"})
    assert found(made, "path-in-other-file") == ([("setup.cfg", 2)] if told else [])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pkg.old", True),
        ("pkg/old.py", True),
        ("./pkg/old.pyi", True),
        ("run src/pkg/old.py", True),
        ("pkg/old/x", True),
        ("pkg/older", False),
        ("pkg/old.pyx", False),
        ("https://docs.example/pkg/old", False),
        ("docs/pkg/old", False),
        ("someone@pkg.old", False),
        ("my-pkg.old", False),
    ],
)
def test_a_modules_path_is_told_dotted_and_slashed(line: str, told: bool) -> None:
    made = check_noop({"ci.yml": f"{line}\n", "src/a.py": ""}, WHOLE + '[scope]\nroots = ["src", "."]\n')
    assert bool(found(made, "path-in-other-file")) is told


def test_one_line_is_told_once() -> None:
    made = check_noop({"ci.yml": "pkg.old pkg.old\npkg.old\n"}, WHOLE)
    assert found(made, "path-in-other-file") == [("ci.yml", 1), ("ci.yml", 2)]


def test_a_stubs_module_is_told_too() -> None:
    made = plan_of({"pkg/old.py": "", "ci.yml": "pkg/old.py\n"}, '[[stub]]\nmodule = "pkg.old"\n')
    assert found(made, "path-in-other-file") == [("ci.yml", 1)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a = pkg.old\nb = pkg/old.py\nc = pkg.old:X\n", b"a = pkg.new\nb = pkg/new.py\nc = pkg.new:X\n"),
        (b"pkg.old\r\n\xff\xfe pkg.old", b"pkg.new\r\n\xff\xfe pkg.new"),
        (b"caf\xc3\xa9 pkg.old\n", b"caf\xc3\xa9 pkg.new\n"),
    ],
)
def test_listed_files_are_rewritten_byte_by_byte(before: bytes, after: bytes) -> None:
    made = check_transformed({"docs/a/b.md": before, "other.md": before}, {"docs/a/b.md": after}, WHOLE + TEXT)
    assert {path for path, _ in found(made, "path-in-other-file")} == {"other.md"}


def test_listed_files_take_new_names_of_symbols() -> None:
    check_transformed({"x.cfg": "pkg.old:Old pkg.old.Old\n"}, {"x.cfg": "pkg.new:New pkg.new.New\n"}, RENAMED + TEXT)


def test_a_path_that_has_no_new_one_is_told_in_listed_files() -> None:
    made = plan_of({"pkg/old.py": "", "x.cfg": "pkg.old\n"}, f'[[stub]]\nmodule = "pkg.old"\n{TEXT}')
    assert found(made, "path-in-other-file") == [("x.cfg", 1)]


def test_binary_files_are_not_read() -> None:
    check_noop({"x.cfg": b"\0pkg.old\n"}, WHOLE + TEXT)


def test_a_move_below_itself_in_text() -> None:
    check_transformed(
        {"x.cfg": "pkg.old pkg.old.core pkg/old/core.py\n"},
        {"x.cfg": "pkg.old.core pkg.old.core pkg/old/core.py\n"},
        '[[move]]\nold = "pkg.old"\nnew = "pkg.old.core"\n' + TEXT,
    )
