"""The registry as a document on GitHub."""

from __future__ import annotations

from hypothesis import given, settings
from markdown_it import MarkdownIt

from repoint.model import State
from repoint.registered import Entry, OldPath, Phase, Registry, WholeModule
from repoint.reporting.registry import markdown
from tests.unit.reporting.samples import TEXT


def document(text: str, signature: str) -> str:
    old = OldPath("pkg.old:Engine", State.REDIRECT, Phase.UNUSED)
    entry = Entry("pkg.new:Engine", f"class {text}", signature, "from pkg.new import Engine", (old,))
    kept = Entry("pkg.old:kept", f"function {text}", signature, "from pkg.old import kept", (), "pkg.old")
    module = WholeModule(OldPath("pkg.gone", State.GONE, Phase.GONE), "pkg.core")
    return markdown(Registry(f"a{text}", f"b{text}", f"m{text}.toml", (entry,), (module,), (kept,)))


def tags(source: str) -> list[str]:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(source)
    inline = [child for token in tokens for child in token.children or ()]
    quiet = ("text", "code_inline", "softbreak")
    found = [token.tag or token.type for token in tokens] + [item.type for item in inline if item.type not in quiet]
    return [item for item in found if item != "html_inline"] + [
        item.content for item in inline if item.type == "html_inline" and item.content not in ("<code>", "</code>")
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXT, TEXT)
def test_no_text_becomes_markup(text: str, signature: str) -> None:
    assert tags(document(text, f"f({signature})")) == tags(document("", "f()"))


def test_types_and_defaults_stay_legible_in_cells_too() -> None:
    signature = r"make(a: int | None=None, sep: str='\n', odd: str='`', bar: str='\\|')"
    source = document("of @team: see #4 in `pkg`", signature)
    assert "class of `@team:` see `#4` in `pkg`: <code>" in source
    assert "`make(a: int \\| None=None)`" in document("", "make(a: int | None=None)")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(source)
    assert html.count("make(a: int | None=None, sep: str='\\n', odd: str='`', bar: str='\\\\|')") == 2
