"""Rows of the lists: what a phone does with them depends on cells being what they say, however much they say."""

import csv
import io
import math

import pytest

from server import audit, feed
from server.access import SYSTEM
from server.inspections.models import Task
from server.registry.models import Licence

CORNERS = [
    (112.4 + math.cos(turn / 400 * math.pi) / 99, 35.5 + math.sin(turn / 400 * math.pi) / 99)
    for turn in range(800)
]


def licence(object_id, geometry):
    return Licence(
        object_id=object_id, kind="mining", licence_no="C1400002009", holder="虚构采石场，\n“甲”,=1+1", issuer="厅",
        rings=[], findings=[], geometry=geometry,
    )  # fmt: skip


@pytest.fixture
def shown(visit, session, returned_form):
    """Give the object of the visit a licence with some boundary, and read the row of its task as it came."""

    def show(geometry):
        session.add(licence(session.get_one(Task, visit.task).object_id, geometry))
        feed.touch(session, "task", visit.task)
        audit.append(session, SYSTEM, "task.changed", ("task", visit.task))
        audit.seal(session)
        session.commit()
        answer = visit.collect.call("GET", f"{visit.collect.server_url}/forms/task_check/1/media/tasks.csv")
        [row] = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
        return row

    return show


def corners_of(shape):
    return [tuple(map(float, corner.split()[1::-1])) for corner in shape.split(";")]


def test_a_boundary_of_many_corners_comes_whole_and_as_it_is_with_what_else_the_row_says(visit, shown):
    ring = [*CORNERS, CORNERS[0]]
    row = shown({"type": "Polygon", "coordinates": [ring]})

    assert len(row["boundary"]) > 30_000
    assert corners_of(row["boundary"]) == corners_of(row["geometry"]) == ring
    assert row["licence_holder"] == "虚构采石场， “甲”,=1+1"
    assert row == visit.collect.updates().tasks()[str(visit.task)], "a row that changed has another version"
