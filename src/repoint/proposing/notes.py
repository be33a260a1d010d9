"""Texts that people wrote in; whether they call their subject deprecated, and the homes they name, out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repoint.model import Frozen

_DOTTED = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_MARK = r"[`'\"*]*(?::(?:\w+:)?\w+:)?[`'\"]*~?"  # quotes and a Sphinx role before a name

# Only lines that are not indented speak of the whole: below `Args:` stand parameters.
_DEPRECATED = re.compile(
    r"^(?:\.\. deprecated::"
    r"|(?!\s)[^\w\s]{0,8}[ ]{0,4}(?:\w+:\s{1,4})?[^\w\s]{0,8}[ ]{0,4}deprecated\b"
    r"(?! (?:import|call|usage|method|pattern|param|arg|name|option|setting|flag|feature|field|key|warning)\w*)"
    r"|[^\n]*\b(?:file|module|package) deprecated\b"
    r"|(?:[^\n]*\b(?:this|the|whole|entire) )?(?:file|module|package|class|function) (?:is|has been|was)"
    r"(?: now)? deprecated\b"
    r"|[^\n]*\bthis (?:\S+ ){1,2}(?:is|has been|was)(?: now)? deprecated\b"
    r"|\S+ (?:is|has been)(?: now)? deprecated\b)",
    re.IGNORECASE | re.MULTILINE,
)
_COMPATIBILITY = re.compile(  # not in a list, whose items tell of other things
    r"^(?![-*\d])[^\n]*\b(?:compat(?:ibility)? (?:shim|module|layer|alias\w*|re-?exports?|imports?|wrapper|redirect)"
    r"|redirects? to\b|(?:has )?moved to\b)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"^(?!\s)[^\n]+\n([=~^\"'*+#-])\1{2,}[ ]*$", re.MULTILINE)
_PART = re.compile(r"\b(?:argument|parameter|keyword|kwarg|option|flag|passing|pattern)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    rf"(?:^|\bthis )[`'\"]*({_DOTTED})(?:\(\))?[`'\"]* (?:is|has been|was)(?: now)? deprecated", re.I | re.M
)
_PRONOUNS = frozenset({"this", "it", "which", "that", "everything", "file", "module", "package", "class", "function"})
_STATEMENT = rf"from\s+(?P<from>{_DOTTED})\s+import\s+(?P<import>[A-Za-z_]\w*)(?:\s+as\s+(?P<as>[A-Za-z_]\w*))?"
_HOME = re.compile(
    r"\b(?:use|using|replaced? (?:it |imports )?(?:with|by)|superseded by|moved (?:in)?to|renamed(?: to)?|recommended:?"
    r"|favou?r of|prefer|import(?:ed)? (?:it )?from|lives in|found in|passed on from)\s*:?\s+(?:the |new )*"
    rf"{_MARK}(?:{_STATEMENT}|(?P<name>{_DOTTED}(?::[A-Za-z_]\w*)?)(?P<call>\(\))?(?P<end>[`'\"]*)"
    rf"(?:\s+(?:from|in|of)\s+{_MARK}(?P<in>{_DOTTED}\.[A-Za-z_]\w*))?)",
    re.IGNORECASE,
)
_IMPORTING = re.compile(
    rf"^\W{{0,8}}(?:deprecated:? *|importing )(?:from ['\"]?(?P<from>{_DOTTED})['\"]? import (?P<names>[\w, ]+)"
    rf"|(?P<name>[A-Za-z_]\w*) from ['\"]?(?P<of>{_DOTTED})['\"]?)",
    re.IGNORECASE,
)


class Named(Frozen, frozen=True):
    """A home as a text spells it: `path`, dotted or one name; its `module` where that is told apart; its `alias`."""

    path: str
    module: str = ""
    alias: str = ""


def deprecated_lines(text: str) -> Iterator[str]:
    """The lines by which a text calls its subject deprecated, or something that is told by name in the line."""
    for found in _DEPRECATED.finditer(_of_the_whole(text)):
        line = _line(text, found.start())
        if not _PART.search(line):
            yield line


def subject(line: str) -> str:
    """The name that such a line begins with: `Engine` in `Engine is deprecated`; empty for `This is deprecated`."""
    found = _SUBJECT.match(line)
    if found is None or line[: found.start(1)].strip("`'\"") or found[1].lower() in _PRONOUNS:
        return ""
    return found[1].rpartition(".")[2]


def compatible_line(text: str) -> str:
    """The line by which a text says that its subject is there for older importers alone; empty where it does not."""
    found = _COMPATIBILITY.search(text)
    return _line(text, found.start()) if found else ""


def is_about(text: str, names: frozenset[str]) -> bool:
    """Whether a warning's text is about one of `names`: not about a parameter, nor about somebody else by name."""
    if _PART.search(text):
        return False
    told = _SUBJECT.match(text)
    return told is None or told[1].lower() == "this" or told[1].rpartition(".")[2] in names


def importing(line: str) -> frozenset[str]:
    """The names of which a line says that they are not to be imported: `DEPRECATED: from pkg.old import A, B`."""
    found = _IMPORTING.match(line)
    return frozenset(re.findall(r"\w+", found["names"] or found["name"])) if found else frozenset()


def importing_from(line: str) -> str:
    """The module that such a line says not to import them from; empty for any other line."""
    found = _IMPORTING.match(line)
    return (found["from"] or found["of"]) if found else ""


def subjects(text: str) -> frozenset[str]:
    """Names of which a text says that they are deprecated: `This Engine is deprecated`."""
    return frozenset(found.rpartition(".")[2] for found in _SUBJECT.findall(text))


def homes(text: str) -> Iterator[Named]:
    """What the text says to use instead, in its order. Words that look like prose are left out."""
    flat = " ".join(text.split())
    for found in _HOME.finditer(flat):
        if found["from"]:
            yield Named(found["import"], found["from"], found["as"] or "")
            continue
        name = found["name"]
        is_word = name.islower() and "_" not in name and "." not in name
        if not is_word or found["call"] or found["end"] or found["in"]:
            yield Named(name.replace(":", "."), found["in"] or "")


def _of_the_whole(text: str) -> str:
    """What stands before the first heading but the title: a section speaks of its own subject."""
    for found in _HEADING.finditer(text):
        if text[: found.start()].strip("=~^\"'*+#- \n"):
            return text[: found.start()]
    return text


def _line(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", max(at, start))
    return " ".join(text[start : end if end >= 0 else len(text)].split())
