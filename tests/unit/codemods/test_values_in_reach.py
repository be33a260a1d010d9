"""Which value a call is given: of the role's type or name, surely bound where the call runs, and never one of two."""

from __future__ import annotations

import pytest

from tests.injection_tools import CONTEXT, ENGINE, check_injected, check_left

NO_VALUE = "Engine() lacks context: no value of this role is in scope"


def becomes(text: str, value: str) -> None:
    check_injected(text, text.replace("Engine()", f"Engine({value})"))


# --- by annotation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "annotation",
    [
        "Context",
        "'Context'",
        "pkg.ctx.Context",
        "C",
        "Annotated[Context, 1]",
        "Annotated['Context', 1]",
        "Union[Context]",
    ],
)
def test_an_annotation_tells(annotation: str) -> None:
    becomes(f"import pkg.ctx\nfrom pkg.ctx import Context as C\ndef f(a, b: {annotation}, c):\n    Engine()\n", "b")


@pytest.mark.parametrize(
    "annotation", ["Other", "'Other'", "int", "list[Context]", "type[Context]", "Context | Other", "'a b'"]
)
def test_another_annotation_speaks_against(annotation: str) -> None:
    check_left(f"def f(context: {annotation}):\n    Engine()\n", NO_VALUE)


@pytest.mark.parametrize("annotation", ["Any", "object", "MagicMock"])
def test_an_open_annotation_leaves_it_to_the_name(annotation: str) -> None:
    becomes(f"def f(context: {annotation}, other: {annotation}):\n    Engine()\n", "context")


@pytest.mark.parametrize(
    "parameter",
    [
        "context: Optional[Context]",
        "context: Optional['Context']",
        "context: 'Context | None'",
        "context: None | Context",
        "context: Union[Context, None]",
        "context: Context = None",
        "context=None",
    ],
)
def test_a_value_that_may_be_none_is_reported(parameter: str) -> None:
    check_left(f"def f({parameter}):\n    Engine()\n", "Engine() lacks context: context may be None")
    becomes(f"def f({parameter}):\n    if context is None:\n        raise ValueError\n    Engine()\n", "context")


@pytest.mark.parametrize(
    "guard",
    [
        "if not context:\n        return\n    Engine()",
        "if context is None:\n        log()\n        context = Context()\n        log()\n    Engine()",
        "assert context\n    Engine()",
        "assert context is not None and x\n    Engine()",
        "if context:\n        Engine()",
        "if x and context is not None:\n        for i in x:\n            Engine()",
    ],
)
def test_a_test_for_none_is_heard(guard: str) -> None:
    becomes(f"def f(x, context: Context | None):\n    {guard}\n", "context")


@pytest.mark.parametrize(
    "guard",
    [
        "if not context:\n        log()\n    Engine()",
        "if not context:\n        raise ValueError\n    context = None\n    Engine()",
        "if context or x:\n        Engine()",
        "if context:\n        log()\n    else:\n        Engine()",
        "if context:\n        context = None\n        Engine()",
        "if x:\n        assert context\n    Engine()",
        "if not context:\n        context = Context()\n        context = None\n    Engine()",
        "assert context\n    def g():\n        Engine()",
        "if other is None:\n        raise ValueError\n    Engine()",
    ],
)
def test_a_test_that_proves_nothing_is_not(guard: str) -> None:
    check_left(
        f"def f(x, other, context: Context | None):\n    {guard}\n", "Engine() lacks context: context may be None"
    )


def test_a_type_by_its_bare_name_may_come_from_anywhere() -> None:
    args = {**ENGINE, "parameters": [{"name": "context", "types": ["Context"]}]}
    text = "from anywhere import Context\ndef f(a: Context): Engine()\n"
    check_injected(text, text.replace("Engine()", "Engine(a)"), args)
    check_left("from anywhere import Context\ndef f(a: Context): Engine()\n", NO_VALUE)
    becomes("from anywhere import Context\ndef f(context: Context): Engine()\n", "context")


# --- by what is assigned ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "Context(1)",
        "Context.from_request(1)",
        "await Context.create()",
        "Mock(spec=Context)",
        "create_autospec(Context)",
        "Context() if x else Context(1)",
        "Context(1) or Context(2)",
        "(y := Context())",
    ],
)
def test_what_is_built_tells(value: str) -> None:
    becomes(f"async def f(x):\n    a = {value}\n    Engine()\n", "a")
    becomes(f"async def f(x):\n    b = {value}\n    a = 1\n    Engine()\n", "b")


@pytest.mark.parametrize(
    "value", ["made()", "await made()", "x.y", "x[0]", "Mock()", "MagicMock(name='a')", "FakeContext()"]
)
def test_what_tells_nothing_leaves_it_to_the_name(value: str) -> None:
    becomes(f"async def f(x):\n    context = {value}\n    Engine()\n", "context")
    check_left(f"async def f(x):\n    other = {value}\n    Engine()\n", NO_VALUE)


