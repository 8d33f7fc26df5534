"""What a person in the field does with a phone: drafts, seals, goes on from what the phone shows, co-signs."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sync import Drafted, MediaEntry, Revision, RevisionTime, Sealed, SealedOp, seal_revision
from sync.item import read_item
from tests.simulation.accepting import CO_INSPECTOR, POISON
from tests.simulation.office import FORM
from tests.simulation.reading import entity_id
from tests.simulation.server import MORNING

OPS = UUID("5e7d7c31-0000-4000-8000-000000000000")
KEY = "k:" + "A" * 43


class Fieldworker:
    def __init__(self, phone) -> None:
        self.phone, self.person = phone, phone.person
        self.world, self.random, self.swarm = phone.world, phone.random, phone.swarm

    def work(self) -> None:
        """Do something that a person in the field does."""
        if self.phone.state.user is None:
            return
        chance = self.random.random()
        records = self.phone.state.of_kind("record")
        if self.world.chance("attest", 0.12) and records and self.attest(records):
            return
        if chance < 0.2:
            tasks = self.tasks()
            if tasks:
                self.phone.happens(Drafted(self.world.new_id("record"), self.random.choice(tasks)))
        elif chance < 0.6 or not records:
            drafts = list(self.phone.state.drafts.items())
            tasks = self.tasks()
            if drafts and self.random.random() < 0.7:
                self.seal(*self.random.choice(drafts), ())
            elif tasks:
                self.seal(self.world.new_id("record"), self.random.choice(tasks), ())
        else:
            self.amend(records)

    def tasks(self) -> list[UUID]:
        keys = [
            key
            for key in (*self.phone.state.view.entities, *self.phone.state.view.withdrawn)
            if key[0] == "task"
        ]
        return [entity_id(name) for _, name in sorted(keys)]

    def amend(self, records: dict[str, Any]) -> None:
        """Go on from the newest that this phone knows of a record; that resolves a conflict it was shown."""
        name = self.random.choice(sorted(records))
        body, record = records[name].body, entity_id(name)
        mine = [op.rev for op in self.phone.state.outbox if op.kind == "revision" and op.record == record]
        parents = (mine[-1],) if mine else tuple(body["heads"])
        self.seal(record, entity_id(body["task"]), parents)

    def seal(self, record: UUID, task: UUID, parents: tuple[str, ...]) -> None:
        if self.world.chance("newer_app", 0.05):
            self.keep(self.strange_op())
            return
        is_newer = self.world.chance("newer_app", 0.1)
        form = self.phone.state.view.entities.get(("form", FORM))
        version = "1" if form is None or self.phone.is_old else form.body["version"]
        poison = self.world.chance("poison", 0.1)
        files = [self.take_photo()] if self.random.random() < self.swarm.photos else []
        wall = MORNING + timedelta(seconds=self.world.now + self.phone.clock)
        revision = Revision(
            record=record,
            parents=parents[:16],
            task=task,
            form=FORM,
            form_version="9" if is_newer and self.random.random() < 0.6 else version,
            author=self.person,
            device=self.phone.device,
            dev_seq=self.phone.state.dev_seq + 1,
            prev_dev_rev=self.phone.state.last_rev,
            time=RevisionTime(wall),
            position=None,
            xml=POISON if poison else f"<d>{self.random.getrandbits(40)}</d>",
            media=tuple(MediaEntry(f"{sha[:8]}.jpg", sha, len(data), "image/jpeg") for sha, data in files),
            v=2 if is_newer and self.random.random() < 0.3 else 1,
        )
        op = seal_revision(revision, op=self.new_op())
        signature = {"alg": "ES256", "key": KEY, "sig": self.person}
        self.keep(replace(op, item={**op.item, **signature}))

    def take_photo(self) -> tuple[str, bytes]:
        data = self.random.randbytes(self.random.randint(1, 11))
        sha = hashlib.sha256(data).hexdigest()
        self.phone.files[sha] = data
        return sha, data

    def attest(self, records: dict[str, Any]) -> bool:
        known = sorted(
            name
            for name, each in records.items()
            if len(each.body["heads"]) == 1 and each.body["state"] == "open"
        )
        if not known:
            return False
        name = self.random.choice(known)
        rev = records[name].body["heads"][0]
        item = {
            "kind": "attest",
            "rev": rev,
            "role": CO_INSPECTOR,
            "alg": "ES256",
            "key": KEY,
            "sig": self.phone.name,
        }
        self.keep(self.op_of(item, entity_id(name), entity_id(records[name].body["task"])))
        return True

    def strange_op(self) -> SealedOp:
        """Make what an app that is newer than the server sends: an operation of an unknown kind."""
        return self.op_of({"kind": "note", "text": f"{self.random.getrandbits(40)}"}, None, None)

    def op_of(self, item: dict[str, Any], record: UUID | None, task: UUID | None) -> SealedOp:
        item = {"op": str(self.new_op()), **item}
        read = read_item(item)
        return SealedOp(read.op, read.kind, item.get("rev", ""), read.content, item, record, task)

    def new_op(self) -> UUID:
        self.phone.made += 1
        return (
            uuid5(OPS, f"{self.phone.device} {self.phone.made}")
            if self.swarm.counted_ops
            else self.world.new_id("op")
        )

    def keep(self, op: SealedOp) -> None:
        if self.phone.happens(Sealed(op)):
            self.world.was_sealed(self.phone, op)
