"""The bar: shows a stage as it is called, whatever characters it holds."""

from __future__ import annotations

import io

from rich.console import Console

from repoint.cli.progress import _started


def test_square_brackets_are_no_markup() -> None:
    shown = _started()
    shown.add_task("pytest test_routes.py::test[/api]", total=2, lap="")
    shown.stop()
    out = io.StringIO()
    Console(file=out, width=200).print(shown.get_renderable())
    assert "test[/api]" in out.getvalue()
