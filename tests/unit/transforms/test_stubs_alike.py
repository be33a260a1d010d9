"""Which layouts of a stub count as one."""

from __future__ import annotations

import pytest

from repoint.transforms.stubs.alike import is_alike

STUB = '"""Old."""\n\nfrom a import B as A\nfrom a import C\nfrom b import D\n\n__all__ = ["A", "C", "D"]\n'


@pytest.mark.parametrize(
    "there",
    [
        STUB,
        "'''Old.'''\nfrom b import D\nfrom a import (\n    C,\n    B as A,\n)\n__all__ = [\n    'A', 'C',\n    'D']\n",
        "# said\n" + STUB.replace("\n", "\r\n"),
    ],
)
def test_layout_is_no_difference(there: str) -> None:
    assert is_alike(there.encode(), STUB)


@pytest.mark.parametrize(
    "there",
    [
        STUB.replace("Old", "Older"),
        STUB.replace("import C", "import C as C2"),
        STUB.replace("from a import C", "from .a import C"),
        STUB.replace('"C", ', ""),
        STUB + "from a import E\n",
        STUB + "x = 1\n",
        STUB.replace("from b import D\n", "x = 1\nfrom b import D\n"),
        "from (",
        "",
    ],
)
def test_what_it_says_is(there: str) -> None:
    assert not is_alike(there.encode(), STUB)


def test_the_order_counts_where_a_name_is_bound_twice() -> None:
    one, other = "from a import A\nfrom b import A\n", "from b import A\nfrom a import A\n"
    assert not is_alike(one.encode(), other)
    assert not is_alike(b"from a import *\nfrom b import B\n", "from b import B\nfrom a import *\n")
    assert is_alike(one.encode(), one)
    assert not is_alike(b"import a.b\nfrom c import a\n", "from c import a\nimport a.b\n")
    assert is_alike(b"import a.b\nimport a\nimport a.c\n", "import a, a.c, a.b\n")


def test_blocks_for_type_checkers() -> None:
    stub = "if TYPE_CHECKING:\n    from a import A\n    from b import B\n"
    assert is_alike(b"if TYPE_CHECKING:\n    from b import B\n    from a import A\n", stub)
    assert not is_alike(b"if TYPE_CHECKING:\n    from b import B\n", stub)
