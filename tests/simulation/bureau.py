"""What supervisors and the house do in a schedule: each begins a verb of `office.py`, if there is anything for it."""

from collections.abc import Callable, Collection
from typing import Any

from tests.simulation import office

TASKS = 7


class Bureau:
    def __init__(self, world) -> None:
        self.world, self.random, self.did, self.server = world, world.random, world.did, world.server
        self.forms = 1

    def do(self, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self.did[verb.__name__] += 1
        self.world.told("bureau", f"{verb.__name__} {' '.join(self.named(each) for each in args)}")
        return self.server.begin(verb.__name__, verb, *args, **more)

    def named(self, value: Any) -> str:
        return self.world.names.get(str(value), str(value))

    def some(self, table: str, *, state: Collection[str] = ()) -> Any:
        rows = self.server.database.tables[table]
        names = sorted(name for name, row in rows.items() if not state or row.state in state)
        return self.random.choice(names) if names else None

    def open_task(self) -> None:
        if len(self.server.database.tables["task"]) >= TASKS:
            return
        people = self.random.sample(self.world.people, self.random.choice((1, 2, 2)))
        thing = f"object-{self.random.randint(1, 3)}"
        self.do(
            office.open_task, self.world.new_id("task"), thing, people, attested=self.random.random() < 0.5
        )

    def reassign(self) -> None:
        task = self.some("task", state=("assigned", "open"))
        if task is not None:
            people = self.random.sample(self.world.people, self.random.choice((1, 2)))
            self.do(office.reassign, task, people)

    def withdraw(self) -> None:
        task = self.some("task", state=("assigned", "open"))
        if task is not None:
            self.do(office.withdraw, task)

    def review(self) -> None:
        record = self.some("record", state=("under_review",))
        if record is not None:
            verb = office.return_record if self.random.random() < 0.5 else office.finish_record
            self.do(verb, record)

    def admit(self) -> None:
        revisions = self.server.database.tables["revision"]
        held = sorted(rev for rev, row in revisions.items() if row.status == "quarantined")
        if held:
            self.do(office.admit, self.random.choice(held))

    def publish_form(self) -> None:
        self.forms += 1
        self.do(office.publish_form, str(self.forms))

    def change_list(self) -> None:
        channels = self.random.sample(("north", "south"), self.random.randint(0, 2))
        self.do(office.change_list, self.random.choice(("mines", "markers")), channels)

    def move_person(self) -> None:
        channels = ["forms", *self.random.sample(("north", "south"), self.random.randint(0, 2))]
        self.do(office.move, self.random.choice(self.world.people), channels)
