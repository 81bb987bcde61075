"""What the edits of one schema weigh, for those who send or those who read what it describes."""

from __future__ import annotations

from functools import reduce
from operator import getitem
from typing import Any

from jsonschema_rs.canonical import Containment

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side, covers, is_same
from contract_changes.documents import Path, is_object
from contract_changes.edits import NAME, Edit, applied, differences, is_member
from contract_changes.patterns import is_wider
from contract_changes.schemas import ANNOTATIONS, BY_NAME, Schema, is_described, keywords
from contract_changes.shapes import harm

_REASONS = {
    (Side.REQUEST, Containment.NO): "requests that were fine are refused",
    (Side.RESPONSE, Containment.NO): "answers may be what nobody expects",
    (Side.REQUEST, Containment.UNKNOWN): "requests that were fine may be refused",
    (Side.RESPONSE, Containment.UNKNOWN): "answers may be what nobody expects",
}


def judge(side: Side, where: str, old: Schema, new: Schema) -> list[Change]:
    """One change an edit. Whether any of them breaks what was taken is decided by all of them together."""
    if old.fingerprint == new.fingerprint:
        return []
    edits = differences(old, new)
    together, alone = _outcomes(side, old.tree, new.tree, edits)
    same = together is Containment.YES and is_same(old.tree, new.tree)
    changes: list[Change] = []
    for edit, outcome in zip(edits, alone, strict=True):
        reason = _REASONS.get((side, outcome)) or harm(side, edit)
        weight = Weight.BREAKING if reason else _weight(edit, same=same)
        says = f"{_place(where, old, edit)}: {edit.says}" + (f"; {reason}" if reason else "")
        changes.append(Change(weight, edit.pointer, says))
    if together is not Containment.YES and set(alone) == {Containment.YES}:
        says = f"{where}: its changes are safe one by one, but not together; {_REASONS[side, together]}"
        changes.append(Change(Weight.BREAKING, new.pointer(()), says))
    return changes


def _outcomes(side: Side, old: Any, new: Any, edits: list[Edit]) -> tuple[Containment, list[Containment]]:
    """Whether what was taken still is, after all edits and after each one by itself."""
    proved = [_is_proved(side, edit) for edit in edits]
    for edit, known in zip(edits, proved, strict=True):
        # Sound: nothing that such an edit adds was taken before, so it may as well have been.
        old = applied(old, edit) if known else old
    telling = [
        not known and edit.keyword not in {NAME, *ANNOTATIONS} for edit, known in zip(edits, proved, strict=True)
    ]
    together = covers(side, old, new) if any(telling) else Containment.YES
    if together is Containment.YES or sum(telling) == 1:
        return together, [together if tells else Containment.YES for tells in telling]
    return together, [
        covers(side, old, applied(old, edit)) if tells else Containment.YES
        for edit, tells in zip(edits, telling, strict=True)
    ]


def _is_proved(side: Side, edit: Edit) -> bool:
    """Canonical forms do not look into regular expressions; where more of one is more of the whole, we do."""
    if edit.keyword != "pattern" or not (isinstance(edit.was, str) and isinstance(edit.now, str)):
        return False
    wide, narrow = (edit.now, edit.was) if side is Side.REQUEST else (edit.was, edit.now)
    return is_described(edit.path) and "oneOf" not in keywords(edit.path) and is_wider(wide, narrow)


def _weight(edit: Edit, *, same: bool) -> Weight:
    if edit.keyword in ANNOTATIONS - {"deprecated"}:
        return Weight.WORDING
    # A word or a field more is told to people even where any would have been taken.
    told = edit.keyword in {"deprecated", "properties"} or (edit.keyword == "enum" and is_member(edit))
    return Weight.WORDING if same and not told else Weight.ADDITION


def _place(where: str, old: Schema, edit: Edit) -> str:
    field, condition = _field(edit.path), _condition(old.tree, edit.path)
    place = f"{where}, `{field}`" if field else where
    return f'{place}, under "{condition}"' if condition else place


def _field(path: Path) -> str:
    """A path as people name a field: `qualities[].video_config.bitrate`."""
    words = ""
    steps = iter(path)
    for step in steps:
        if step in BY_NAME:
            words += f".{next(steps, '')}"
        elif step == "items":
            words += "[]"
    return words.removeprefix(".")


def _condition(tree: Any, path: Path) -> str:
    """What the innermost condition on a path says of itself."""
    found = ""
    for length in range(1, len(path) + 1):
        inside = _reached(tree, path[:length])
        found = str(inside.get("$comment", found)) if is_object(inside) else found
    return found


def _reached(tree: Any, path: Path) -> Any:
    try:
        return reduce(getitem, path, tree)
    except (LookupError, TypeError):  # what is new is not there yet
        return None
