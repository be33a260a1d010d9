"""The layout of one from-import, as a value: names taken out or put in, and its text.

A statement is a head, names, and the gaps around them: `head gap name , gap name , gap tail`. A gap knows the
comment that ends its first line (which belongs to the name before it) and the whole lines that follow (which
belong to the name after it). Line ends inside are "\\n".
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from repoint.model import Frozen

_AS = re.compile(r"(\w+)((?:\s|\\\n)+as(?:\s|\\\n)+)(\w+)")


class Gap(Frozen, frozen=True):
    """White space between two names; `lines` are whole lines (comments, blanks), `indent` what leads the next name."""

    space: str = " "
    broken: bool = False
    comment: str = ""
    lines: tuple[str, ...] = ()
    indent: str = ""

    @property
    def text(self) -> str:
        if not self.broken:
            return self.space
        first = f"{self.space}{self.comment}" if self.comment else self.space.rstrip(" \t")
        return "\n".join([first, *self.lines, self.indent])


def gap_of(text: str) -> Gap:
    """The gap that is spelled `text`."""
    first, newline, rest = text.partition("\n")
    if not newline or first.rstrip().endswith("\\"):
        return Gap(text)
    space, mark, comment = first.partition("#")
    *lines, indent = rest.split("\n")
    return Gap(space, True, mark + comment, tuple(lines), indent)


class Name(Frozen, frozen=True):
    """A name as it is to stand in a statement, with the comments that belong to it."""

    text: str
    above: tuple[str, ...] = ()
    beside: str = ""


class Layout(Frozen, frozen=True):
    """A parsed statement; `gaps` has one entry more than `names`, the last one before the closing bracket.

    `around` is the white space on both sides of the module, `lead` that after `import`, `tails` that before commas.
    """

    module: str
    around: tuple[str, str]
    lead: str
    names: tuple[str, ...]
    tails: tuple[str, ...]
    gaps: tuple[Gap, ...]
    parenthesised: bool
    trailing_comma: bool

    @property
    def text(self) -> str:
        before, after = self.around
        parts = [f"from{before}{self.module}{after}import{self.lead}", "(" if self.parenthesised else ""]
        for position, name in enumerate(self.names):
            comma = position + 1 < len(self.names) or self.trailing_comma
            parts += [self.gaps[position].text, name, f"{self.tails[position]}," if comma else ""]
        parts += [self.gaps[-1].text, ")"] if self.parenthesised else []
        return "".join(parts)

    def name(self, position: int) -> Name:
        """The name at `position` with its comments, to be put elsewhere."""
        before, after = self.gaps[position], self.gaps[position + 1]
        above = tuple(line.strip() for line in before.lines if line.strip())
        alone = before.broken or position == 0
        return Name(self.names[position], above, after.comment if after.broken and alone else "")

    def renamed(self, names: dict[int, str]) -> Layout:
        """The statement with other names at these positions; what stands around an `as` that stays is kept."""
        return replace(self, names=tuple(_respelled(text, names.get(at, text)) for at, text in enumerate(self.names)))

    def without(self, gone: set[int]) -> Layout:
        """The statement without the names at these positions; at least one stays."""
        names, gaps, tails = list(self.names), list(self.gaps), list(self.tails)
        for position in sorted(gone, reverse=True):
            before, after = gaps[position], gaps[position + 1]
            gaps[position : position + 2] = [_joined(before, after, position == 0, position == len(names) - 1)]
            del names[position], tails[position]
        if not self.parenthesised and (len(self.names) - 1) in gone:
            gaps[-1] = Gap("")
        return replace(self, names=tuple(names), gaps=tuple(gaps), tails=tuple(tails))

    def appended(self, names: list[Name]) -> Layout:
        """The statement with `names` at its end, in its own layout."""
        result = self
        for name in names:
            result = result._append(name)
        return result

    def _append(self, name: Name) -> Layout:
        end = self.gaps[-1]
        if not (self.parenthesised and end.broken):
            gap = Gap(" ")
            return self._longer(name.text, gap, end)
        indent = next((gap.indent for gap in reversed(self.gaps[:-1]) if gap.broken), f"{end.indent}    ")
        between = replace(end, lines=tuple(indent + line for line in name.above), indent=indent)
        if not self.trailing_comma and not end.comment:
            between = replace(between, space="")
        closing = replace(end, space="  " if name.beside else "", comment=name.beside)
        return self._longer(name.text, between, closing)

    def _longer(self, text: str, between: Gap, closing: Gap) -> Layout:
        gaps = (*self.gaps[:-1], between, closing)
        return replace(self, names=(*self.names, text), gaps=gaps, tails=(*self.tails, ""))


def _respelled(old: str, new: str) -> str:
    was, now = _AS.fullmatch(old), _AS.fullmatch(new)
    return f"{now[1]}{was[2]}{now[3]}" if was is not None and now is not None else new


def _joined(before: Gap, after: Gap, first: bool, last: bool) -> Gap:
    """The one gap that is left of two when the name between them goes."""
    if not before.broken:
        if after.broken and last and not first:
            return after
        return replace(after, space=before.space, comment="") if after.broken else before
    if not after.broken:
        return replace(before, lines=()) if not last else after
    return replace(after, space=before.space, comment=before.comment)


def fresh(module: str, names: list[Name], like: Layout | None, indent: str) -> str:
    """A new statement with the layout of `like`: one line from one line, one name to a line from parentheses.

    Names on lines of their own have a comma behind the last if `like` has one there.
    """
    if like is None or not like.parenthesised:
        comments = "".join(f"  {name.beside}" for name in names if name.beside)
        return f"from {module} import {', '.join(name.text for name in names)}{comments}"
    inner = like.gaps[0].indent if like.gaps[0].broken else f"{indent}    "
    closing = like.gaps[-1].indent if like.gaps[-1].broken else indent
    bare = like.gaps[-1].broken and not like.trailing_comma
    lines = [f"from {module} import ("]
    for position, name in enumerate(names, 1):
        comma = "" if bare and position == len(names) else ","
        lines += [inner + line for line in name.above]
        lines.append(f"{inner}{name.text}{comma}" + (f"  {name.beside}" if name.beside else ""))
    return "\n".join([*lines, f"{closing})"])
