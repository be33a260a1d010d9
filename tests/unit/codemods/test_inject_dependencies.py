"""Which calls are calls of the declared class, what they lack, and how the completed call is laid out."""

from __future__ import annotations

import pytest
from libcst import parse_module
from libcst.codemod import CodemodContext

from tests.injection_tools import (
    CONTEXT,
    EMITTER,
    ENGINE,
    FACTORY,
    IMPORTS,
    THREE,
    InjectDependencies,
    check_injected,
    check_left,
    inject,
)

NO_VALUE = "Engine() lacks context: no value of this role is in scope"


# --- which calls are meant --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("imports", "callee"),
    [
        ("from pkg.engine import Engine", "Engine"),
        ("from pkg.engine import Engine as E", "E"),
        ("import pkg.engine", "pkg.engine.Engine"),
        ("import pkg.engine as engine", "engine.Engine"),
        ("from pkg import engine", "engine.Engine"),
        ("from pkg import engine as e", "e.Engine"),
        ("try:\n    from pkg.engine import Engine\nexcept ImportError:\n    from pkg.engine import Engine", "Engine"),
        ("if True:\n    from pkg.engine import Engine", "Engine"),
    ],
)
def test_the_class_is_known_by_its_import(imports: str, callee: str) -> None:
    check_injected(
        f"def f(context):\n    return {callee}()\n",
        f"def f(context):\n    return {callee}(context)\n",
        imports=f"{imports}\n",
    )


@pytest.mark.parametrize(
    ("module", "line", "callee"),
    [
        ("pkg.use", "from .engine import Engine", "Engine"),
        ("pkg.use", "from . import engine", "engine.Engine"),
        ("pkg.sub.use", "from ..engine import Engine as E", "E"),
        ("pkg.sub.use", "from .. import engine", "engine.Engine"),
    ],
)
def test_relative_imports_start_from_the_package(module: str, line: str, callee: str) -> None:
    before = f"{line}\ndef f(context):\n    {callee}()\n"
    assert inject(before, module=module) == (before.replace("()", "(context)"), [])
    assert inject(before, module="other.sub.use") == (before, [])


def test_the_defining_module_calls_its_own_name() -> None:
    text = "class Engine:\n    def make(self, context):\n        cls()\n        type(self)()\n        Engine()\n"
    assert inject(text, module="pkg.engine") == (text.replace(" Engine()", " Engine(context)"), [])
    assert inject(text, module="pkg.other") == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        "def f(context, Engine):\n    Engine()\n",  # a parameter: @patch gives one
        "def f(context):\n    Engine = make()\n    Engine()\n",
        "def f(context):\n    with patch('pkg.engine.Engine') as Engine:\n        Engine()\n",
        "def f(context):\n    class Engine: ...\n    Engine()\n",
        "def f(context):\n    for Engine in engines:\n        Engine()\n",
        "def f(context):\n    [Engine() for Engine in engines]\n",
        "def f(context):\n    (lambda Engine: Engine())(1)\n",
        "def f(context):\n    from other import Engine\n    Engine()\n",
        "def f(context, other):\n    other.Engine()\n    Engine.create()\n    isinstance(context, Engine)\n",
        "def f(context):\n    Mock(spec=Engine)\n    patch('pkg.engine.Engine')\n    partial(Engine)\n",
        "class Sub(Engine): ...\n",
        "def f(context):\n    '''Engine()'''\n    # Engine()\n    return 'Engine()'\n",
        "def f(context):\n    Engine()  # repoint: keep\n",
    ],
)
def test_what_only_looks_like_a_call_of_it_is_passed_over(text: str) -> None:
    check_left(text, "")


def test_a_name_that_may_be_something_else_is_reported() -> None:
    check_left(
        "def f(context):\n    Engine()\n",
        "Engine is bound to something else as well, so it may not be pkg.engine.Engine",
        imports="try:\n    from pkg.engine import Engine\nexcept ImportError:\n    Engine = Fallback\n",
    )


def test_a_star_import_is_reported() -> None:
    text = "def f(context):\n    Engine()\n"
    check_left(text, "Engine comes by `import *`; import it by name", imports="from pkg.engine import *\n")
    check_left(text, "", imports="from pkg.other import *\n")


def test_a_function_can_be_the_target() -> None:
    args = {"target": "pkg.engine:build", "parameters": [CONTEXT]}
    imports = "from pkg.engine import build\n"
    check_injected("def f(context): return build()\n", "def f(context): return build(context)\n", args, imports)


