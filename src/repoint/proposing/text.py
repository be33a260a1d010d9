"""A proposal in, the text of a manifest out: active moves as tables, all else as comments, evidence beside both."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator

from repoint.proposing.groups import by_home
from repoint.proposing.values import Certainty, ModuleEvidence, Proposal, ProposedMove

_WIDTH = 120

MEANING = {
    Certainty.SURE: "the old path is deprecated, and passes on the very object that the new one names",
    Certainty.LIKELY: "what is old is certain, and one home stands out: the code names it, or there is no other",
    Certainty.GUESS: "names or shapes are alike, and nothing says what is to stay; a comment, for you to uncomment",
}


def manifest_text(proposal: Proposal) -> str:
    """TOML, with a line end after each line and no character in it that acts on a terminal."""
    return "".join(f"{line}\n" for line in _lines(proposal))


def _lines(proposal: Proposal) -> Iterator[str]:
    yield from _head(proposal)
    yield ""
    yield f"name = {_quoted(proposal.name)}"
    yield from ("", "[scope]", f"roots = {_list(proposal.roots)}")
    if proposal.exclude:
        yield f"exclude = {_list(proposal.exclude)}  # other people's code"
    for home, group in by_home(proposal.moves):
        yield from ("", *_comment(f"--- {home}: {_imports(group[0].home_imports)} by this path already"))
        for move in group:
            yield from ("", *_move(move))
    if not proposal.moves:
        yield from (
            "",
            *_comment("Nothing was found that calls itself deprecated or leads nowhere. A move is written so:"),
        )
        yield from ("#", "# [[move]]", '# old = "package.old:Name"', '# new = "package.new:Name"')
    yield from _canonical(proposal)
    yield from _modules(proposal.modules)
    yield from _targets(proposal)


def _head(proposal: Proposal) -> Iterator[str]:
    files = f"{proposal.files:,} Python files of commit {proposal.commit[:12]}"
    yield from _comment(f"Proposed by {proposal.tool} from the {files}. Read it and correct it.")
    yield "#"
    yield from _comment("Each move says how sure it is:")
    for certainty, meaning in MEANING.items():
        yield f"#   {certainty.value:7} {meaning}"
    yield from _comment("The planner was asked: the active moves, as they are, make a plan that can be applied.")
    if proposal.left_out:
        left = (
            f"{_count(proposal.left_out, 'move')} with fewer imports left out: raise --limit, or name a place --under."
        )
        yield from ("#", *_comment(left))
    if proposal.unreadable:
        count = len(proposal.unreadable)
        yield from (
            "#",
            *_comment(f"{_count(count, 'file')} did not parse, and said nothing:"),
        )
        for item in proposal.unreadable:
            yield from _comment(f"  {item.path}:{item.line}: {item.reason}")


def _move(move: ProposedMove) -> Iterator[str]:
    told = f"refused ({move.certainty.value})" if move.refused else move.certainty.value
    yield from _comment(f"{told}: {'; '.join(move.evidence)}")
    if move.refused:
        yield from _comment(f"not active, because the planner says: {move.refused}")
    mark = "" if move.active else "# "
    yield f"{mark}[[move]]"
    yield f"{mark}old = {_quoted(move.old)}  # {_imports(move.imports)}"
    yield f"{mark}new = {_quoted(move.new)}"


def _canonical(proposal: Proposal) -> Iterator[str]:
    if proposal.canonical:
        yield from ("", *_comment("--- the names that stay, and the one path to each"))
    for symbol, imports, renamed in proposal.canonical:
        yield from ("", "[[canonical]]", f"symbol = {_quoted(symbol)}  # {_imports(imports)}")
        if renamed:
            yield f'# aliases = "forbid"  # {renamed} of these give it another name'


def _modules(modules: Iterable[ModuleEvidence]) -> Iterator[str]:
    """What is to become of the old modules comes after the moves: stubs, as comments."""
    shown = list(modules)
    if shown:
        told = "once their names have homes, the old modules can become redirects; `keep` has what has no home yet"
        yield from ("", *_comment(f"--- {told}"))
    for item in shown:
        yield from ("", *_comment(f"{item.path}: {_imports(item.imports)}; {'; '.join(item.evidence)}"))
        yield from ("# [[stub]]", f"# module = {_quoted(item.module)}", '# mode = "redirect"')
        if item.homeless:
            yield "# keep = ["
            yield from (
                f"#     {_quoted(name)},  # {_imports(count)}{f'; its move to {home} was left out' if home else ''}"
                for name, count, home in item.homeless
            )
            yield "# ]"


def _targets(proposal: Proposal) -> Iterator[str]:
    if proposal.canonical:
        yield from ("", *_comment("--- what `audit` and `check` are to hold the repository to"))
        yield from ("", "[targets]", 'deprecated_imports = "== 0"', 'canonical_share = ">= 95%"')
        yield from ('# alias_imports = "== 0"', '# duplicate_definitions = "== 0"')


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _imports(number: int) -> str:
    return _count(number, "import")


def _comment(text: str) -> list[str]:
    """A comment in lines of the usual width; whatever stands in it, it stays one."""
    clean = "".join(part if part.isprintable() else "?" for part in text)
    indent = " " * (len(clean) - len(clean.lstrip()))
    return textwrap.wrap(
        clean,
        _WIDTH,
        initial_indent="# " + indent,
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or ["#"]


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """A basic string of TOML, which is JSON's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
