"""A proposal in, the same out with what the planner refuses taken out of it: the plan is made, and thrown away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from repoint.manifest import decode
from repoint.model import Finding, Plan, Severity
from repoint.names import Symbol
from repoint.proposing.canonical import with_canonical
from repoint.proposing.index import Index
from repoint.proposing.text import manifest_text
from repoint.proposing.values import Basis, Certainty, Proposal, ProposedMove

Planner = Callable[[bytes], Plan]

ROUNDS = 4  # plans that are made before all moves that are left are taken for refused


def tried(proposal: Proposal, index: Index, plan: Planner) -> Proposal:
    """The proposal with active moves that make an applicable plan together; the others say why they are none.

    It is tried without its `canonical` tables: as they are, they change nothing, and would have all their users read.
    """
    users = _users(proposal, index)
    for _ in range(ROUNDS):
        if not any(move.active for move in proposal.moves):
            return proposal
        made = plan(manifest_text(replace(proposal, canonical=())).encode())
        reasons = _refused(proposal, made, users)
        if not reasons:
            return proposal
        proposal = _without(proposal, reasons, index)
    reason = f"after {ROUNDS} plans there were still errors; uncomment these one by one"
    return _without(proposal, {move.old: reason for move in proposal.moves if move.active}, index)


def checked(proposal: Proposal) -> bytes:
    """The manifest's text, which the decoder takes. Raises ManifestErrors where it does not, which is our own fault."""
    data = manifest_text(proposal).encode()
    decode(data, proposal.manifest)
    return data


def _users(proposal: Proposal, index: Index) -> Mapping[str, set[str]]:
    """By path, the old paths that a file imports; by module, those that come from there or go there."""
    found: dict[str, set[str]] = defaultdict(set)
    for move in proposal.moves:
        old = Symbol.parse(move.old)
        for path, _ in index.uses.get(old, ()):
            found[path].add(move.old)
        for module in (old.module, move.target.module):
            found[f"{index.by_module[module].path}:" if module in index.by_module else module].add(move.old)
    return found


def _refused(proposal: Proposal, made: Plan, users: Mapping[str, set[str]]) -> dict[str, str]:
    """Why moves cannot stay, by their old path."""
    active = [move for move in proposal.moves if move.active]
    reasons: dict[str, str] = {}
    for comparison in made.comparisons:
        for move in active:
            if move.basis is Basis.SAME_NAME and comparison.old == move.old and comparison.uses_differing:
                reasons[move.old] = f"uses that would meet another interface at the home: {comparison.uses_differing}"
    if not made.applicable:
        for finding in made.findings:
            if finding.severity is Severity.ERROR:
                for move in _blamed(finding, active, users):
                    reasons.setdefault(move.old, f"{finding.path}:{finding.line}: {finding.message}")
    return reasons


def _blamed(finding: Finding, active: list[ProposedMove], users: Mapping[str, set[str]]) -> Iterable[ProposedMove]:
    """The moves that an error is about: those that its file imports, or else stands behind; or else all.

    Of these, those whose ends the message names, or whose home's module, if it names any.
    """
    importing = [move for move in active if move.old in users.get(finding.path, ())]
    behind = [move for move in active if move.old in users.get(f"{finding.path}:", ())]
    near = importing or behind or active
    named = [move for move in near if _is_named(move, finding.message)]
    return named or [move for move in near if move.target.module in finding.message] or near


def _is_named(move: ProposedMove, message: str) -> bool:
    return any(end in message or end.replace(":", ".") in message for end in (move.old, move.new))


def _without(proposal: Proposal, reasons: Mapping[str, str], index: Index) -> Proposal:
    moves = []
    for move in proposal.moves:
        if (reason := reasons.get(move.old)) is None:
            moves.append(move)
        elif move.basis is Basis.SAME_NAME:
            moves.append(replace(move, certainty=Certainty.GUESS, evidence=(*move.evidence, reason)))
        else:
            moves.append(replace(move, refused=reason))
    return with_canonical(replace(proposal, moves=tuple(moves)), index)
