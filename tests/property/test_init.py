"""Whatever the sources are, what `init` writes is a manifest."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from repoint.manifest import decode
from repoint.model import Failed, SourceFile
from repoint.names import module_of
from repoint.proposing.canonical import with_canonical
from repoint.proposing.facts import FileRead
from repoint.proposing.index import Index, modules_of
from repoint.proposing.propose import conclude
from repoint.proposing.read import read_source
from repoint.proposing.text import manifest_text
from repoint.proposing.values import Proposal, Unreadable

NAMES = st.sampled_from(["Engine", "NewEngine", "make", "ünï", "\uff37ide", "match", "_x", "\u213c"])
MODULES = st.sampled_from(["app.old", "app.new", "app", "app.gone", "app.tests.t", "äpp.mod", "app.type"])
PROSE = st.text(st.characters(codec="utf-8", exclude_characters="\\\"'"), max_size=30)
NOTES = st.builds("DEPRECATED: {} use {}.{}".format, PROSE, MODULES, NAMES)
LINES = st.one_of(
    st.builds('"""{}"""'.format, NOTES),
    st.builds("from {} import {} as {}".format, MODULES, NAMES, NAMES),
    st.builds("from {} import {}".format, MODULES, NAMES),
    st.builds('class {}:\n    """{}"""'.format, NAMES, NOTES),
    st.builds("class {}({}): ...".format, NAMES, NAMES),
    st.builds("def {}(a): return {}(a)".format, NAMES, NAMES),
    st.builds("{} = {}".format, NAMES, NAMES),
    PROSE,
)
SOURCES = st.lists(LINES, max_size=6).map("\n".join)
FILES = st.dictionaries(MODULES, SOURCES, min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(FILES, PROSE)
def test_the_text_decodes(files: dict[str, str], folder: str) -> None:
    made = [_read(f"{module.replace('.', '/')}.py", text) for module, text in files.items()]
    reads = [item for item in made if not isinstance(item, Failed)]
    failed = tuple(Unreadable(item.path + folder, item.line, item.reason) for item in made if isinstance(item, Failed))
    index = Index(reads, modules_of(item.module for item in reads))
    found = conclude(index, (), 5)
    proposal = Proposal(
        schema_version=1,
        tool="repoint",
        name="any",
        commit="0" * 40,
        manifest="m.toml",
        files=len(made),
        roots=(".",),
        exclude=(folder or "x",),
        moves=found.moves,
        canonical=(),
        modules=found.modules,
        left_out=found.left_out,
        unreadable=failed,
    )
    told = with_canonical(proposal, index)
    decoded = decode(manifest_text(told).encode(), "m.toml").manifest
    assert {(move.old, move.new) for move in decoded.move} == {
        (item.old, item.new) for item in told.moves if item.active
    }
    assert decoded.scope.exclude == (folder or "x",)


def _read(path: str, text: str) -> FileRead | Failed:
    return read_source(SourceFile(path, "100644", "", text.encode()), module_of(path))
