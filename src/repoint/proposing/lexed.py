"""The imports of a file that is read for nothing else: bytes in, imports out, at a tenth of a parser's cost.

Strings and comments are taken out first, so that what looks like an import there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from repoint.names import resolve_relative
from repoint.proposing.facts import Import

_NO_CODE = re.compile(
    rb'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    rb"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    rb'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    rb"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    rb"|\#[^\n]*|\\\r?\n",
    re.DOTALL,
)
_SECOND = re.compile(r"[;:][ \t]*(?=(?:import|from)[ \t])")  # `import a; import b`, `try: import a`
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:"
    r"from[ \t]*(?P<module>[.\w \t]+?)[ \t]*\bimport\b[ \t]*(?:\((?P<listed>[^)]*)\)|(?P<names>[^\n;(]+))"
    r"|import[ \t]+(?P<modules>[^\n;(]+)"
    r"|(?P<try>try)[ \t]*:|except\b(?P<except>[^\n]*):|finally[ \t]*:)",
    re.MULTILINE,
)
_CAUGHT = re.compile(r"\b(?:ImportError|ModuleNotFoundError|Exception|BaseException)\b")


def imports(data: bytes, package: str) -> tuple[Import, ...]:
    """Every import of the file, of a module in `package`; `top` by its indentation."""
    text = _NO_CODE.sub(b"", data.replace(b"\r\n", b"\n")).decode("utf-8", "replace")
    text = _SECOND.sub(":\n ", text)
    found: list[Import] = []
    tries: list[tuple[int, int]] = []  # their indentation, and how many imports came before
    for line in _LINE.finditer(text):
        indent = len(line["indent"].expandtabs())
        while tries and tries[-1][0] > indent:
            tries.pop()
        if line["try"]:
            tries.append((indent, len(found)))
        elif line["except"] is not None:
            if tries and tries[-1][0] == indent:
                _, before = tries.pop()
                if not line["except"].strip() or _CAUGHT.search(line["except"]):
                    found[before:] = [replace(item, guarded=True) for item in found[before:]]
        else:
            found += _statement(line, package, not indent)
    return tuple(found)


def _statement(line: re.Match[str], package: str, top: bool) -> Iterator[Import]:
    if line["modules"]:
        for name, alias in _names(line["modules"]):
            yield Import(name, "", alias or name.partition(".")[0], top, False)
    elif line["module"]:
        spelled = "".join(line["module"].split())
        level = len(spelled) - len(spelled.lstrip("."))
        target = resolve_relative(package, level, spelled[level:])
        for name, alias in _names(line["listed"] or line["names"]) if target else ():
            yield Import(target or "", name, alias or name, top, False, level > 0)


def _names(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(","):
        words = part.split()
        if len(words) == 1 or (len(words) == 3 and words[1] == "as"):
            yield words[0], words[2] if len(words) == 3 else ""
