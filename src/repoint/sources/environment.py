"""The environment that a git hook gives: takes it, leaves in it nothing that leads to another repository."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

# What git sets for hooks and aliases. The repository is the one that the command line names, whatever they say.
_OTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
# The index of the commit that a hook is to judge: `git commit -a` and `git commit PATH` have one of their own.
STAGED_INDEX = "REPOINT_STAGED_INDEX"
_OBJECTS, _MORE_OBJECTS = "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"


def leave_hook(environ: MutableMapping[str, str]) -> None:
    """Take out of `environ` what names a repository, an index or a way to read paths.

    Objects that a push has brought and that its hook is to judge can still be read: they become an alternate. The
    index that a commit is made of stays known under another name, for who asks for what is staged.
    """
    environ.pop(STAGED_INDEX, None)
    if index := environ.get("GIT_INDEX_FILE", ""):
        environ[STAGED_INDEX] = str(Path(index).resolve())
    for name in _OTHER_REPOSITORY:
        environ.pop(name, None)
    if brought := environ.pop(_OBJECTS, ""):
        environ[_MORE_OBJECTS] = os.pathsep.join(filter(None, [brought, environ.get(_MORE_OBJECTS, "")]))