@pytest.mark.parametrize("call", ["super().__init__()", "super(Sub, self).__init__()", "Engine.__init__(self)"])
def test_a_direct_subclass_completes_its_super_call(call: str) -> None:
    before = f"class Sub(Engine):\n    def __init__(self, context):\n        {call}\n"
    after = call.replace("__()", "__(context)").replace("(self)", "(self, context)")
    check_injected(before, before.replace(call, after))
    generic = before.replace("(Engine)", "(Engine[int])")
    check_injected(generic, generic.replace(call, after))


def test_a_super_call_that_lacks_roles_is_reported() -> None:
    text = "class Sub(Engine):\n    def __init__(self):\n        super().__init__()\n"
    check_left(text, "super().__init__() lacks context: no value of this role is in scope")


def test_a_super_call_of_several_bases_is_reported() -> None:
    text = "class Sub(Mixin, Engine):\n    def __init__(self, context):\n        super().__init__()\n"
    check_left(text, "Sub has other bases too, and which one this calls depends on them")


@pytest.mark.parametrize(
    "text",
    [
        "class Sub(Other):\n    def __init__(self, context):\n        super().__init__()\n",
        "class Sub(Engine):\n    def other(self, context):\n        super().__init__()\n",
        "class Sub(Engine):\n    def __init__(self, context):\n        super().prepare()\n",
    ],
)
def test_other_super_calls_are_passed_over(text: str) -> None:
    check_left(text, "")


# --- calls that are left although values are there --------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "def f(context):\n    with pytest.raises(TypeError):\n        Engine()\n",
        "def f(context):\n    with pytest.raises(TypeError) as caught, other():\n        if context: Engine()\n",
        "def f(self, context):\n    with self.assertRaises(TypeError):\n        Engine()\n",
        "def f(self, context):\n    self.assertRaises(TypeError, lambda: Engine())\n",
    ],
)
def test_a_call_that_is_meant_to_fail_is_left(text: str) -> None:
    check_left(text, "Engine() stands where it is expected to fail")


@pytest.mark.parametrize(
    "text",
    [
        "def f(context):\n    with patch('app.use.Engine'):\n        Engine()\n",
        "@mock.patch.object(engines, 'Engine')\ndef f(context):\n    Engine()\n",
        "@patch('pkg.engine.Engine')\nclass Test:\n    def f(self, context):\n        Engine()\n",
    ],
)
def test_a_call_under_a_patch_of_the_class_is_left(text: str) -> None:
    check_left(text, "Engine() stands where Engine is patched, and may be a mock")


def test_a_call_in_an_f_string_is_left() -> None:
    check_left(
        'def f(context):\n    return f"{Engine()}"\n', "Engine() stands in an f-string, where nothing is rewritten"
    )


# --- arguments that are there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Engine()", "Engine(context, factory, emitter)"),
        ("Engine(context)", "Engine(context, factory, emitter)"),
        ("Engine(self.context)", "Engine(self.context, factory, emitter)"),
        ("Engine(Context(1))", "Engine(Context(1), factory, emitter)"),
        ("Engine(context=made())", "Engine(context=made(), factory=factory, emitter=emitter)"),
        ("Engine(emitter=1)", "Engine(emitter=1, context=context, factory=factory)"),
        ("Engine(context, emitter=1)", "Engine(context, emitter=1, factory=factory)"),
    ],
)
def test_only_what_is_missing_is_added(before: str, after: str) -> None:
    frame = "def f(context: Context, factory, emitter):\n    return {}\n"
    check_injected(frame.format(before), frame.format(after), THREE)


@pytest.mark.parametrize(
    "call", ["Engine(a(), b(), c())", "Engine(context=1, factory=2, emitter=3)", "Engine(1, 2, emitter=3)"]
)
def test_a_complete_call_is_silent(call: str) -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [{"name": name} for name in ("context", "factory", "emitter")]}
    check_left(f"def f(context, factory, emitter):\n    {call}\n", "", args)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("Engine(*rest)", "Engine() passes *args or **kwargs, so what it lacks cannot be told"),
        ("Engine(**rest)", "Engine() passes *args or **kwargs, so what it lacks cannot be told"),
        ("Engine(1, 2, 3, 4)", "Engine() does not match: 4 arguments by position, where there are 3"),
        ("Engine(registry=1)", "Engine() does not match: it has no parameter registry"),
        ("Engine(context, context=1)", "Engine() does not match: context is given twice"),
        ("Engine(registry)", "argument 1, registry, does not match: it is not known to be a value for context"),
        ("Engine(emitter)", "argument 1, emitter, does not match: it is a value for emitter, not for context"),
        ("Engine(1, factory)", "argument 1, 1, does not match: it is not known to be a value for context"),
        (
            "Engine(a(), b(), context)",
            "argument 3, context, does not match: it is a value for context, not for emitter",
        ),
    ],
)
def test_arguments_of_another_constructor_are_reported(call: str, reason: str) -> None:
    check_left(f"def f(context: Context, factory, emitter, registry, rest):\n    {call}\n", reason, THREE)


