"""One file's transformation: its facts and bytes in, its edits, findings and renamed bindings out."""

from __future__ import annotations

from repoint.analysis.facts import MODULE, FileFacts, RefKind
from repoint.analysis.text import Text
from repoint.model import Edit, EditKind, Finding, Frozen, Severity
from repoint.names import Symbol
from repoint.transforms import collapse, modules, stars, statements, strings, symbols
from repoint.transforms.context import Context, Place, Variable
from repoint.transforms.outcomes import Replacement
from repoint.transforms.symbols import Decisions
from repoint.transforms.world import World


class Rewritten(Frozen, frozen=True):
    """What the migration does to one file. Edits hold offsets of the file's own bytes, in its own encoding.

    `renamed` are the module's own bindings that take a new name, `followed` bindings of other modules whose new
    names its strings follow: files that share one belong together. So do those that patch an old symbol
    (`patched`) and those that look it up only when they run (`looked_up`), for the patch must reach the look-up.
    `moved` are the old symbols that it imports, `told_apart` those whose identity it tests, and where.
    `imports_left` and `strings_left` count what goes on naming an old path.
    """

    path: str
    encoding: str
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
    renamed: dict[str, str]
    followed: frozenset[Symbol]
    patched: frozenset[Symbol]
    looked_up: frozenset[Symbol]
    moved: frozenset[Symbol]
    told_apart: dict[Symbol, int]
    moved_imports: int
    imports_left: int
    strings_left: int
    parsed: int


def rewrite(facts: FileFacts, data: bytes, world: World) -> Rewritten:
    """Everything that the migration changes in one file, and everything it has to say about it."""
    context = Context(facts, Text(data), world)
    reason = world.exception(facts.path)
    if reason is not None:
        _report_exceptions(context, reason)
        left = sum(strings.names_old_path(context, fact) for fact in facts.strings)
        return _result(context, [], Decisions(), strings.Followed(left=left), 0, 0)
    decisions, uses = _decide(context)
    stars.decide(context, decisions)
    told, followed = strings.rewrite(context)
    collapse.report(context)
    for line, note in facts.notes:
        context.say("type-comments-unread", Severity.INFO, context.text.line_starts[line - 1], note)
    written = statements.write(context, decisions.outcomes)
    edits = [(item, EditKind.IMPORT) for item in written.replacements]
    edits += [(item, EditKind.USE) for item in [*uses, *_renamed_uses(context, decisions)]]
    edits += [(item, EditKind.STRING) for item in told]
    moved = sum(1 for outcome in decisions.outcomes.values() if outcome.rule == symbols.RULE)
    return _result(context, edits, decisions, followed, moved, written.parsed)


def renames(facts: FileFacts, data: bytes, world: World) -> dict[str, str]:
    """Bindings of the module that would take a new name, as far as the file itself tells."""
    if world.exception(facts.path) is not None:
        return {}
    decisions, _ = _decide(Context(facts, Text(data), world))
    return _module_renames(decisions)


def old_imports(facts: FileFacts, data: bytes, world: World) -> int:
    """How many names and modules a file imports by old paths."""
    return _imports_left(Context(facts, Text(data), world), Decisions())


def _decide(context: Context) -> tuple[Decisions, list[Replacement]]:
    decisions = Decisions()
    symbols.decide(context, symbols.moving(context), decisions)
    return decisions, modules.decide(context, decisions)


def _module_renames(decisions: Decisions) -> dict[str, str]:
    return {variable.name: new for variable, new in decisions.renames.items() if variable.scope == MODULE}


def _renamed_uses(context: Context, decisions: Decisions) -> list[Replacement]:
    return [
        Replacement(use.start, use.end, new)
        for variable, new in decisions.renames.items()
        for use in context.uses(Variable(*variable))
        if use.start not in decisions.respelled and use.kind is not RefKind.IMPORT and use.end > use.start
    ]


