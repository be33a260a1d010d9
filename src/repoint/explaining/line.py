"""What stands on one line of Python, and what becomes of each part: a file's facts and the world in, subjects out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Literal

from repoint.analysis.facts import (
    MODULE,
    UNBOUND,
    ImportStatement,
    Reference,
    RefKind,
    StringFact,
    StringUse,
    import_bindings,
)
from repoint.explaining.rules import Rules
from repoint.explaining.values import Rule, Subject, Verdict
from repoint.manifest.schema import Strings, Uses
from repoint.model import Edit, Frozen
from repoint.names import Symbol, last
from repoint.transforms.context import Context, Variable
from repoint.transforms.naming import hazard, surface

_BINDERS = (RefKind.STORE, RefKind.DEFINITION, RefKind.PARAMETER)
_PROSE = (StringUse.PLAIN, StringUse.DOCSTRING)

Reaching = Callable[[Symbol], str]


class _Part(Frozen, frozen=True):
    """A part of the line that may be governed, at `start` to `end` of the text; it changes where an edit is in `span`.

    `why` tells, where that is known, why it stays although there is a `rule`.
    """

    start: int
    end: int
    span: tuple[int, int]
    kind: Literal["import", "name", "string"]
    path: str
    rule: Rule | None
    evidence: tuple[str, ...]
    why: str
    variable: Variable | None = None


class Line:
    """The subjects of one line. `reaching` gives a file that reaches a binding of this module, empty if none does.

    `leaving` tells why the whole file is left alone, where it is.
    """

    def __init__(
        self, context: Context, rules: Rules, edits: tuple[Edit, ...], leaving: str, reaching: Reaching
    ) -> None:
        self.context = context
        self.rules = rules
        self.edits = edits
        self.leaving = leaving
        self.reaching = reaching
        self.imports: dict[tuple[int, str], list[tuple[str, ImportStatement]]] = defaultdict(list)
        for variable, path, statement in import_bindings(context.facts):
            self.imports[variable].append((path, statement))

    def subjects(self, line: int) -> tuple[Subject, ...]:
        """Everything on the line that a rule governs, or that could be taken for it, in the order of the text."""
        text, facts = self.context.text, self.context.facts
        found: list[tuple[int, Subject]] = []
        for statement in facts.imports:
            if text.line(statement.start) <= line <= text.line(max(statement.start, statement.end - 1)):
                found += self._of_import(statement, line)
        for reference in facts.references:
            if reference.kind is not RefKind.IMPORT and text.line(reference.start) == line:
                found += self._of_name(reference)
        for fact in facts.strings:
            if text.line(fact.start) <= line <= text.line(max(fact.start, fact.end - 1)):
                found += self._of_string(fact)
        return tuple(subject for _, subject in sorted(found, key=lambda item: item[0]))

    def _of_import(self, statement: ImportStatement, line: int) -> Iterator[tuple[int, Subject]]:
        text = self.context.text
        there = [alias for alias in statement.names if text.line(alias.start) <= line <= text.line(alias.end)]
        for position, alias in enumerate(statement.names):
            if there and alias not in there:
                continue
            path = f"{statement.target}.{alias.name}" if statement.is_from else alias.name
            path = statement.target if statement.is_star else path
            aliased = alias.asname not in (None, alias.name)
            rule = self._rule(path) or (self._forbidden(path) if aliased else None)
            evidence = (f"imports {path}" + (" by `*`" if statement.is_star else ""),)
            why = "the line says `# repoint: keep`" if statement.kept else ""
            variable = self.context.variable(statement, position)
            span = (statement.start, statement.end)  # often only the module changes, and the name stays
            yield from self._judged(_Part(alias.start, alias.end, span, "import", path, rule, evidence, why, variable))

    def _of_name(self, reference: Reference) -> Iterator[tuple[int, Subject]]:
        variable = Variable(reference.binds, reference.name)
        chain = [attribute.name for attribute in reference.chain]
        evidence: list[str] = []
        path, aliased, why = "", False, ""
        if bound := self.imports.get(variable):
            head, statement = bound[0]
            path = ".".join([head, *chain])
            evidence.append(f"`{reference.name}` is bound by the import on line {statement.line}, to {head}")
            aliased = last(head) != reference.name
            why = f"line {statement.line} says `# repoint: keep`" if statement.kept else ""
        elif reference.binds == MODULE and self.context.facts.module:
            path = ".".join([self.context.facts.module, reference.name, *chain])
        evidence += self._bound_here(reference, variable)
        rule = self._rule(path)
        if rule is None and aliased:
            rule = self._forbidden(path)
        if not bound and rule is not None:
            why = "this is the definition's own module: a move changes who imports it"
        end = max([reference.end, *(attribute.end for attribute in reference.chain)])
        span = (reference.start, end)
        yield from self._judged(_Part(*span, span, "name", path, rule, tuple(evidence), why, variable))

    def _of_string(self, fact: StringFact) -> Iterator[tuple[int, Subject]]:
        path = fact.module or fact.value.replace(":", ".")
        rule = self._rule(path)
        why = ""
        if fact.kept:
            why = "the line says `# repoint: keep`"
        elif self.context.world.policy.strings is Strings.OFF:
            why = 'strings = "off" under [rewrite]'
        elif fact.use in _PROSE:
            why = "nothing shows that it is used as an import path"
        elif not fact.exact:
            why = "it is spelled in several parts, or with escapes"
        use = "text" if fact.use is StringUse.PLAIN else fact.use.value
        span = (fact.start, fact.end)
        yield from self._judged(_Part(*span, span, "string", path, rule, (f"is a string: {use}",), why))

    def _judged(self, part: _Part) -> Iterator[tuple[int, Subject]]:
        """The subject, where a rule governs it or it looks so; a name that nobody would take for it gives none."""
        text, path = self.context.text, part.path
        shown = " ".join(text.slice(part.start, part.end).split())
        edits = self._edits(*part.span)
        rule = part.rule
        if rule is not None:
            verdict = Verdict.CHANGES if edits else Verdict.STAYS
            told = self._of_governed(part, edits)
        elif path and (olds := self.rules.home_of(path)):
            verdict, rule = Verdict.CANONICAL, self.rules.canonical(path)
            told = [f"{path} is where {olds[0]} moves to" + (f", and {len(olds) - 1} more" * (len(olds) > 1))]
            told += ["another import of this module joins it"] if edits and part.kind == "import" else []
        elif alike := self.rules.alike(path or shown):
            verdict = Verdict.NOT_GOVERNED
            told = [f"it looks like {alike}, but no rule names {path or 'it'}"]
        else:
            return
        evidence = (*part.evidence, *told)
        yield part.start, Subject(text.column(part.start), shown, part.kind, path, verdict, rule, evidence)

    def _of_governed(self, part: _Part, edits: list[Edit]) -> list[str]:
        """Why a governed part stays, or keeps its local name."""
        variable = part.variable
        if not edits:
            return [self.leaving or part.why or self._unchanged(part.kind, part.path, variable)]
        kept = variable is not None and any(f" as {variable.name}" in edit.after for edit in edits)
        if part.kind == "import" and kept and self.rules.move(part.path) is not None:
            return [self._unchanged("name", part.path, variable)]
        return []

    def _unchanged(self, kind: str, path: str, variable: Variable | None) -> str:
        """Why a governed name goes on being called what it is."""
        moved = self.context.world.moves.path(path)
        if moved is None:
            return "only names of this module move, each where it is read; the module as such does not"
        if kind != "name" or variable is None:
            return "a finding says why"
        imported = self.imports.get(variable, [])
        if last(moved[0]) == last(moved[1]) or any(last(stands) != variable.name for stands, _ in imported):
            return f"its import changes, and the local name `{variable.name}` does not"
        reason = surface(self.context, variable)
        if reason == "reached from another file":
            symbol = Symbol(self.context.facts.module, variable.name)
            reason = f"reached from {self.reaching(symbol) or 'another file'}"
        if reason is not None:
            return f"its import keeps the local name by `as`: it is {reason}"
        if self.context.world.policy.uses is Uses.ALIAS:
            return 'its import keeps the local name by `as`: uses = "alias" under [rewrite]'
        told = hazard(self.context, variable)
        return f"its import keeps the local name by `as`: {told or f'a finding on line {imported[0][1].line} says why'}"

    def _bound_here(self, reference: Reference, variable: Variable) -> list[str]:
        """Other bindings of the variable, in the same scope."""
        text = self.context.text
        if reference.binds == UNBOUND:
            stars = [str(item.line) for item in self.context.facts.imports if item.is_star]
            star = f", unless the star import on line {stars[0]} does" if stars else ""
            return [f"no statement of this file binds `{reference.name}`{star}"]
        binders = [item for item in self.context.uses(variable) if item.kind in _BINDERS]
        also = "also " if variable in self.imports else ""
        return [
            f"`{item.name}` is {also}bound on line {text.line(item.start)}, as a {_called(item.kind)}"
            for item in binders[:2]
        ]

    def _rule(self, path: str) -> Rule | None:
        """What moves a path, or names of the module that it is."""
        return (self.rules.move(path) or self.rules.module(path)) if path else None

    def _forbidden(self, path: str) -> Rule | None:
        """The rule against aliases of a canonical symbol."""
        forbidden = {symbol.dotted for symbol in self.context.world.forbidden_aliases}
        return self.rules.canonical(path) if path in forbidden else None

    def _edits(self, start: int, end: int) -> list[Edit]:
        """The edits that reach into a span of the text."""
        first, stop = self.context.text.raw(start), self.context.text.raw(end)
        return [
            edit for edit in self.edits if (edit.start < stop and first < edit.end) or edit.start == edit.end == stop
        ]


def _called(kind: RefKind) -> str:
    return {RefKind.STORE: "variable", RefKind.DEFINITION: "definition"}.get(kind, "parameter")