@pytest.mark.parametrize(
    "value",
    [
        "Other()",
        "x.Other()",
        "{}",
        "[1]",
        "'a'",
        "f'{x}'",
        "1",
        "(1, 2)",
        "lambda: 1",
        "Mock(spec=Other)",
        "x == 1",
        "[i for i in x]",
    ],
)
def test_what_is_something_else_speaks_against_the_name(value: str) -> None:
    check_left(f"def f(x):\n    context = {value}\n    Engine()\n", NO_VALUE)


@pytest.mark.parametrize(
    "text",
    [
        "def f(*context):\n    Engine()\n",
        "def f(**context):\n    Engine()\n",
        "def f():\n    import context\n    Engine()\n",
        "@fixture\ndef context():\n    return 1\ndef test():\n    Engine()\n",
        "class context: ...\nEngine()\n",
        "def f(self):\n    with self.assertLogs() as context:\n        Engine()\n",
        "def f(context):\n    context += 1\n    Engine()\n",
        "def f(items):\n    a, *context = items\n    Engine()\n",
        "def f(agent_context: Other):\n    context = agent_context\n    Engine()\n",
        "class A:\n    a: Other = x()\n    def f(self):\n        context = self.a\n        Engine()\n",
    ],
)
def test_no_other_thing_of_that_name_is_taken(text: str) -> None:
    check_left(text, NO_VALUE)


def test_a_copy_is_the_same_value() -> None:
    becomes("def f(given: Context):\n    context = given\n    Engine()\n", "context")
    becomes("class A:\n    def __init__(self, a: Context):\n        self.context = a\n        Engine()\n", "a")


def test_a_copy_of_what_is_bound_again_is_another_value() -> None:
    both = "Engine() lacks context: {} could each be context"
    check_left("def f(a: Context):\n    b = a\n    a = Context()\n    Engine()\n", both.format("a and b"))
    made = "self.context: Context = a"
    again = CLASS.format(made, "b = self.context\n        self.context = Context()\n        Engine()")
    check_left(again, both.format("b and self.context"))
    becomes(CLASS.format(made, "b = self.context\n        Engine()"), "b")


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("def f(context, user_context):\n    Engine()\n", "context and user_context"),
        ("def f(a: Context):\n    b = Context()\n    Engine()\n", "a and b"),
        ("context = made()\ndef f(user_context):\n    Engine()\n", "user_context and context"),
        (
            "class A:\n    context: Context = Context()\n    def f(self, a: Context):\n        Engine()\n",
            "a and self.context",
        ),
    ],
)
def test_two_values_are_reported(text: str, both: str) -> None:
    check_left(text, f"Engine() lacks context: {both} could each be context")


def test_a_value_known_by_type_goes_before_one_of_that_name() -> None:
    becomes("def f(context, a: Context):\n    Engine()\n", "a")
    becomes("def f(context):\n    a = Context()\n    Engine()\n", "a")


def test_one_value_is_not_given_twice() -> None:
    args = {**ENGINE, "parameters": [CONTEXT, {"name": "second", "types": ["Context"]}]}
    check_left("def f(a: Context):\n    Engine()\n", "a could be context as well as second", args)


def test_what_is_passed_already_is_not_given_again() -> None:
    args = {**ENGINE, "parameters": [CONTEXT, {"name": "second", "types": ["Context"]}]}
    check_left("def f(a: Context):\n    Engine(a)\n", "Engine() lacks second: a is passed already", args)


def test_a_name_that_is_declared_for_another_role_is_not_taken() -> None:
    roles = [{"name": "source", "types": ["Path"]}, {"name": "target", "types": ["Path"]}]
    args = {**ENGINE, "parameters": roles}
    text = "def f(source: Path, target: Path):\n    Engine()\n"
    check_injected(text, text.replace("Engine()", "Engine(source, target)"), args)
    check_left("def f(target: Path):\n    Engine(target=1)\n", "no value of this role is in scope", args)


def test_a_field_may_be_none_by_its_default() -> None:
    text = "@dataclass\nclass A:\n    context: Context = field(default=None)\n    def f(self):\n        Engine()\n"
    check_left(text, "Engine() lacks context: self.context may be None")


