"""A proposal in, the same out with what the planner refuses taken out of it: the plan is made, and thrown away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from repoint.manifest import decode
from repoint.model import Finding, Plan, Severity
from repoint.proposing.canonical import with_canonical
from repoint.proposing.index import Index
from repoint.proposing.text import manifest_text
from repoint.proposing.values import Basis, Certainty, Proposal, ProposedMove, symbol_of

Planner = Callable[[bytes], Plan]

ROUNDS = 4  # plans that are made before all moves that are left are taken for refused


def tried(proposal: Proposal, index: Index, plan: Planner) -> Proposal:
    """The proposal with active moves that make an applicable plan together; the others say why they are none."""
    users = _users(proposal, index)
    for _ in range(ROUNDS):
        if not any(move.active for move in proposal.moves):
            return proposal
        made = plan(manifest_text(proposal).encode())
        reasons = _refused(proposal, made, users)
        if not reasons:
            return proposal
        proposal = _without(proposal, reasons, index)
    left = {
        move.old: "the planner refuses what is left, for reasons of its own" for move in proposal.moves if move.active
    }
    return _without(proposal, left, index)


def checked(proposal: Proposal) -> bytes:
    """The manifest's text, which the decoder takes. Raises ManifestErrors where it does not, which is our own fault."""
    data = manifest_text(proposal).encode()
    decode(data, proposal.manifest)
    return data


def _users(proposal: Proposal, index: Index) -> Mapping[str, set[str]]:
    """By path, the old paths that a file imports, or stands behind."""
    found: dict[str, set[str]] = defaultdict(set)
    for move in proposal.moves:
        old = symbol_of(move.old)
        for path, _ in index.uses.get(old, ()):
            found[path].add(move.old)
        for module in (old.module, move.target.module):
            if module in index.by_module:
                found[index.by_module[module].path].add(move.old)
    return found


def _refused(proposal: Proposal, made: Plan, users: Mapping[str, set[str]]) -> dict[str, str]:
    """Why moves cannot stay, by their old path."""
    active = [move for move in proposal.moves if move.active]
    reasons: dict[str, str] = {}
    for comparison in made.comparisons:
        for move in active:
            if move.basis is Basis.SAME_NAME and comparison.old == move.old and comparison.uses_differing:
                reasons[move.old] = f"{comparison.uses_differing} uses would meet another interface at the home"
    if not made.applicable:
        for finding in made.findings:
            if finding.severity is Severity.ERROR:
                for move in _blamed(finding, active, users):
                    reasons.setdefault(move.old, f"{finding.path}:{finding.line}: {finding.message}")
    return reasons


def _blamed(finding: Finding, active: list[ProposedMove], users: Mapping[str, set[str]]) -> Iterable[ProposedMove]:
    """The moves that an error is about: those it names, of those that touch its file; else all that do; else all."""
    here = [move for move in active if move.old in users.get(finding.path, ())]
    named = [move for move in here or active if _is_named(move, finding.message)]
    return named or here or active


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
