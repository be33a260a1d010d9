"""The text of one from-import in, its layout out: by LibCST, or at a glance where commas are all there is to read."""

from __future__ import annotations

import re

from repoint.transforms.layout import Layout, gap_of

_PLAIN = re.compile(r"from(\s*)([.\w]+)(\s*)import(\s*)(?:\(([^()]*)\)|([^()]+))")


def plain_layout(source: str) -> Layout | None:
    """The layout of a from-import without a comment or a continued line; None where there is one (or a spaced dot).

    Most statements are so. Nothing but white space, commas and names stands in them: LibCST, whose import alone
    takes longer than reading all of them, would find the same (a property test compares the two).
    """
    text = source.replace("\r\n", "\n")
    found = _PLAIN.fullmatch(text)
    if found is None or "#" in text or "\\" in text:
        return None
    before, module, after, lead, inside, bare = found.groups()
    *items, rest = (inside if inside is not None else bare).split(",")
    trailing = not rest.strip()
    gaps, names, tails = [], [], []
    for item in items if trailing else [*items, rest]:
        names.append(item.strip())
        gaps.append(item[: len(item) - len(item.lstrip())])
        tails.append(item[len(item.rstrip()) :])
    end = rest if trailing else tails.pop()
    if inside is None:
        lead, gaps[0] = lead + gaps[0], ""
    if not trailing:
        tails.append("")
    return Layout(
        module,
        (before, after),
        lead,
        tuple(names),
        tuple(tails),
        tuple(map(gap_of, [*gaps, end])),
        inside is not None,
        trailing,
    )


def parse_layout(source: str) -> Layout:
    """The layout of the statement whose text, from `from` to its end, is `source`."""
    import libcst as cst  # heavy, and not needed by most plans' statements

    line = cst.parse_statement(source.replace("\r\n", "\n") + "\n")
    assert isinstance(line, cst.SimpleStatementLine)
    statement = line.body[0]
    assert isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar)
    module = cst.Module([])
    names: list[str] = []
    tails: list[str] = []
    gaps = [gap_of(module.code_for_node(statement.lpar.whitespace_after) if statement.lpar else "")]
    trailing = False
    for alias in statement.names:
        bare = alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        names.append(module.code_for_node(bare))
        comma = alias.comma if isinstance(alias.comma, cst.Comma) else None
        tails.append(module.code_for_node(comma.whitespace_before) if comma else "")
        trailing = isinstance(alias.comma, cst.Comma)
        gaps.append(
            gap_of(module.code_for_node(alias.comma.whitespace_after) if isinstance(alias.comma, cst.Comma) else "")
        )
    if statement.rpar is not None:
        tail = module.code_for_node(statement.rpar.whitespace_before)
        gaps[-1] = gap_of(gaps[-1].text + tail) if tail else gaps[-1]
    relative = "".join(module.code_for_node(dot) for dot in statement.relative)
    path = module.code_for_node(statement.module) if statement.module else ""
    lead = module.code_for_node(statement.whitespace_after_import)
    around = (
        module.code_for_node(statement.whitespace_after_from),
        module.code_for_node(statement.whitespace_before_import),
    )
    bracketed = statement.lpar is not None
    return Layout(relative + path, around, lead, tuple(names), tuple(tails), tuple(gaps), bracketed, trailing)