# --- surely bound -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "context = made()\nEngine()\n",
        "context = made()\nif x:\n    while y:\n        Engine()\n",
        "if x:\n    context = made()\n    Engine()\n",
        "try:\n    context = made()\n    Engine()\nexcept E: ...\n",
        "context = made()\ntry: ...\nexcept E:\n    Engine()\nfinally:\n    Engine()\n",
        "with made() as context:\n    Engine()\n",
        "with made() as context: ...\nEngine()\n",
        "async def f():\n    async with made() as (a, context), Engine(): Engine()\n".replace(", Engine()", ""),
        "for context in made():\n    Engine()\n",
        "for a, context in made():\n    def g(): ...\n    Engine()\n",
        "[Engine() for context in made()]\n",
        "{a: Engine() for context in made() for a in context if Engine()}\n",
        "context, a = made()\nEngine()\n",
        "context: Any = made()\nEngine()\n",
        "def f(context):\n    def g():\n        return lambda: Engine()\n",
        "def f(context, e=1, *, g=2):\n    class A:\n        def h(self):\n            [Engine() for a in self]\n",
        "f = lambda context: Engine()\n",
        "context = made()\ndef f(a=Engine()): ...\n",
        "context = made()\n@Engine()\nclass A(Engine()): ...\n",
        "context = made()\ndef f():\n    Engine()\n",
        "class A:\n    context = made()\n    a = Engine()\n",
        "async def f(context):\n    return await Engine().run(), [x async for x in Engine()]\n",
        "def f(x, /, context, *, y): yield Engine()\n",
        "match x:\n    case 1:\n        context = made()\n        Engine()\n",
    ],
)
def test_a_value_is_given_where_it_is_bound(text: str) -> None:
    becomes(text, "context")


@pytest.mark.parametrize(
    "text",
    [
        "Engine()\ncontext = made()\n",
        "context = Engine()\n",
        "if x:\n    context = made()\nEngine()\n",
        "if x:\n    context = made()\nelse:\n    Engine()\n",
        "try:\n    context = made()\nexcept E:\n    Engine()\n",
        "try:\n    context = made()\nfinally:\n    Engine()\n",
        "with suppressed():\n    context = made()\nEngine()\n",
        "with Engine() as context: ...\n",
        "for context in made(): ...\nEngine()\n",
        "for context in made(): ...\nelse:\n    Engine()\n",
        "for context in Engine(): ...\n",
        "while x:\n    context = made()\nEngine()\n",
        "[context for context in Engine()]\n",
        "[context for context in made()]\nEngine()\n",
        "[1 for a in made() if Engine() for context in a]\n".replace("made()", "Made"),
        "context: Context\nEngine()\n",
        "context = made()\ndel context\nEngine()\n",
        "try: ...\nexcept E as context: ...\nEngine()\n",
        "def f(context): ...\nEngine()\n",
        "def f(context, a=Engine()): ...\n",
        "lambda context, a=Engine(): 1\n",
        "def f():\n    Engine()\ncontext = made()\n",
        "def f():\n    def g():\n        Engine()\n    context = made()\n",
        "def f():\n    for context in made():\n        def g():\n            Engine()\n",
        "class A:\n    context = made()\n    def f(self):\n        Engine()\n".replace(
            "def f(self)", "@staticmethod\n    def f()"
        ),
        "class A:\n    context = made()\n    a = [Engine() for b in c]\n",
        "context = made()\ndef f():\n    global context\n    del context\ndef g():\n    Engine()\n",
        "context = made()\ndef f():\n    Engine()\n    context = 1\n",
        "match x:\n    case context: ...\nEngine()\n",
        "context = made()\ndef f():\n    Engine()\n    global context\n",
        "if (context := made()): ...\nEngine()\n",
        "__context = made()\nclass A:\n    def f(self):\n        Engine()\n",
    ],
)
def test_a_value_that_may_not_be_bound_is_not_given(text: str) -> None:
    check_left(text, NO_VALUE)


# --- attributes -------------------------------------------------------------------------------------------------------

CLASS = "class A:\n    def __init__(self, a):\n        {}\n    def f(self, other):\n        {}\n"


@pytest.mark.parametrize(
    "made", ["self.context = a", "self.context: Any = a", "self.context, self.b = a", "self.context = self.c = a"]
)
def test_what_the_constructor_assigns_is_there(made: str) -> None:
    becomes(CLASS.format(made, "Engine()"), "self.context")
    becomes(CLASS.format(made, "return [lambda: Engine() for x in other]"), "self.context")


def test_a_private_attribute_goes_by_its_name() -> None:
    becomes(CLASS.format("self._context = a", "Engine()"), "self._context")
    becomes(CLASS.format("self.__context = a", "Engine()"), "self.__context")
    nested = "class B:\n            def g(me):\n                Engine()"
    check_left(CLASS.format("self.__context = a", nested), NO_VALUE)


@pytest.mark.parametrize("made", ["self.b: Context = a", "self.b = Context(a)"])
def test_a_type_tells_of_an_attribute_too(made: str) -> None:
    becomes(CLASS.format(made, "Engine()"), "self.b")


