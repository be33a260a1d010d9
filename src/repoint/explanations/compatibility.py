"""What is said where a use meets a difference between the old definition and the new one."""

from __future__ import annotations

from repoint.explanations.entry import INFO, WARNING, Explanation, Stage

STAGE = Stage.COMPATIBILITY
_TOLD = (*WARNING, *INFO)  # only told where a codemod rewrites the line

ENTRIES = (
    Explanation(
        "member-missing",
        STAGE,
        _TOLD,
        "A member of the old class is used here, which the new class surely does not have; or has on instances only.",
        "Old and new are two implementations. The rewritten line raises AttributeError when it runs.",
        "Use what the new class offers, add the member there, or keep the old path here (`# repoint: keep`).",
        "ExecutionEngine._init_from_factory(...)   # the new class has no such method",
    ),
    Explanation(
        "member-kind",
        STAGE,
        _TOLD,
        "What was a method is a property of the new class, or the other way round.",
        "A property that is called raises TypeError; a method that is not called is an object, and always true.",
        "Read it or call it as the new class defines it.",
        "engine.is_active()      # a property of the new class",
    ),
    Explanation(
        "argument-mismatch",
        STAGE,
        _TOLD,
        "A call fits the old signature and not the new one, or its positional arguments go to other parameters.",
        "The call raises TypeError; or, shifted, passes values to parameters that mean something else.",
        "Give the arguments that the new one takes, by keyword where the order differs.",
        "Engine(registry, bridge)   # new: UserEngine(context, factory, emitter)",
    ),
    Explanation(
        "call-became-async",
        STAGE,
        _TOLD,
        "What was called plainly is a coroutine function now, or what `with` entered is an async context manager.",
        "Without `await` nothing runs: the call gives a coroutine, which is always true. `with` raises TypeError.",
        "Await it, in a coroutine; write `async with`.",
        "engine = create_engine(user)      # new: engine = await create_engine(user)",
    ),
    Explanation(
        "call-became-sync",
        STAGE,
        _TOLD,
        "What was awaited is a plain function now, or what `async with` entered is a plain context manager.",
        "`await` of what is not awaitable raises TypeError.",
        "Call it without `await`; write `with`.",
    ),
    Explanation(
        "override-mismatch",
        STAGE,
        _TOLD,
        "A subclass overrides a method whose parameters differ in the new base class.",
        "The new base calls the override with arguments that it does not take.",
        "Give the override the parameters of the new method.",
        "class Custom(Engine):\n    def run(self, task): ...      # new base: run(self, context, task)",
    ),
    Explanation(
        "base-lost",
        STAGE,
        _TOLD,
        "The old symbol is used as a class (a base, in `isinstance`, in `except`), and the new one is a function, or "
        "is no exception where one is caught.",
        "`isinstance` and `class` raise TypeError; an `except` of what is no exception fails when an error comes.",
        "Use a class that fits: one that both have as a base, or the class that the function gives.",
    ),
    Explanation(
        "not-compared",
        STAGE,
        INFO,
        "The file could not be looked at for uses that differ, because the worker process died of it.",
        "The plan itself is proved as always; only the comparison of definitions does not count this file's uses.",
        "Look at its uses of the moved names by hand. Python's own parser dies of very deep nesting.",
    ),
)