def test_a_warning_says_where_and_what_is_missing() -> None:
    text = "from pkg.engine import Engine\n\ndef f(context):\n    é = [Engine()]\n"
    reason = "Engine() lacks factory, emitter: no value of these roles is in scope"
    assert inject(text, THREE) == (text, [f"4:10: {reason}"])


def test_a_warning_tells_what_came_near() -> None:
    text = "def f(a: Context, b: Context, factory=None):\n    Engine()\n"
    near = "a and b could each be context; factory may be None; no value for emitter is in scope"
    check_left(text, near, THREE)


def test_one_warning_for_each_call() -> None:
    text = IMPORTS + "Engine()\ndef f(context):\n    Engine(Engine())\n    Engine(1, 2)\n"
    after, warnings = inject(text)
    assert after == text.replace("Engine(Engine())", "Engine(Engine(context))")
    assert [warning.split(": ")[0] for warning in warnings] == ["3:1", "6:5"]


# --- what is declared -------------------------------------------------------------------------------------------------


def test_by_keyword_where_that_is_declared() -> None:
    frame = "def f(context, factory, emitter):\n    {}\n"
    after = frame.format("Engine(context=context, factory=factory, emitter=emitter)")
    check_injected(frame.format("Engine()"), after, {**THREE, "style": "keyword"})


def test_a_keyword_only_parameter_is_given_by_keyword() -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [CONTEXT, {"name": "emitter", "keyword": True}]}
    frame = "def f(context, emitter):\n    {}\n"
    check_injected(frame.format("Engine()"), frame.format("Engine(context, emitter=emitter)"), args)
    check_left(frame.format("Engine(context, 1)"), "2 arguments by position, where there are 1", args)


def test_an_optional_parameter_is_given_if_it_can_be() -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [{"name": "name", "required": False}, CONTEXT]}
    check_injected("def f(context): Engine()\n", "def f(context): Engine(context=context)\n", args)
    check_injected("def f(context, name): Engine()\n", "def f(context, name): Engine(name, context)\n", args)
    check_left("def f(a): Engine(context=a)\n", "", args)


def test_an_argument_that_was_called_otherwise_is_renamed() -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [{**CONTEXT, "formerly": ["user"]}, FACTORY]}
    frame = "def f(factory, anyone):\n    {}\n"
    check_injected(
        frame.format("Engine(user = anyone)"), frame.format("Engine(context = anyone, factory=factory)"), args
    )
    check_injected(frame.format("Engine( user=1, factory=2 )"), frame.format("Engine( context=1, factory=2 )"), args)
    check_left(frame.format("Engine(user=1, context=2)"), "Engine() does not match: context is given twice", args)


