"""Takes the `ref` of a codemod, `module:object`, imports it, and gives the object; `Unusable` says why it cannot."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from types import ModuleType

from repoint.codemods.runners.blame import place_of, told
from repoint.codemods.values import Unusable


def resolve(ref: str) -> object:
    """The object that `ref` names, by what `sys.path` leads to. Raises `Unusable`."""
    module, _, dotted = ref.partition(":")
    found: object = _import(module)
    held = f"the module {module}"
    for name in dotted.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise _missing(found, held, name) from None
        held = f"{module}:{name}" if isinstance(found, type) else name
    return found


def _import(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if place_of(error, module) or not f"{module}.".startswith(f"{error.name}."):
            what = f"the module {module} imports {error.name}, which cannot be found ({place_of(error, module)})"
            mend = f"put {error.name} beside the manifest, install it beside repoint, or mend that import"
            raise Unusable(what, mend) from error
        name = module.removesuffix(".py")
        mend = f"put {name.replace('.', '/')}.py beside the manifest, or install what has it beside repoint"
        if name != module:
            mend = f"a module is named without `.py`: write {name}"
        raise Unusable(f"the module {module} cannot be found", mend) from error
    except Exception as error:
        raise Unusable(f"importing {module} raised {told(error, module)}", "mend that module") from error
    except SystemExit as error:
        mend = 'put what it runs below `if __name__ == "__main__":`'
        raise Unusable(f"importing {module} ends the process: {told(error, module)}", mend) from error


def _missing(holder: object, held: str, name: str) -> Unusable:
    """That `holder`, told as `held`, has no such name; and which it has that look like it."""
    file = getattr(holder, "__file__", None)
    near = get_close_matches(name, (other for other in dir(holder) if not other.startswith("_")))
    mend = f"it has {', '.join(near)}" if near else "name a class or a function that it has"
    return Unusable(f"{held} has no {name}" + (f"; it is {file}" if file else ""), mend)
