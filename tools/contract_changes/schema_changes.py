"""What the differences of one schema weigh, for programs that send or programs that read what it describes."""

from __future__ import annotations

from typing import Any

from contract_document import is_object
from jsonschema_rs.canonical import Containment

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side, covers, is_same, is_wider
from contract_changes.generated_code import NAME, harm, has_code, keywords
from contract_changes.schema_differences import Difference, differences
from contract_changes.schemas import BY_NAME, Schema, is_annotation, members

_REASONS = {
    (Side.REQUEST, Containment.NO): "requests that were fine are refused",
    (Side.RESPONSE, Containment.NO): "answers may be what no caller expects",
    (Side.REQUEST, Containment.UNKNOWN): "requests that were fine may be refused",
    (Side.RESPONSE, Containment.UNKNOWN): "answers may be what no caller expects",
}


def compare_schemas(side: Side, title: str, old: Schema, new: Schema) -> list[Change]:
    """One change a difference. Whether what was accepted still is, is decided by all of them together."""
    if old.fingerprint == new.fingerprint:
        return []
    found = differences(old, new)
    together, alone = _outcomes(side, old.tree, new.tree, found)
    same = together is Containment.YES and is_same(old.tree, new.tree)
    changes: list[Change] = []
    for difference, outcome in zip(found, alone, strict=True):
        reason = _REASONS.get((side, outcome)) or harm(side, difference)
        weight = Weight.BREAKING if reason else _weight(difference, same=same)
        says = f"{_place(title, old, difference)}: {difference.says}" + (f"; {reason}" if reason else "")
        changes.append(Change(weight, difference.pointer, says))
    if together is not Containment.YES and set(alone) == {Containment.YES}:
        says = f"{title}: its changes are safe one by one, but not together; {_REASONS[side, together]}"
        changes.append(Change(Weight.BREAKING, new.pointer(()), says))
    return changes


def _outcomes(side: Side, old: Any, new: Any, found: list[Difference]) -> tuple[Containment, list[Containment]]:
    """Whether what was accepted still is, after all differences and after each one by itself."""
    proved = [difference for difference in found if _is_proved(side, difference)]
    for difference in proved:
        # Sound: nothing that it adds was accepted before, so it may as well have been.
        old = difference.apply(old)
    telling = [one for one in found if one not in proved and one.keyword != NAME and not is_annotation(one.keyword)]
    together = covers(side, old, new) if telling else Containment.YES

    def outcome(difference: Difference) -> Containment:
        if together is Containment.YES or difference not in telling:
            return Containment.YES
        return together if len(telling) == 1 else covers(side, old, difference.apply(old))

    return together, [outcome(difference) for difference in found]


def _is_proved(side: Side, difference: Difference) -> bool:
    """Canonical forms do not look into regular expressions; where more of one is more of the whole, greenery does."""
    was, now, steps = difference.was, difference.now, difference.steps
    if difference.keyword != "pattern" or not (isinstance(was, str) and isinstance(now, str)):
        return False
    wide, narrow = (now, was) if side is Side.REQUEST else (was, now)
    return has_code(steps) and "oneOf" not in keywords(steps) and is_wider(wide, narrow)


def _weight(difference: Difference, *, same: bool) -> Weight:
    keyword = difference.keyword
    if is_annotation(keyword) and keyword != "deprecated":
        return Weight.WORDING
    # One more word or field is news even where any was accepted.
    is_news = keyword in {"deprecated", "properties"} or (keyword == "enum" and difference.is_about_word)
    return Weight.WORDING if same and not is_news else Weight.ADDITION


def _place(title: str, old: Schema, difference: Difference) -> str:
    """Where a difference is, as people name it: `qualities[].video_config.bitrate`, under a condition."""
    field = condition = ""
    tree, remaining = old.tree, iter(difference.steps)
    for step in remaining:
        if is_object(tree):
            condition = tree.get("$comment", condition)
        tree = members(tree).get(step)
        if step in BY_NAME:
            name = next(remaining, "")
            field += f".{name}"
            tree = members(tree).get(name)
        elif step == "items":
            field += "[]"
    place = f"{title}, `{field.removeprefix('.')}`" if field else title
    return f'{place}, under "{condition}"' if condition else place