def test_a_retired_argument_goes_when_all_else_is_there() -> None:
    args = {**ENGINE, "retired": ["registry", "bridge"]}
    frame = "def f(context, registry):\n    {}\n"
    check_injected(frame.format("Engine(registry=registry)"), frame.format("Engine(context)"), args)
    check_injected(
        frame.format("Engine(registry=registry, context=1, bridge=None)"), frame.format("Engine(context=1)"), args
    )
    check_left(frame.format("Engine(registry=open())"), "Engine() does not match: it has no parameter registry", args)
    check_left("def f(registry):\n    Engine(registry=registry)\n", NO_VALUE, args)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"target": "pkg.engine.Engine"},
            'target must be "module:Class" or "module:function", not \'pkg.engine.Engine\'',
        ),
        ({"target": 3}, 'target must be a string, "module:Class", not 3'),
        ({"parameters": []}, "parameters must be a list of at least one table, not []"),
        ({"parameters": ["a"]}, "parameters[0] must be a table such as { name = \"context\" }, not 'a'"),
        ({"parameters": [{"name": "a b"}]}, "parameters[0].name must be the name of a parameter, not 'a b'"),
        ({"parameters": [{"name": "a", "names": "a"}]}, "parameters[0].names must be a list of strings, not 'a'"),
        (
            {"parameters": [{"name": "a", "types": ["a b"]}]},
            'parameters[0].types must be "module:Class" or a bare name',
        ),
        ({"parameters": [{"name": "a", "keyword": 1}]}, "parameters[0].keyword must be true or false, not 1"),
        ({"parameters": [{"name": "a", "alias": []}]}, "parameters[0] has an unknown key, 'alias': there are name, "),
        ({"parameters": [EMITTER, EMITTER]}, "parameters: emitter is declared twice"),
        (
            {"parameters": [{"name": "a", "keyword": True}, EMITTER]},
            "parameters: emitter is positional and follows a, which is keyword-only",
        ),
        ({"style": "best"}, 'style must be "positional" or "keyword", not \'best\''),
        ({"retired": ["context"]}, "retired: context is also a parameter, or what one was called"),
        ({"setup": None}, "setup must be a list of strings, not None"),
    ],
)
def test_wrong_arguments_are_told(change: dict[str, object], message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        InjectDependencies(CodemodContext(), **{**ENGINE, **change})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


# --- layout -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Engine( )", "Engine(context, factory)"),
        ("Engine(context,)", "Engine(context, factory,)"),
        ("Engine(context, )", "Engine(context, factory, )"),
        ("Engine(\n)", "Engine(\n    context,\n    factory,\n)"),
        (
            "Engine(\n        # all of it\n    )",
            "Engine(\n        # all of it\n        context,\n        factory,\n    )",
        ),
        ("Engine(\n        context\n    )", "Engine(\n        context,\n        factory\n    )"),
        ("Engine(\n        context,\n    )", "Engine(\n        context,\n        factory,\n    )"),
        ("Engine(\n        context,  # who\n    )", "Engine(\n        context,  # who\n        factory,\n    )"),
        ("Engine(\n        context  # who\n    )", "Engine(\n        context,  # who\n        factory\n    )"),
        ("Engine(  # why\n        context\n    )", "Engine(  # why\n        context,\n        factory\n    )"),
        ("Engine(\n        context)", "Engine(\n        context,\n        factory)"),
        ("(\n    Engine\n    ()\n)", "(\n    Engine\n    (context, factory)\n)"),
        ("Engine().run(Engine())", "Engine(context, factory).run(Engine(context, factory))"),
        ("Engine()()", "Engine(context, factory)()"),
        ("(Engine)()", "(Engine)(context, factory)"),
        (
            "[Engine() if x else (y := Engine())]",
            "[Engine(context, factory) if x else (y := Engine(context, factory))]",
        ),
        ("é = 'é', Engine()  # é", "é = 'é', Engine(context, factory)  # é"),
    ],
)
def test_lines_comments_and_commas_stay(before: str, after: str) -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [CONTEXT, FACTORY]}
    frame = IMPORTS + "def f(context, factory):\n    {}\n"
    assert inject(frame.format(before), args) == (frame.format(after), [])


def test_other_line_ends_and_tabs_stay() -> None:
    before = IMPORTS + "def f(context, emitter):\n\tEngine(\n\t\tcontext\n\t)\n\tx = '\x0c\u2028'; Engine()\n"
    after = before.replace("context\n\t)", "context,\n\t\temitter\n\t)").replace("Engine()", "Engine(context, emitter)")
    args = {"target": "pkg.engine:Engine", "parameters": [CONTEXT, EMITTER]}
    assert inject(before.replace("\n", "\r\n"), args) == (after.replace("\n", "\r\n"), [])


def test_the_comment_of_a_retired_argument_stays_last() -> None:
    args = {**ENGINE, "retired": ["registry"]}
    frame = "def f(context, registry):\n    Engine(\n        {}  # which\n    )\n"
    check_injected(frame.format("registry=registry"), frame.format("context"), args)


def test_a_comment_that_would_be_lost_is_reported() -> None:
    args = {"target": "pkg.engine:Engine", "parameters": [CONTEXT, EMITTER], "retired": ["old"]}
    text = "def f(context):\n    Engine(\n        old=1,  # why\n        emitter=2,\n    )\n"
    check_left(text, "a comment stands at an argument that has to move, so it is not rewritten", args)


def test_a_deep_tree_is_read() -> None:
    deep = f"x = {' + '.join(['1'] * 200)}\ny = {'[' * 90}{']' * 90}\n"
    check_injected(deep + "def f(context): Engine()\n", deep + "def f(context): Engine(context)\n")


def test_a_file_without_the_name_is_given_back() -> None:
    tree = parse_module("x = 1\n")
    assert InjectDependencies(CodemodContext(), **ENGINE).transform_module(tree) is tree
