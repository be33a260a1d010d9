"""LibCST codemods on one file: what comes back for each way that they can end, and what they see of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from libcst.codemod import Codemod, CodemodContext, SkipFile, VisitorBasedCodemodCommand
from libcst.codemod.commands.add_trailing_commas import AddTrailingCommas
from libcst.codemod.commands.convert_format_to_fstring import ConvertFormatStringCommand
from libcst.codemod.commands.remove_unused_imports import RemoveUnusedImportsCommand
from libcst.codemod.commands.rename import RenameCommand
from libcst.metadata import FilePathProvider, FullyQualifiedNameProvider, TypeInferenceProvider

from repoint.codemods.runners.load import runner_of
from repoint.codemods.values import Fate, Outcome, Subject, Unusable
from repoint.manifest.schema import CodemodKind

HERE = "tests/unit/codemods/test_libcst_runner.py"


class Acts(Codemod):
    """A codemod that does what its argument names, in a way of its own."""

    def __init__(self, context: CodemodContext, act: str = "nothing", names: list[str] | None = None) -> None:
        super().__init__(context)
        self.act = act
        self.names = names or []
        self.runs = 0

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        self.runs += 1
        self.names.append("b")
        assert self.names[1:] in ([], ["b"])
        self.warn(f"run {self.runs} of {self.act}")
        result: cst.Module = getattr(self, self.act)(tree)
        return result

    def nothing(self, tree: cst.Module) -> cst.Module:
        return tree

    def skip(self, tree: cst.Module) -> cst.Module:
        raise SkipFile("not mine")

    def fail(self, tree: cst.Module) -> cst.Module:
        raise ValueError("of\nmany lines")

    def leave(self, tree: cst.Module) -> cst.Module:
        raise SystemExit(3)

    def interrupt(self, tree: cst.Module) -> cst.Module:
        raise KeyboardInterrupt

    def starve(self, tree: cst.Module) -> cst.Module:
        raise MemoryError

    def recur(self, tree: cst.Module) -> cst.Module:
        return self.recur(tree)

    def lose(self, tree: cst.Module) -> Any:
        return None

    def within(self, tree: cst.Module) -> cst.Module:
        cst.parse_statement("def")
        return tree


class Names(VisitorBasedCodemodCommand):
    """Warns of all that it is told of the file."""

    METADATA_DEPENDENCIES = (FullyQualifiedNameProvider, FilePathProvider)

    def visit_Module(self, node: cst.Module) -> None:  # noqa: N802
        context = self.context
        self.warn(f"{context.filename} {context.full_module_name} {context.full_package_name}")
        self.warn(str(self.get_metadata(FilePathProvider, node) == Path("pkg/sub/mod.py")))

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self.warn(",".join(found.name for found in self.get_metadata(FullyQualifiedNameProvider, node)))


class Typed(VisitorBasedCodemodCommand):
    METADATA_DEPENDENCIES = (TypeInferenceProvider,)


class Breaks(VisitorBasedCodemodCommand):
    def __init__(self, context: CodemodContext) -> None:
        raise RuntimeError("no constructor")


class PassesOver(VisitorBasedCodemodCommand):
    def __init__(self, context: CodemodContext) -> None:
        super().__init__(context)
        if not (context.filename or "").startswith("pkg/"):
            raise SkipFile("elsewhere")


def run(codemod: object, text: str = "x = 1\n", **args: object) -> Outcome:
    subject = Subject(text=text, path="pkg/sub/mod.py", module="pkg.sub.mod", package="pkg.sub")
    return runner_of(CodemodKind.LIBCST, codemod, args, "here:Codemod")(subject)


def refused(codemod: object, **args: object) -> str:
    with pytest.raises(Unusable) as caught:
        run(codemod, **args)
    assert "\n" not in caught.value.what + caught.value.mend
    return f"{caught.value.what}; {caught.value.mend}"


def test_the_commands_that_ship_with_libcst_run() -> None:
    renamed = run(RenameCommand, "from a import b\nb()\n", old_name="a.b", new_name="c.d")
    assert renamed == Outcome(Fate.DONE, text="from c import d\nd()\n")
    assert run(AddTrailingCommas, "f(\n    a,\n    b\n)\n").text == "f(\n    a,\n    b,\n)\n"
    assert run(ConvertFormatStringCommand, '"{}".format(a)\n').text == 'f"{a}"\n'
    assert run(RemoveUnusedImportsCommand, "import os\nimport sys\nsys.path\n").text == "import sys\nsys.path\n"


@pytest.mark.parametrize("text", ["", "x = 1", "x = 1\r\n# é\r\n", "if x:\n\ty\n", "match x:\n  case 1: pass\n"])
def test_what_a_codemod_leaves_comes_back_as_it_was(text: str) -> None:
    assert run(Acts, text) == Outcome(Fate.DONE, text=text, warnings=("run 1 of nothing",))


def place(function: Callable[..., object]) -> str:
    """The first line of a function's body."""
    return f"{HERE}:{function.__code__.co_firstlineno + 1}"


