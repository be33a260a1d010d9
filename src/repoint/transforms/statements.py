"""Import statements written out: the outcomes of their names in, edits of the text out.

Every other byte of the file stays. A run of imports is handled as one, so that a name joins the statement that
imports its new module already.
"""

from __future__ import annotations

import re
from collections import defaultdict

from msgspec import Struct, field
from msgspec.structs import replace

from repoint.analysis.facts import Alias, ImportStatement
from repoint.manifest.schema import Relative
from repoint.names import is_at_or_under, relative_to, resolve_relative
from repoint.transforms import layout
from repoint.transforms.context import Context, Place
from repoint.transforms.layout import Layout, Name
from repoint.transforms.layout_parser import parse_layout, plain_layout
from repoint.transforms.lines import StatementLines
from repoint.transforms.outcomes import FromImport, ModuleImport, Outcome, Replacement
from repoint.transforms.symbols import RULE

_FROM = re.compile(rb"from((?:\s|\\\r?\n)*)([.\s\w\\]*?[.\w])(?:\s|\\\r?\n)*\bimport\b")
_AS = re.compile(rb"(\w+)(?:\s|\\\r?\n)+as(?:\s|\\\r?\n)+(\w+)")


class _Group(Struct):
    """Names that go to one module; `sources` are the positions they had, for their comments."""

    module: str
    names: list[tuple[int, FromImport]]


class _Draft(Struct):
    """A statement being rewritten: what stays, what is renamed in place, what joins it, what follows it."""

    statement: ImportStatement
    stays: list[int] = field(default_factory=list)
    in_place: _Group | None = None
    joining: list[tuple[FromImport, Name]] = field(default_factory=list)
    following: list[_Following] = field(default_factory=list)
    modules: list[ModuleImport] = field(default_factory=list)
    touched: bool = False


class _Following(Struct):
    """A new from-import that is split off, and what joins it."""

    module: str
    names: list[tuple[FromImport, Name]]
    index: int


class Written(Struct):
    """The edits, and how many statements LibCST parsed for them."""

    replacements: list[Replacement]
    parsed: int


def write(context: Context, outcomes: dict[Place, Outcome]) -> Written:
    """The edits that carry out `outcomes`."""
    writer = _Writer(context, outcomes)
    runs: dict[int, list[ImportStatement]] = defaultdict(list)
    for statement in context.facts.imports:
        runs[statement.run].append(statement)
    touched = {context.facts.imports[place.statement].run for place in outcomes}
    for run in sorted(touched):
        writer.run(runs[run])
    return Written(writer.lines.replacements, writer.parsed)


