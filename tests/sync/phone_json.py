"""What happens to a phone and what it asks for, as JSON: the words in which two languages are compared."""

from dataclasses import fields, is_dataclass
from uuid import UUID

from sync import (
    AskPush,
    PhoneState,
    SealedOp,
    digest,
    export_outbox,
    may_release,
    op_life,
    safe_to_delete,
    state_as_json,
    step,
    wishes,
)


def as_json(value):
    """An event, an effect or a part of one."""
    if isinstance(value, SealedOp):
        return state_as_json(PhoneState(ops=(value,)))["ops"][0]
    if is_dataclass(value):
        plain = {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__, **plain}
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    return value


def asked(effects):
    """Effects, with the operations of a push by their ids; what is in them stands in the state."""
    return [
        as_json(effect) | ({"ops": [str(op.op) for op in effect.ops]} if isinstance(effect, AskPush) else {})
        for effect in effects
    ]


def changes(before, after):
    """The stored fields that are not what they were; of operations, all but the bytes that never change."""
    changed = {name: value for name, value in after.items() if value != before[name]}
    if "ops" in changed:
        changed["ops"] = [
            {name: value for name, value in op.items() if name != "item"} | {"sent_as": op["item"]["op"]}
            for op in changed["ops"]
        ]
    return changed


def run(start, events, now):
    """Let events happen; what changed and what was asked after each, and what holds in the end."""
    state, before, steps = start, state_as_json(start), []
    for event in events:
        try:
            state, effects = step(state, event)
        except ValueError:
            steps.append({"refused": True})
            continue
        after = state_as_json(state)
        steps.append({"changes": changes(before, after), "effects": asked(effects)})
        before = after
    return {"steps": steps, "facts": facts(state, now)}


def facts(state, now):
    """What follows from a state."""
    ops = [op.op for op in state.ops]
    names = sorted({*ops, *(op.record for op in state.ops if op.record)}, key=str)
    return {
        "life": {str(op): op_life(state, op) for op in [*ops, *state.stubs]},
        "safe_to_delete": [str(name) for name in names if safe_to_delete(state, name, now)],
        "may_release": [rev for rev in sorted(state.held) if may_release(state, rev)],
        "busy": sorted(list(key) for key in state.busy),
        "sendable": [str(op.op) for op in state.sendable],
        "wishes": asked(wishes(state)),
        "sums": digest(state.view.rows()),
        "export": export_outbox(state),
    }
