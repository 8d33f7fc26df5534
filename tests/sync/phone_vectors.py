"""Stories of phones with what comes of them, for a phone in any language: `python -m tests.sync.phone_vectors`.

Each story starts from a stored state; after each event stand the stored fields that changed (of operations, without their `item`) and what
was asked (of a push, the ids).
"""

import json
from pathlib import Path

from sync import PhoneState, back_off, state_as_json, state_from_json
from tests.sync.phone_json import as_json, run
from tests.sync.phone_stories import LATE, STARTS, STORIES

FILE = Path(__file__).with_name("phone_vectors.json")
RESTS = [
    [1, 0.5, 0],
    [2, 0.999, 0],
    [4, 0.25, 30_000],
    [9, 0.75, 0],
    [400, 0.999999, 1000],
    [0, 0.1, 0],
    [1, 0.5, 70_000_000],
]


def vectors():
    new = state_as_json(PhoneState())
    told = {name: (new, events) for name, events in STORIES.items()} | STARTS
    return {
        "rests": [{"asked": each, "rest": back_off(*each)} for each in RESTS],
        "stories": [
            {
                "name": name,
                "start": start,
                "events": as_json(events),
                "now": LATE,
                **run(state_from_json(start), events, LATE),
            }
            for name, (start, events) in told.items()
        ],
    }


def text():
    """One line for each story, so that a change shows."""
    made = vectors()
    lines = ",\n".join(json.dumps(story, ensure_ascii=False) for story in made["stories"])
    return f'{{"rests": {json.dumps(made["rests"])},\n"stories": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