def _report_exceptions(context: Context, reason: str) -> None:
    """What stays because the manifest says so: one line for each import and each string."""
    world, facts = context.world, context.facts
    for statement in facts.imports:
        for alias in statement.names:
            old = alias.name if not statement.is_from else f"{statement.target}.{alias.name}"
            from_old = statement.is_from and world.is_old(statement.target)
            if world.moves.path(old) is not None or world.is_old(old) or from_old:
                context.say("excepted", Severity.INFO, statement.start, f"{old} stays: {reason}")
    for fact in facts.strings:
        if world.moves.path(fact.value.replace(":", ".")) is not None:
            context.say("excepted", Severity.INFO, fact.start, f"{fact.value} stays: {reason}")


def _result(
    context: Context,
    replaced: list[tuple[Replacement, EditKind]],
    decisions: Decisions,
    followed: strings.Followed,
    moved: int,
    parsed: int,
) -> Rewritten:
    text = context.text
    edits = tuple(_edit(text, item, kind) for item, kind in _ordered(replaced))
    return Rewritten(
        path=context.facts.path,
        encoding=text.encoding,
        edits=edits,
        findings=tuple(sorted(set(context.findings))),
        renamed=_module_renames(decisions),
        followed=frozenset(followed.bindings),
        patched=frozenset(followed.symbols),
        looked_up=_looked_up(context, decisions),
        moved=_moved(context, decisions),
        told_apart=collapse.told_apart(context) if replaced else {},
        moved_imports=moved,
        imports_left=_imports_left(context, decisions),
        strings_left=followed.left,
        parsed=parsed,
    )


def _imports_left(context: Context, decisions: Decisions) -> int:
    """Imported names and modules that move, but whose import stays; star imports of old modules among them."""
    moves, left = context.world.moves, 0
    for statement in context.facts.imports:
        for position, alias in enumerate(statement.names):
            if Place(statement.index, position) in decisions.outcomes:
                continue
            if statement.is_star:
                left += context.world.is_old(statement.target) or moves.module(statement.target) is not None
            elif statement.is_from:
                left += moves.symbol(statement.target, alias.name) is not None
            else:
                left += moves.module(alias.name) is not None
    return left


def _moved(context: Context, decisions: Decisions) -> frozenset[Symbol]:
    statements = ((context.facts.imports[place.statement], place.position) for place in decisions.outcomes)
    return frozenset(Symbol(item.target, item.names[at].name) for item, at in statements if item.is_from)


def _looked_up(context: Context, decisions: Decisions) -> frozenset[Symbol]:
    """Old symbols that moved imports inside functions, and moved dotted uses there, look up when they run."""
    facts, found = context.facts, set(decisions.late)
    for place in decisions.outcomes:
        statement = facts.imports[place.statement]
        if statement.is_from and statement.scope != MODULE:
            found.add(Symbol(statement.target, statement.names[place.position].name))
    return frozenset(found)


def _ordered(replaced: list[tuple[Replacement, EditKind]]) -> list[tuple[Replacement, EditKind]]:
    """Edits by place, each once; an insertion at the end of a replaced span joins it."""
    distinct = sorted(dict.fromkeys(replaced), key=lambda item: (item[0].start, item[0].end))
    merged: list[tuple[Replacement, EditKind]] = []
    for item, kind in distinct:
        if merged and item.start < merged[-1][0].end:
            raise AssertionError(f"edits overlap at {item.start}")
        if merged and item.start == item.end == merged[-1][0].end and merged[-1][1] is kind:
            before = merged[-1][0]
            merged[-1] = (Replacement(before.start, before.end, before.after + item.after), kind)
            continue
        merged.append((item, kind))
    return merged


def _edit(text: Text, item: Replacement, kind: EditKind) -> Edit:
    before = text.slice(item.start, item.end)
    return Edit(text.raw(item.start), text.raw(item.end), before, item.after, kind, "move")
