"""Kills a server with SIGKILL between any two statements of a push, one after the other, and pushes again.

Run in a process of its own: each life of the server is forked from it, and it never touches the database itself.
"""

import json
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from server.app import create_app
from server.http import App
from server.inspections.models import Revision
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.client import Client
from tests.actors.phone import UNSIGNED
from tests.conftest import settings_for

MOST = 150  # more places to die than a push of two has


def in_another_life(work: Callable[[], Any], file: Path) -> bool:
    """Run something in a forked process and write its answer as JSON; say whether it lived to the end."""
    child = os.fork()
    if child == 0:
        file.write_text(json.dumps(work()))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def prepare(app: App) -> dict[str, Any]:
    """Bring two phones into the field and seal the pushes of the whole test."""
    with app.readers() as session:
        guard_epoch(app.installation, session)
    cast = Cast(app)
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    bodies = []
    for _ in range(MOST):
        record = lead.fills(task, UNSIGNED)
        lead.corrects(record)
        bodies.append(lead.envelope(*lead.state.ops[-2:]))
    return {
        "token": lead.token,
        "keys": lead.session["server_keys"],
        "people": [str(lead.person_id), str(second.person_id)],
        "bodies": bodies,
    }


def die_at(app: App, place: int) -> None:
    """Arrange to be killed before the statement of that number; commits count before and after they happen."""
    engine = app.sessions.kw["bind"]
    reached = 0

    def step(*_: Any) -> None:
        nonlocal reached
        reached += 1
        if reached == place:
            os.kill(os.getpid(), signal.SIGKILL)

    def commit_between(commit: Callable[[Any], None], connection: Any) -> None:
        step()
        commit(connection)
        step()

    event.listen(engine, "before_cursor_execute", step)
    for dialect in {engine.dialect, app.readers.kw["bind"].dialect}:
        dialect.do_commit = partial(commit_between, dialect.do_commit)


def push(app: App, given: dict[str, Any], number: int) -> dict[str, Any]:
    """Push a body, and tell how many of its revisions were here before."""
    body = given["bodies"][number]
    revs = [item["rev"] for item in body["items"]]
    with app.readers() as session:
        held = session.scalar(select(func.count()).where(Revision.rev.in_(revs)))
    return {"held": held, "reply": Client(app, given["token"]).post("/api/v1/sync/push", body)}


def push_and_die(app: App, given: dict[str, Any], number: int) -> Any:
    die_at(app, number + 1)
    return Client(app, given["token"]).post("/api/v1/sync/push", given["bodies"][number])


def die_everywhere(url: str, folder: Path) -> None:
    """Let a server die at each place of a push in turn, and write `report`: what was pushed, and each of its lives."""
    app = create_app(settings_for(url, folder))
    app.testing = True
    assert in_another_life(lambda: prepare(app), folder / "given")
    given = json.loads((folder / "given").read_text())
    lives = []
    for number in range(MOST):
        survived = in_another_life(lambda number=number: push_and_die(app, given, number), folder / "first")
        assert in_another_life(lambda number=number: push(app, given, number), folder / "second")
        lives.append({"survived": survived, **json.loads((folder / "second").read_text())})
        if survived:
            break
    (folder / "report").write_text(json.dumps(given | {"lives": lives}))