@pytest.mark.parametrize(
    ("act", "fate", "reason"),
    [
        ("skip", Fate.SKIPPED, "not mine"),
        ("fail", Fate.FAILED, f"ValueError: of many lines ({place(Acts.fail)})"),
        ("leave", Fate.EXITED, f"SystemExit: 3 ({place(Acts.leave)})"),
        ("interrupt", Fate.EXITED, f"KeyboardInterrupt ({place(Acts.interrupt)})"),
        ("starve", Fate.OUT_OF_MEMORY, "it ran out of memory"),
        ("lose", Fate.FAILED, "TypeError: it gives back NoneType, where a libcst.Module is due"),
    ],
)
def test_each_way_to_end_is_told_with_the_warnings_before_it(act: str, fate: Fate, reason: str) -> None:
    assert run(Acts, act=act) == Outcome(fate, reason=reason, warnings=(f"run 1 of {act}",))


def test_endless_calls_are_told_as_such() -> None:
    found = run(Acts, act="recur")
    assert found.fate is Fate.FAILED
    assert found.reason.startswith("the file nests too deeply for it, or it calls itself for ever: RecursionError")


def test_a_file_that_libcst_cannot_read_is_told_with_its_line() -> None:
    found = run(Acts, "x = 1\ny = (\n")
    assert (found.fate, found.line) == (Fate.UNREADABLE, 2)
    assert found.reason.startswith("LibCST cannot read it: ")


def test_a_file_that_libcst_does_not_give_back_is_left_alone() -> None:
    found = run(Acts, "x = 1\n\x0cif x:\n    y\n")
    assert found == Outcome(Fate.UNREADABLE, reason="LibCST does not give line 2 back as it read it", line=2)


def test_a_syntax_error_of_the_codemods_own_is_no_matter_of_the_file() -> None:
    found = run(Acts, act="within")
    assert found.fate is Fate.FAILED
    assert f"({HERE}:" in found.reason


def test_an_error_of_libcst_that_cannot_say_its_message_is_told() -> None:
    args = {"old_name": "os.path", "new_name": "posixpath"}
    runner = runner_of(CodemodKind.LIBCST, RenameCommand, args, "rename")
    outcome = runner(Subject("import os\nos.path.isfile('x')\n", "a.py", "a", ""))
    assert (outcome.fate, "parser error" in outcome.reason) == (Fate.FAILED, True), outcome.reason
    assert "rename.py:" in outcome.reason


def test_each_file_has_an_instance_and_arguments_of_its_own() -> None:
    runner = runner_of(CodemodKind.LIBCST, Acts, {"names": ["a"]}, "here:Acts")
    subject = Subject(text="", path="a.py", module="a", package="")
    assert runner(subject).warnings == runner(subject).warnings == ("run 1 of nothing",)


def test_a_codemod_is_told_of_its_file_and_of_nothing_else() -> None:
    assert run(Names, "def f():\n    def g(): pass\n").warnings == (
        "pkg/sub/mod.py pkg.sub.mod pkg.sub",
        "True",
        "pkg.sub.mod.f",
        "pkg.sub.mod.f.<locals>.g",
    )


def test_a_constructor_may_pass_over_a_file() -> None:
    assert run(PassesOver).fate is Fate.DONE
    outside = Subject(text="", path="other.py", module="other", package="")
    assert runner_of(CodemodKind.LIBCST, PassesOver, {}, "here")(outside) == Outcome(Fate.SKIPPED, reason="elsewhere")


def test_what_can_run_on_no_file_is_refused_before_the_first() -> None:
    assert refused(run) == (
        "here:Codemod is not a LibCST codemod; name a class derived from libcst.codemod.Codemod; or, if it takes a "
        'Bowler query, say kind = "bowler"'
    )
    assert refused(cst.CSTTransformer).startswith("here:Codemod is not a LibCST codemod; derive it from ")
    assert refused(Acts(CodemodContext())).endswith("name its class: an instance is made for each file")
    assert refused(3).endswith("name a class derived from libcst.codemod.Codemod")
    assert refused(Codemod).startswith("here:Codemod is abstract: it lacks transform_module_impl; ")
    assert refused(RenameCommand, old_name="a.b") == (
        "here:Codemod cannot be called with its args: missing a required argument: 'new_name'; "
        "say `args` as it takes them: old_name, new_name"
    )
    assert refused(Typed).startswith("here:Codemod asks for TypeInferenceProvider, which needs the whole repository; ")
    assert refused(Breaks).startswith(
        f"here:Codemod, called with its args, raised RuntimeError: no constructor ({HERE}"
    )
