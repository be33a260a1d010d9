"""What msgspec says of a value in, what is wrong with it and how to mend it out, in the words of a manifest."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from repoint.manifest import schema

_SHAPES = (
    (schema.DURATION, "no length of time", "write hours, minutes and seconds, such as 90s, 15m or 1h30m"),
    (schema.SYMBOL, "no symbol", "write `pkg.module:Name`"),
    (schema.DOTTED, "no dotted path", "write `pkg.module`"),
    (schema.PATH, "not a path of this kind", "write `pkg.module` for a module, `pkg.module:Name` for a symbol"),
    (schema.IDENTIFIER, "no name of Python", "write the bare name, as it stands in the module"),
    (schema.REF, "names no codemod", "write `module:object`, such as `inject:InjectDependencies`"),
    (schema.MEMORY, "no amount of memory", "write a whole number and KiB, MiB or GiB, such as 512MiB or 2GiB"),
    (schema.LINE, "not a text of one line", "write the words that a file has to hold, one line each"),
    (schema.PATTERN_ID, "no id", "write small letters and digits, joined by hyphens, such as `no-singletons`"),
    (schema.MIGRATION_NAME, "will not do for a branch", "write letters, digits, `.`, `_` and `-`"),
)


def explain(message: str, raw: Any, kind: Any, table: str) -> tuple[str, str]:
    """What is wrong with `raw` where `kind` was expected, a value under `table`, and the mend.

    `message` is msgspec's, whose path is left out.
    """
    what = message.partition(" - at ")[0]
    if table == "targets":
        return "no comparison of this kind", 'write "== 0", "<= 5", or for a share ">= 95%"'
    for shape, is_not, mend in _SHAPES:
        if what.endswith(f"matching regex {shape!r}"):
            return is_not, mend
    if "Invalid enum value" in what and isinstance(kind, type) and issubclass(kind, StrEnum):
        return "not one of the values allowed", "write " + " or ".join(f'"{value}"' for value in kind)
    if isinstance(raw, str) and "array" in what:
        return "must be a list", f"write [{raw!r}]"
    if what.startswith("Expected `str") and not isinstance(raw, list | dict):
        return "must be text", "put it in quotes"
    if what.startswith("Expected `bool`"):
        return "must be true or false", "write one of them, without quotes"
    if what.startswith("Expected `object"):
        return "must be a table", "write { name = value }"
    return what[0].lower() + what[1:], "correct the value"
