"""The text of a call in, the text of the completed call out; LibCST keeps its lines, comments and commas."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

_SPACE = cst.SimpleWhitespace(" ")
_NONE = cst.SimpleWhitespace("")
_INDENT = "    "


class Unchangeable(Exception):
    """The layout of a call leaves no place for the change; the message says why."""


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
        raise Unchangeable("it does not parse on its own")
    arguments, closing, trailing = _without(call, set(left_out))
    new_names = dict(renamed)
    arguments = [_renamed(argument, new_names) for argument in arguments]
    arguments, opening, closing = _with(call, arguments, [_argument(*item) for item in added], closing, trailing)
    changed = call.with_changes(args=arguments, whitespace_before_args=opening, lpar=call.lpar[1:], rpar=call.rpar[:-1])
    return cst.Module([], default_newline=str(config.default_newline)).code_for_node(changed)


def _argument(keyword: str, text: str) -> cst.Arg:
    value = cst.parse_expression(text)
    if not keyword:
        return cst.Arg(value)
    return cst.Arg(value, cst.Name(keyword), equal=cst.AssignEqual(_NONE, _NONE))


def _renamed(argument: cst.Arg, new_names: dict[str, str]) -> cst.Arg:
    if argument.keyword is None or argument.keyword.value not in new_names:
        return argument
    return argument.with_changes(keyword=argument.keyword.with_changes(value=new_names[argument.keyword.value]))


def _without(call: cst.Call, names: set[str]) -> tuple[list[cst.Arg], cst.BaseParenthesizableWhitespace, bool]:
    """The arguments that stay, what stands between the last one and the bracket, and whether it begins with a comma."""
    if not call.args:
        return [], call.whitespace_before_args, False
    last = call.args[-1]
    trailing = isinstance(last.comma, cst.Comma)
    closing = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    kept = []
    for argument in call.args:
        if argument.keyword is None or argument.keyword.value not in names:
            kept.append(argument)
        elif argument is not last and _has_comment(argument):
            raise Unchangeable(f"a comment stands at its argument {argument.keyword.value}, which has to go")
    return kept, closing, trailing


def _has_comment(argument: cst.Arg) -> bool:
    return "#" in cst.Module([]).code_for_node(argument.with_changes(value=cst.Name("value")))


def _with(
    call: cst.Call,
    kept: list[cst.Arg],
    added: list[cst.Arg],
    closing: cst.BaseParenthesizableWhitespace,
    trailing: bool,
) -> tuple[list[cst.Arg], cst.BaseParenthesizableWhitespace, cst.BaseParenthesizableWhitespace]:
    opening = call.whitespace_before_args if call.args else _NONE
    arguments = kept + added
    if not arguments:
        return [], closing if call.args else call.whitespace_before_args, closing
    between, first_between, opening, end = _spaces(call, opening, closing)
    laid = []
    for index, argument in enumerate(arguments):
        if index == len(arguments) - 1:
            comma = cst.Comma(whitespace_after=end) if trailing or (not call.args and _multiline(end)) else None
            laid.append(
                argument.with_changes(
                    comma=comma or cst.MaybeSentinel.DEFAULT, whitespace_after_arg=_NONE if comma else end
                )
            )
        elif index < len(kept) - 1 and isinstance(argument.comma, cst.Comma):
            laid.append(argument)
        else:
            space = first_between if index == len(kept) - 1 else between
            laid.append(argument.with_changes(comma=cst.Comma(whitespace_after=space), whitespace_after_arg=_NONE))
    return laid, opening, end


def _spaces(
    call: cst.Call, opening: cst.BaseParenthesizableWhitespace, closing: cst.BaseParenthesizableWhitespace
) -> tuple[
    cst.BaseParenthesizableWhitespace,
    cst.BaseParenthesizableWhitespace,
    cst.BaseParenthesizableWhitespace,
    cst.BaseParenthesizableWhitespace,
]:
    """What to put between added arguments, before the first added one, after "(", and before ")"."""
    if not isinstance(closing, cst.ParenthesizedWhitespace):
        between = _last_separator(call) or _SPACE
        return between, between, opening, closing if call.args else _NONE
    indent = _indent(call, closing)
    plain = cst.ParenthesizedWhitespace(indent=True, last_line=indent)
    commented = closing.with_changes(last_line=indent)
    end = cst.ParenthesizedWhitespace(indent=True, last_line=closing.last_line)
    if not call.args:
        return plain, plain, commented, end
    return plain, commented, opening, end


def _last_separator(call: cst.Call) -> cst.BaseParenthesizableWhitespace | None:
    """The line break between the last two arguments, if each stands on a line of its own."""
    commas = [argument.comma for argument in call.args[:-1]]
    if commas and isinstance(commas[-1], cst.Comma) and _multiline(commas[-1].whitespace_after):
        return cst.ParenthesizedWhitespace(indent=True, last_line=_last_line(commas[-1].whitespace_after))
    return None


def _indent(call: cst.Call, closing: cst.ParenthesizedWhitespace) -> cst.SimpleWhitespace:
    """The indentation of the arguments: as it is, else one step more than that of the bracket."""
    spaces = [call.whitespace_before_args]
    spaces += [argument.comma.whitespace_after for argument in call.args[:-1] if isinstance(argument.comma, cst.Comma)]
    for space in spaces if call.args else []:
        if _multiline(space):
            return _last_line(space)
    return cst.SimpleWhitespace(closing.last_line.value + _INDENT)


def _multiline(space: cst.BaseParenthesizableWhitespace) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace)


def _last_line(space: cst.BaseParenthesizableWhitespace) -> cst.SimpleWhitespace:
    return space.last_line if isinstance(space, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace("")
