"""Roots of imports, tests and vendored folders, by their paths."""

from __future__ import annotations

from collections import Counter

from repoint.proposing.paths import is_test, roots, vendored


def test_roots() -> None:
    src = ["src/pkg/__init__.py", "src/pkg/a.py", "tests/test_a.py", "setup.py"]
    assert roots(src, Counter({"pkg.a": 3})) == (".", "src")
    assert roots(["src/pkg/__init__.py"], Counter()) == ("src",)
    assert roots(["src/__init__.py", "src/pkg/__init__.py"], Counter({"src.pkg": 2})) == (".",)
    assert roots(["pkg/__init__.py", "other/__init__.py", "pkg/a.py"], Counter({"pkg.a": 1})) == (".",)
    mono = ["packages/one/src/one/__init__.py", "packages/two/two/__init__.py", "tools/x.py"]
    assert roots(mono, Counter({"one.a": 2, "two.b": 1})) == (".", "packages/one/src", "packages/two")


def test_a_folder_whose_packages_are_imported_through_it_is_no_root() -> None:
    paths = ["backend/app/__init__.py", "backend/app/a.py"]
    assert roots(paths, Counter({"backend.app": 3, "app.a": 1})) == (".",)
    assert roots(paths, Counter({"backend.app": 1, "app.a": 3})) == ("backend",)


def test_packages_in_tests_and_vendored_folders_make_no_roots() -> None:
    paths = ["a.py", "tests/fixtures/x/requests/__init__.py", "vendor/requests/__init__.py"]
    assert roots(paths, Counter({"requests": 9})) == (".",)
    assert vendored(paths) == ("vendor",)


def test_tests() -> None:
    assert all(map(is_test, ["tests/a.py", "a/test_b.py", "a/b_test.py", "conftest.py", "a/testing/x.pyi"]))
    assert not any(map(is_test, ["test_framework/a.py", "app/latest.py", "app/contest.py"]))