class _Writer:
    def __init__(self, context: Context, outcomes: dict[Place, Outcome]) -> None:
        self.context = context
        self.text = context.text
        self.outcomes = outcomes
        self.lines = StatementLines(context.text)
        self.parsed = 0
        self._layouts: dict[int, Layout] = {}
        self._unchanged: dict[FromImport, list[int]] = {}
        self._run: list[ImportStatement] = []

    def run(self, statements: list[ImportStatement]) -> None:
        """Write one run of imports."""
        self._run = statements
        drafts = {statement.index: _Draft(statement) for statement in statements}
        receivers = self._receivers(statements)
        pairs = self._existing_modules(statements)
        self._unchanged = self._existing_names(statements)
        for statement in statements:
            if statement.is_from:
                self._draft_from(drafts[statement.index], receivers, drafts)
            else:
                self._draft_modules(drafts[statement.index], pairs)
        for statement in statements:
            if drafts[statement.index].touched:
                self._emit(drafts[statement.index])

    def _outcome(self, statement: ImportStatement, position: int) -> Outcome | None:
        return self.outcomes.get(Place(statement.index, position))

    def _receivers(self, statements: list[ImportStatement]) -> dict[str, _Draft | _Following | int]:
        """Modules that a statement of the run goes on importing from, with that statement's index."""
        found: dict[str, _Draft | _Following | int] = {}
        for statement in statements:
            if not statement.is_from or statement.is_star:
                continue
            fates = [self._outcome(statement, position) for position in range(len(statement.names))]
            if any(_remains(statement, fate) for fate in fates):
                found.setdefault(statement.target, statement.index)
        return found

    def _existing_modules(self, statements: list[ImportStatement]) -> set[ModuleImport]:
        return {
            ModuleImport(alias.name, alias.asname)
            for statement in statements
            if not statement.is_from
            for position, alias in enumerate(statement.names)
            if self._outcome(statement, position) is None
        }

    def _existing_names(self, statements: list[ImportStatement]) -> dict[FromImport, list[int]]:
        """What the run imports and goes on importing as it is, with the statements that do."""
        found: dict[FromImport, list[int]] = defaultdict(list)
        for statement in statements:
            for position, alias in enumerate(statement.names if statement.is_from else ()):
                if self._outcome(statement, position) is None:
                    found[FromImport(statement.target, alias.name, alias.asname)].append(statement.index)
        return found

    def _may_join(self, statement: ImportStatement, other: int) -> bool:
        """Whether a name of `statement` may as well be bound by the statement `other` of the run.

        Not past a star import, which may bind the name, too; and not after an import that may need the name while
        this very module is being loaded.
        """
        first, last = sorted((statement.index, other))
        between = [item for item in self._run if first < item.index < last]
        if any(item.is_star for item in between):
            return False
        return other < statement.index or not any(map(self._may_come_back, between))

    def _may_come_back(self, statement: ImportStatement) -> bool:
        """Whether a statement loads a module that imports the one it stands in."""
        facts, namespaces = self.context.facts, self.context.world.namespaces
        names = [alias.name for alias in statement.names]
        loaded = [statement.target, *(f"{statement.target}.{name}" for name in names)] if statement.is_from else names
        for module in loaded:
            if module in namespaces.modules and module != facts.module:
                if facts.is_init and is_at_or_under(module, facts.module):
                    return True
                namespace = namespaces.get(module)
                bindings = namespace.bindings if namespace is not None else ()
                if facts.module and any(item.module == facts.module for item in bindings):
                    return True
        return False

    def _draft_from(
        self, draft: _Draft, receivers: dict[str, _Draft | _Following | int], drafts: dict[int, _Draft]
    ) -> None:
        statement = draft.statement
        groups: dict[str, list[tuple[int, FromImport]]] = defaultdict(list)
        for position in range(len(statement.names)):
            outcome = self._outcome(statement, position)
            if outcome is None or outcome.stays:
                draft.stays.append(position)
            for new in outcome.news if outcome else ():
                draft.touched = True
                if isinstance(new, ModuleImport):
                    draft.modules.append(new)
                elif outcome is not None and outcome.stays and new.module == statement.target:
                    draft.following.append(_Following(new.module, [(new, Name(new.text))], statement.index))
                else:
                    groups[new.module].append((position, new))
            draft.touched = draft.touched or (outcome is not None and not outcome.stays)
        for module, names in groups.items():
            self._place_group(draft, module, names, receivers, drafts)

    def _place_group(
        self,
        draft: _Draft,
        module: str,
        names: list[tuple[int, FromImport]],
        receivers: dict[str, _Draft | _Following | int],
        drafts: dict[int, _Draft],
    ) -> None:
        names = [(position, new) for position, new in names if not self._is_there(draft.statement, new)]
        if not names:
            return
        own = module == draft.statement.target and not self._becomes_absolute(draft.statement, names)
        receiver = receivers.get(module)
        if isinstance(receiver, int):
            receiver = drafts[receiver]
        at = receiver.statement.index if isinstance(receiver, _Draft) else receiver.index if receiver else 0
        if receiver is not None and not self._may_join(draft.statement, at):
            receiver = None
        if receiver is draft and not own:
            receiver = None
        if own and draft.stays:
            staying = {draft.statement.names[position] for position in draft.stays}
            kept = {FromImport(module, alias.name, alias.asname) for alias in staying}
            names = [(position, new) for position, new in names if new not in kept]
            if not names:
                return
        if own and isinstance(receiver, _Draft) and receiver is not draft:
            present = self._present(receiver) | {new for new, _ in receiver.joining}
            names = [(position, new) for position, new in names if new not in present]
            if not names:
                return
        star = draft.statement.is_star
        if not star and (own or (receiver is None and not draft.stays and draft.in_place is None)):
            first = dict(reversed(_distinct(names)))
            draft.in_place = _Group(module, list(first.items()))
            more = [new for position, new in _distinct(names) if first[position] != new]
            draft.joining += [(new, Name(new.text)) for new in more]  # one name that became two
            receivers.setdefault(module, draft)
            return
        taken = [(new, self._name(draft.statement, position, new)) for position, new in names]
        if isinstance(receiver, _Draft):
            receiver.touched = True
            present = self._present(receiver)
            receiver.joining += _unlisted(taken, present | {new for new, _ in receiver.joining})
        elif isinstance(receiver, _Following):
            receiver.names += _unlisted(taken, {new for new, _ in receiver.names})
        else:
            following = _Following(module, _unlisted(taken, set()), draft.statement.index)
            draft.following.append(following)
            receivers[module] = following

    def _is_there(self, statement: ImportStatement, new: FromImport) -> bool:
        """Whether another statement of the run imports the same, so that it need not be imported twice."""
        others = [index for index in self._unchanged.get(new, ()) if index != statement.index]
        return any(self._may_join(statement, index) for index in others)

    def _becomes_absolute(self, statement: ImportStatement, names: list[tuple[int, FromImport]]) -> bool:
        """Whether moved names leave a relative import though they stay in its package."""
        absolute = self.context.world.policy.relative is Relative.ABSOLUTE
        outcomes = [self._outcome(statement, position) for position, _ in names]
        return bool(statement.level) and absolute and all(item is not None and item.rule == RULE for item in outcomes)

    def _present(self, draft: _Draft) -> set[FromImport]:
        """Names that a statement has after its own change."""
        module = draft.statement.target
        kept: set[FromImport] = set()
        for position, alias in enumerate(draft.statement.names):
            outcome = self._outcome(draft.statement, position)
            if outcome is None or outcome.stays:
                kept.add(FromImport(module, alias.name, alias.asname))
            else:
                kept |= {new for new in outcome.news if isinstance(new, FromImport) and new.module == module}
        return kept | ({new for _, new in draft.in_place.names} if draft.in_place else set())

    def _name(self, statement: ImportStatement, position: int, new: FromImport) -> Name:
        """A name that leaves its statement, with the comments that go with it."""
        if statement.is_star or (len(statement.names) == 1 and not self.lines.source(statement).rstrip().endswith(")")):
            return Name(new.text, (), self._trailing_comment(statement))
        taken = self._layout(statement).name(position)
        return Name(new.text, taken.above, taken.beside)

    def _trailing_comment(self, statement: ImportStatement) -> str:
        """The comment behind a statement that has its line to itself."""
        if self.lines.shares_line(statement):
            return ""
        return self.text.slice(statement.end, self.text.line_span(statement.end)[1]).strip()

    def _draft_modules(self, draft: _Draft, pairs: set[ModuleImport]) -> None:
        """`import a.b, c`: every path changes in its place; what cannot stand there follows."""
        for position in range(len(draft.statement.names)):
            if self._outcome(draft.statement, position) is not None:
                draft.touched = True
        if draft.touched:
            self._write_modules(draft.statement, pairs)
            draft.touched = False

    def _write_modules(self, statement: ImportStatement, pairs: set[ModuleImport]) -> None:
        texts: list[str | None] = []
        following: list[str] = []
        for position, alias in enumerate(statement.names):
            outcome = self._outcome(statement, position)
            own = self.text.slice(alias.start, alias.end)
            if outcome is None:
                texts.append(own)
                continue
            news = [new for new in outcome.news if isinstance(new, ModuleImport)]
            fresh = [new for new in news if new not in pairs]
            pairs.update(fresh)
            first = None if outcome.stays or not fresh else fresh[0]
            texts.append(own if outcome.stays else (first.text if first else None))
            following += [f"import {new.text}" for new in (fresh if outcome.stays else fresh[1:])]
        self._write_module_list(statement, texts, following)

    def _write_module_list(self, statement: ImportStatement, texts: list[str | None], following: list[str]) -> None:
        if all(text is not None for text in texts):
            for alias, text in zip(statement.names, texts, strict=True):
                self.lines.replace(alias.start, alias.end, text or "")
        elif any(text is not None for text in texts):
            first, end = statement.names[0].start, statement.names[-1].end
            self.lines.replace(first, end, ", ".join(text for text in texts if text is not None))
        elif following:
            self.lines.replace(statement.start, statement.end, following.pop(0))
        else:
            self.lines.remove(statement)
        self.lines.follow(statement, following)

    def _emit(self, draft: _Draft) -> None:
        """Write one from-import: in place, thinned, joined, gone, and followed by what is split off."""
        statement = draft.statement
        following = [
            layout.fresh(
                self._spelling(item.module, statement, None),
                [name for _, name in item.names],
                self._like(statement),
                self.lines.indent(statement),
            )
            for item in draft.following
        ]
        following += [f"import {new.text}" for new in draft.modules]
        kept = bool(draft.stays) or draft.in_place is not None
        if kept:
            self._rewrite(draft)
        elif following:
            self.lines.replace(statement.start, statement.end, self.lines.with_line_ends(following.pop(0), statement))
        else:
            self.lines.remove(statement)
        self._carry_comments(draft)
        self.lines.follow(statement, following)

    def _rewrite(self, draft: _Draft) -> None:
        """The statement itself, with names renamed in place, taken out or put in."""
        statement, group = draft.statement, draft.in_place
        texts = {position: new.text for position, new in group.names} if group else {}
        gone = {at for at in range(len(statement.names)) if at not in texts and at not in draft.stays}
        spelling = self._spelling(group.module, statement, group.names) if group else self._own_spelling(statement)
        moved = spelling != self._own_spelling(statement)
        if not gone and not draft.joining:
            if moved:
                self._retarget(statement, spelling)
            for position, text in texts.items():
                self._rename(statement.names[position], text)
            return
        changed = self._layout(statement).renamed(texts)
        if gone:
            changed = changed.without(gone)
        changed = changed.appended([name for _, name in draft.joining])
        if moved:
            changed = replace(changed, module=spelling)
        self.lines.replace(statement.start, statement.end, self.lines.with_line_ends(changed.text, statement))

    def _rename(self, alias: Alias, text: str) -> None:
        """Give a name its new text; where both have an `as`, what stands around that stays."""
        was = _AS.fullmatch(self.text.utf8, alias.start, alias.end)
        now = _AS.fullmatch(text.encode())
        if was is None or now is None:
            self.lines.replace(alias.start, alias.end, text)
            return
        for part in (1, 2):
            self.lines.replace(was.start(part), was.end(part), now[part].decode())

    def _retarget(self, statement: ImportStatement, spelling: str) -> None:
        found = _FROM.match(self.text.utf8, statement.start, statement.end)
        assert found is not None
        lead = "" if found[1] else " "  # `from.a import b` has no space to keep
        tail = "" if self.text.utf8[found.end(2) : found.end(2) + 1] in (b" ", b"\t", b"\\") else " "
        self.lines.replace(found.start(2), found.end(2), lead + spelling + tail)

    def _own_spelling(self, statement: ImportStatement) -> str:
        return "." * statement.level + (statement.module or "")

    def _spelling(self, module: str, statement: ImportStatement, names: list[tuple[int, FromImport]] | None) -> str:
        """The module as the statement is to write it: absolute, or relative where the policy keeps that."""
        if module == statement.target and not (names and self._becomes_absolute(statement, names)):
            absolute = statement.level and self.context.world.policy.relative is Relative.ABSOLUTE
            if names is not None or not absolute:
                return self._own_spelling(statement)
        if statement.level and self.context.world.policy.relative is Relative.KEEP:
            package = self.context.facts.package
            relative = relative_to(package, module)
            if (
                relative is not None
                and resolve_relative(package, len(relative) - len(relative.lstrip(".")), relative.lstrip(".")) == module
            ):
                return relative
        return module

    def _carry_comments(self, draft: _Draft) -> None:
        """Comments of joining names that the statement's layout has no place for go to the end of its line."""
        if not draft.joining:
            return
        parsed = self._layout(draft.statement)
        if parsed.parenthesised and parsed.gaps[-1].broken:
            return
        end = self.text.line_span(draft.statement.end)[1]
        comments = [text for _, name in draft.joining for text in (*name.above, name.beside) if text]
        if comments:
            self.lines.insert(end, "".join(f"  {comment}" for comment in comments))

    def _layout(self, statement: ImportStatement) -> Layout:
        if statement.index not in self._layouts:
            source = self.lines.source(statement)
            known = plain_layout(source)
            if known is None:
                self.parsed += 1
                known = parse_layout(source)
            self._layouts[statement.index] = known
        return self._layouts[statement.index]

    def _like(self, statement: ImportStatement) -> Layout | None:
        return self._layout(statement) if self.lines.source(statement).endswith(")") else None


def _remains(statement: ImportStatement, outcome: Outcome | None) -> bool:
    """Whether the statement goes on importing from its own module for this name."""
    if outcome is None or outcome.stays:
        return True
    return any(isinstance(new, FromImport) and new.module == statement.target for new in outcome.news)


def _distinct(names: list[tuple[int, FromImport]]) -> list[tuple[int, FromImport]]:
    seen: dict[FromImport, int] = {}
    for position, new in names:
        seen.setdefault(new, position)
    return [(position, new) for new, position in seen.items()]


def _unlisted(names: list[tuple[FromImport, Name]], present: set[FromImport]) -> list[tuple[FromImport, Name]]:
    found: dict[FromImport, Name] = {}
    for new, name in names:
        if new not in present:
            found.setdefault(new, name)
    return list(found.items())
