"""Which table of the manifest governs a dotted path: the migration and its text in, rules with their lines out."""

from __future__ import annotations

from repoint.explaining.values import Rule
from repoint.manifest.decode import Migration
from repoint.manifest.globs import matches
from repoint.manifest.locate import Lines
from repoint.manifest.moves import MoveTable
from repoint.names import Symbol, is_at_or_under, last, parent

_SHORT = 3


class Rules:
    """The tables of one migration; `moves` is its table of moves with the homes that were found for stubs' names."""

    def __init__(self, migration: Migration, moves: MoveTable, text: str) -> None:
        self._manifest = migration.manifest
        self._moves = moves
        self._lines = Lines(text)

    def move(self, path: str) -> Rule | None:
        """What moves the longest head of `path`; None where nothing does."""
        found = self._moves.path(path)
        if found is None:
            return None
        old, new = found
        for index, move in enumerate(self._manifest.move):
            if move.old.replace(":", ".") == old:
                on = f", and on to {new}" if move.new.replace(":", ".") != new else ""
                return Rule(f"[[move]] {move.old} → {move.new}{on}", self._lines.find("move", index, "old"))
        for index, stub in enumerate(self._manifest.stub):
            if stub.module == parent(old):
                what = f"[[stub]] {stub.module}, whose `{last(old)}` is really defined as {new}"
                return Rule(what, self._lines.find("stub", index, "module"))
        for index, move in enumerate(self._manifest.move):
            if is_at_or_under(old, move.old.replace(":", ".")):
                what = f"[[move]] {move.old} → {move.new}, and on to {new}"
                return Rule(what, self._lines.find("move", index, "old"))
        return Rule(f"{old} → {new}", 0)

    def module(self, module: str) -> Rule | None:
        """What governs names of a module that does not move as such; None where nothing does."""
        olds = ((index, move, Symbol.parse(move.old)) for index, move in enumerate(self._manifest.move))
        names = [(index, move) for index, move, old in olds if old.name and old.module == module]
        if not names:
            return self.stub(module)
        index, move = names[0]
        more = f", and {len(names) - 1} more of this module" if len(names) > 1 else ""
        return Rule(f"[[move]] {move.old} → {move.new}{more}", self._lines.find("move", index, "old"))

    def canonical(self, path: str) -> Rule | None:
        """The [[canonical]] table of a symbol, by its dotted path."""
        for index, item in enumerate(self._manifest.canonical):
            if item.symbol.replace(":", ".") == path:
                text = f'[[canonical]] {item.symbol}, aliases = "{item.aliases.value}"'
                return Rule(text, self._lines.find("canonical", index, "symbol"))
        return None

    def home_of(self, path: str) -> tuple[str, ...]:
        """The old paths that lead to `path`: then it is a new home, and stays."""
        homes = self._moves.dotted_symbols.items()
        symbols = (old for old, new in homes if path in (new.dotted, new.module))
        modules = (old for old, new in self._moves.modules.items() if is_at_or_under(path, new))
        return tuple(sorted([*symbols, *modules]))

    def stub(self, module: str) -> Rule | None:
        """The [[stub]] table of a module."""
        for index, stub in enumerate(self._manifest.stub):
            if stub.module == module:
                text = f'[[stub]] {stub.module}, mode = "{stub.mode.value}"'
                return Rule(text, self._lines.find("stub", index, "module"))
        return None

    def exception(self, path: str) -> Rule | None:
        """The [[except]] table that a file falls under."""
        for index, item in enumerate(self._manifest.except_):
            if matches(path, item.files):
                glob = next(one for one in item.files if matches(path, (one,)))
                reason = f": {item.reason}" if item.reason else ""
                return Rule(f"[[except]] {glob}{reason}", self._lines.find("except", index, "files"))
        return None

    def out_of_scope(self, path: str) -> str:
        """Why a file is not looked at as Python; empty where it is."""
        scope = self._manifest.scope
        if not path.endswith((".py", ".pyi")):
            return "is no Python: old paths in it are told, and rewritten only under [rewrite] text"
        if not matches(path, scope.include):
            return f"is not in scope: no glob of [scope] include takes it ({', '.join(scope.include)})"
        by = next((glob for glob in scope.exclude if matches(path, (glob,))), None)
        return "" if by is None else f"is not in scope: [scope] exclude has {by}"

    def alike(self, name: str) -> str:
        """A path of the manifest's that a dotted name could be taken for; empty where there is none."""
        parts = name.split(".")
        governed = [*sorted(self._moves.dotted_symbols), *sorted(self._moves.touched_modules)]
        governed += sorted({new.dotted for new in self._moves.symbols.values()})
        same = (path for path in governed if last(path) == parts[-1])
        within = (path for path in governed if any(_is_within(last(path), part) for part in parts))
        return next(same, "") or next(within, "")


def _is_within(word: str, part: str) -> bool:
    """Whether a person who searches for `word` would find `part`; short words are found everywhere."""
    return word == part or (len(word) > _SHORT and word in part)
