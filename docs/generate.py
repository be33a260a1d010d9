"""Write the generated files of this folder, schemas and references, from the classes and tables of `repoint`.

`python docs/generate.py` writes them; `--check` exits 1 where a file is not what it would write.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from inspect import cleandoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from repoint.manifest import schema
from repoint.planning import plan_file
from repoint.reporting import explanations
from repoint.reporting.audits import data

HERE = Path(__file__).parent


def main() -> int:
    """Write or check every generated file."""
    stale = []
    for name, text in generated().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"docs/{name} is out of date; run python docs/generate.py", file=sys.stderr)
    return 1 if stale else 0


def generated() -> dict[str, str]:
    """The text of every generated file by its name."""
    return {
        "manifest.schema.json": _json(schema.json_schema()),
        "plan.schema.json": _json(plan_file.schema()),
        "audit.schema.json": _json(data.schema()),
        "manifest.md": reference(),
        "findings.md": explanations.markdown(),
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """The manifest reference as Markdown: every table with its keys, their types and defaults."""
    parts = [
        "# Manifest reference\n",
        "A manifest is a TOML file. This page and [`manifest.schema.json`](manifest.schema.json) are generated from "
        "the classes that decode it; the [guide](guide.md#1-write-the-manifest) says what each table is for. Editors "
        "complete a manifest that begins with `#:schema` and the schema's path.\n",
        _table("Top level", schema.Manifest),
    ]
    for info in msgspec.structs.fields(schema.Manifest):
        kind, repeated = _struct_of(info.type)
        if kind is not None:
            name = f"[[{info.encode_name}]]" if repeated else f"[{info.encode_name}]"
            parts.append(_table(f"`{name}`", kind))
    return "\n".join(parts)


def _struct_of(kind: Any) -> tuple[type[schema.Table] | None, bool]:
    """The table class inside a field's type, and whether it is an array of them."""
    while get_origin(kind) is not None and hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    if get_origin(kind) is tuple:
        inner, _ = _struct_of(get_args(kind)[0])
        return inner, inner is not None
    return (kind, False) if isinstance(kind, type) and issubclass(kind, schema.Table) else (None, False)


def _table(title: str, kind: type[schema.Table]) -> str:
    rows = ["| key | value | default |", "|---|---|---|"]
    for info in msgspec.structs.fields(kind):
        if _struct_of(info.type)[0] is None:
            rows.append(f"| `{info.encode_name}` | {_type(info.type)} | {_default(info)} |")
    said = cleandoc(kind.__doc__ or "")
    return f"## {title}\n\n{said}\n\n" + "\n".join(rows) + "\n"


def _type(kind: Any) -> str:
    if hasattr(kind, "__metadata__"):
        described = [meta.description for meta in kind.__metadata__ if getattr(meta, "description", None)]
        return described[0].rstrip(".") if described else _type(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return f"list of: {_type(get_args(kind)[0])}"
    if get_origin(kind) in (Union, UnionType):
        return _type(next(part for part in get_args(kind) if part is not NoneType))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        values = "one of " + ", ".join(f'`"{member.value}"`' for member in kind)
        own = kind.__module__ == schema.__name__ and kind.__doc__
        return f"{values}. {own.partition(chr(10))[0].rstrip('.')}" if own else values
    return {str: "text", int: "whole number", bool: "`true` or `false`"}.get(kind, str(kind))


def _default(info: Any) -> str:
    if info.required:
        return "required"
    if info.default is None:
        return "none"
    value = info.default
    if isinstance(value, StrEnum):
        value = value.value
    shown = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    return f"`{shown}`"


if __name__ == "__main__":
    sys.exit(main())
