"""The text of a call in, the text of the completed call out; LibCST keeps its lines, comments and commas."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

Space = cst.BaseParenthesizableWhitespace

_SPACE = cst.SimpleWhitespace(" ")
_NONE = cst.SimpleWhitespace("")
_INDENT = "    "


class Unchangeable(Exception):
    """The layout of a call leaves no place for the change; the message says why."""


@dataclass(frozen=True)
class _Spaces:
    """What stands after "(", where the first added argument follows, between added ones, and before ")"."""

    opening: Space
    joint: Space
    between: Space
    end: Space
    trailing: bool


def rewritten(
    text: str,
    added: Sequence[tuple[str, str]],
    renamed: Sequence[tuple[str, str]],
    left_out: Sequence[str],
    config: cst.PartialParserConfig,
) -> str:
    """The call `text` with arguments added at its end, renamed, left out. Raises Unchangeable."""
    call = cst.parse_expression(f"({text})", config)
    if not isinstance(call, cst.Call):
        raise Unchangeable("its text does not parse on its own, so it is not rewritten")
    names = dict(renamed)
    changed = call.with_changes(args=[_renamed(argument, names) for argument in call.args])
    if added or left_out:
        changed = _laid_out(changed, [_argument(*item) for item in added], set(left_out))
    changed = changed.with_changes(lpar=call.lpar[1:], rpar=call.rpar[:-1])
    new = cst.Module([], default_newline=str(config.default_newline)).code_for_node(changed)
    if _comments(new) != _comments(text):
        raise Unchangeable("a comment stands at an argument that has to move, so it is not rewritten")
    return new


def _argument(keyword: str, text: str) -> cst.Arg:
    value = cst.parse_expression(text)
    if not keyword:
        return cst.Arg(value)
    return cst.Arg(value, cst.Name(keyword), equal=cst.AssignEqual(_NONE, _NONE))


def _renamed(argument: cst.Arg, names: dict[str, str]) -> cst.Arg:
    if argument.keyword is None or argument.keyword.value not in names:
        return argument
    return argument.with_changes(keyword=argument.keyword.with_changes(value=names[argument.keyword.value]))


def _laid_out(call: cst.Call, added: list[cst.Arg], left_out: set[str]) -> cst.Call:
    kept = [item for item in call.args if item.keyword is None or item.keyword.value not in left_out]
    arguments = kept + added
    spaces = _spaces(call, last_goes=bool(call.args) and call.args[-1] not in kept, adds=bool(added))
    laid: list[cst.Arg] = []
    for index, argument in enumerate(arguments):
        if index == len(arguments) - 1:
            laid.append(_ended(argument, spaces))
        elif index < len(kept) - 1:
            laid.append(argument)
        else:
            space = spaces.joint if index == len(kept) - 1 else spaces.between
            laid.append(argument.with_changes(comma=cst.Comma(whitespace_after=space), whitespace_after_arg=_NONE))
    return call.with_changes(args=laid, whitespace_before_args=spaces.opening if laid else _NONE)


def _ended(argument: cst.Arg, spaces: _Spaces) -> cst.Arg:
    if spaces.trailing:
        return argument.with_changes(comma=cst.Comma(whitespace_after=spaces.end), whitespace_after_arg=_NONE)
    return argument.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=spaces.end)


def _spaces(call: cst.Call, last_goes: bool, adds: bool) -> _Spaces:
    """One argument a line where the call has it so; a comment after the last argument stays with that one."""
    opening = call.whitespace_before_args
    if not call.args:
        if not isinstance(opening, cst.ParenthesizedWhitespace):
            return _Spaces(_NONE, _SPACE, _SPACE, _NONE, trailing=False)
        indent = cst.SimpleWhitespace(opening.last_line.value + _INDENT)
        line, end = _line_break(indent), _line_break(opening.last_line)
        return _Spaces(opening.with_changes(last_line=indent), line, line, end, trailing=True)
    last = call.args[-1]
    closing = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    trailing = isinstance(last.comma, cst.Comma)
    commas = [item.comma.whitespace_after for item in call.args[:-1] if isinstance(item.comma, cst.Comma)]
    breaks = [space for space in commas or [opening] if isinstance(space, cst.ParenthesizedWhitespace)]
    if not breaks:
        return _Spaces(opening, _SPACE, _SPACE, closing, trailing)
    line = _line_break(breaks[-1].last_line)
    if isinstance(closing, cst.ParenthesizedWhitespace) and adds and not last_goes:
        joint = closing.with_changes(last_line=breaks[-1].last_line)
        return _Spaces(opening, joint, line, _line_break(closing.last_line), trailing)
    return _Spaces(opening, line, line, closing, trailing)


def _line_break(last_line: cst.SimpleWhitespace) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=True, last_line=last_line)


def _comments(text: str) -> list[str]:
    """The comments of a call, in order."""
    tokens = tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