@pytest.mark.parametrize(
    ("made", "use"),
    [
        ("if a:\n            self.context = a", "Engine()"),
        ("if a:\n            return\n        self.context = a", "Engine()"),
        ("self.f(1)\n        self.context = a", "Engine()"),
        ("self.g()\n        self.context = a\n    def g(self):\n        self.f(1)", "Engine()"),
        ("a.context = a", "Engine()"),
        ("self.context = Other()", "Engine()"),
        ("self.context += a", "Engine()"),
        ("self.context = a\n    def g(self):\n        del self.context", "Engine()"),
        ("self.context = a\n    def context(self): ...", "Engine()"),
        ("Engine()\n        self.context = a", "pass"),
        ("self.context = a", "self = other\n        Engine()"),
        ("self.context = a", "return [Engine() for self in other]"),
        ("self.context = a\n    @staticmethod\n    def g(self):\n        Engine()", "pass"),
        ("self.context = a\n    @classmethod\n    def g(self):\n        Engine()", "pass"),
        ("self.context = a\n    def __new__(self):\n        Engine()", "pass"),
        ("pass\n    def g(self, a):\n        self.context = a", "Engine()"),
    ],
)
def test_an_attribute_that_may_be_missing_is_not_given(made: str, use: str) -> None:
    check_left(CLASS.format(made, use), NO_VALUE)


def test_an_attribute_that_may_be_none_is_reported() -> None:
    reason = "Engine() lacks context: self.context may be None"
    check_left(CLASS.format("self.context = a\n    def g(self):\n        self.context = None", "Engine()"), reason)
    becomes(
        CLASS.format("self.context = a\n    def tearDown(self):\n        self.context = None", "Engine()"),
        "self.context",
    )


def test_an_attribute_is_there_once_it_is_assigned() -> None:
    becomes("class A:\n    def f(self):\n        self.context = made()\n        Engine()\n", "self.context")


@pytest.mark.parametrize(
    "head",
    [
        "@dataclass\nclass A:\n    context: Context\n",
        "@dataclasses.dataclass(frozen=True)\nclass A:\n    context: Context = field(default_factory=Context)\n",
        "class A(BaseModel):\n    context: Context\n",
        "class A:\n    context: Context = Context()\n",
        "class A:\n    context = made()\n",
    ],
)
def test_fields_and_class_attributes_are_there(head: str) -> None:
    becomes(f"{head}    def f(self):\n        Engine()\n", "self.context")


@pytest.mark.parametrize(
    "head",
    [
        "class A:\n    context: Context\n",
        "@dataclass\nclass A:\n    context: InitVar[Context]\n",
        "@dataclass\nclass A:\n    context: ClassVar[Context]\n",
        "@dataclass\nclass A:\n    context: Context = field(init=False)\n",
        "@dataclass\nclass A:\n    context: Context\n    def __init__(self): ...\n",
        "class Base:\n    context: Context = Context()\nclass A(Base):\n",
    ],
)
def test_what_is_only_declared_is_not_given(head: str) -> None:
    check_left(f"{head}    def f(self):\n        Engine()\n", NO_VALUE)


SETUP = "class TestA{}:\n    {}\n        self.context = made()\n    def test(self):\n        Engine()\n"


@pytest.mark.parametrize(
    ("bases", "setup"),
    [
        ("(TestCase)", "def setUp(self):"),
        ("(unittest.IsolatedAsyncioTestCase)", "async def asyncSetUp(self):"),
        ("", "def setup_method(self, method):"),
        ("", "@pytest.fixture(autouse=True)\n    def prepare(self):"),
        ("", "@pytest_asyncio.fixture(autouse=True)\n    async def prepare(self):"),
        ("(Base)", "async def own_setup(self):"),
    ],
)
def test_what_a_test_is_set_up_with_is_there(bases: str, setup: str) -> None:
    text = SETUP.format(bases, setup)
    check_injected(text, text.replace("Engine()", "Engine(self.context)"), {**ENGINE, "setup": ["own_setup"]})


@pytest.mark.parametrize(
    ("bases", "setup"),
    [
        ("", "def setUp(self):"),
        ("(OwnTestCase)", "def setUp(self):"),
        ("(TestCase)", "async def asyncSetUp(self):"),
        ("(Base)", "def own_setup(self):"),
        ("", "@pytest.fixture\n    def prepare(self):"),
        ("", "@pytest.fixture(autouse=True)\n    async def prepare(self):"),
        ("", "async def setup_method(self):"),
        ("", "@decorated\n    def setup_method(self):"),
        ("", "@pytest.fixture(autouse=True, scope='class')\n    def prepare(self):"),
        ("(TestCase)", "def prepare(self):"),
    ],
)
def test_what_may_not_have_run_is_not_counted_on(bases: str, setup: str) -> None:
    check_left(SETUP.format(bases, setup), NO_VALUE)
