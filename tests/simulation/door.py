"""Where messages arrive: requests at the server, answers at a phone."""

import base64
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sync import BadEnvelope, Push, PushItem, SealedOp, read_push, read_push_bytes
from sync.strict_json import write_object
from tests.simulation import reading
from tests.simulation.fieldwork import KEY
from tests.simulation.network import Message
from tests.simulation.phone import Phone
from tests.simulation.pushing import take_push
from tests.simulation.server import store_file


class Door:
    def __init__(self, world) -> None:
        self.world, self.random, self.server = world, world.random, world.server
        self.swarm, self.faults, self.did = world.swarm, world.faults, world.did
        self.items: dict[tuple[UUID, str], PushItem] = {}

    def arrive(self, message: Message) -> None:
        phone = self.world.by_name[message.phone]
        if not message.asks:
            self.world.told("network", str(message))
            phone.hears(message)
            return
        self.world.told("network", str(message))
        if phone.is_signed_out and message.kind != "login":
            self.answer(message, "refused with a status", (message.kind, 401, ()))
            return
        if message.kind != "login" and self.world.chance("server_busy", 0.06):
            self.faults["server busy"] += 1
            self.answer(message, "busy", message.kind)
            return
        getattr(self, f"_take_{message.kind}")(message, phone)

    def answer(self, message: Message, kind: str, body: Any) -> None:
        self.world.network.send(Message(False, message.phone, kind, body, asked=message.body))

    def _take_login(self, message: Message, phone: Phone) -> None:
        phone.is_signed_out = False
        limits = {"push_items": self.swarm.batch, "retention_days": self.swarm.retention}
        self.answer(message, "login", (self.server.epoch, limits))

    def _take_pull(self, message: Message, phone: Phone) -> None:
        self.did["pulls"] += 1
        self.answer(
            message, *reading.pull(self.server, phone.person, message.body[1], may_be_quiet=not phone.is_old)
        )

    def _take_digest(self, message: Message, phone: Phone) -> None:
        self.did["digests"] += 1
        self.answer(message, *reading.sums(self.server, phone.person, message.body[1]))

    def _take_bucket(self, message: Message, phone: Phone) -> None:
        self.did["buckets repaired"] += 1
        _, cursor, number = message.body
        if not phone.is_damaged:
            self.world.violated(
                "I3", f"bucket {number} differs on {phone.name} though nothing spoilt what it shows"
            )
        self.answer(message, *reading.bucket(self.server, phone.person, cursor, number))

    def _take_fetch(self, message: Message, _phone: Phone) -> None:
        """Give the bytes of a revision and the signature over them."""
        row = self.server.database.tables["revision"].get(message.body[2])
        if row is not None and row.sig is not None:
            self.did["revisions of others fetched"] += 1
            data = base64.b64encode(row.data).decode()
            item = {"kind": "revision", "rev": message.body[2], "bytes": data}
            self.answer(message, "fetched", item | {"alg": "ES256", "key": KEY, "sig": row.sig})

    def _take_status(self, message: Message, phone: Phone) -> None:
        self.answer(message, "statuses", reading.statuses(self.server, phone.person, message.body[1]))

    def _take_file_status(self, message: Message, _phone: Phone) -> None:
        self.answer(message, "files", [(sha, self.server.file_state(sha)) for sha in message.body[1]])

    def _take_reoffer(self, message: Message, _phone: Phone) -> None:
        self.did["re-offers"] += 1
        missing = reading.missing_revisions(self.server, message.body[1])
        self.answer(message, "missing", (self.server.epoch, missing))

    def _take_chunk(self, message: Message, phone: Phone) -> None:
        _, sha, offset, data, total = message.body
        if message.is_cut:
            data = data[: self.random.randrange(len(data))]
        kind, body = self.server.take_chunk(phone.name, sha, offset, data, total)
        if kind == "stored":
            self.server.begin("store file", store_file, sha, done=lambda _: self.answer(message, kind, sha))
        elif not message.is_cut:
            self.answer(message, kind, body)

    def _take_push(self, message: Message, phone: Phone) -> None:
        self.did["pushes"] += 1
        epoch, ops = message.body
        body = {
            "epoch": epoch,
            "batch": str(self.world.new_id("batch")),
            "items": [dict(op.item) for op in ops],
        }
        if message.is_cut:
            self._take_cut_push(body)
            if self.random.random() < 0.5:
                ops_sent = tuple(op.op for op in ops)
                self.answer(message, "refused with a status", (message.kind, 400, ops_sent))
            return
        given = self.read_push(body, ops)

        def done(outcomes: Any) -> None:
            if outcomes is None:
                self.answer(message, "refused", self.server.epoch)
                return
            for outcome in outcomes:
                self.did[f"answered {outcome.outcome}{' again' if outcome.replayed else ''}"] += 1
                if outcome.seq is not None:
                    self.world.promised[outcome.op] = outcome
            self.answer(
                message, "outcomes", {"epoch": given.epoch, "items": [each.as_json() for each in outcomes]}
            )

        def refused() -> None:
            self.did["pushes refused that crossed another"] += 1
            self.answer(message, "busy", message.kind)

        name = f"push of {phone.name}"
        self.server.begin(name, take_push, phone.person, given, done=done, refused=refused)

    def read_push(self, body: dict[str, Any], ops: Collection[SealedOp]) -> Push:
        """Read a push; one of items that were all read before is put together from what was read."""
        names = [(op.op, op.content) for op in ops]
        if not all(name in self.items for name in names):
            self.items |= dict(zip(names, read_push(body).items, strict=True))
        return Push(body["epoch"], UUID(body["batch"]), tuple(self.items[name] for name in names))

    def _take_cut_push(self, body: dict[str, Any]) -> None:
        """A body that is cut anywhere does nothing."""
        data = write_object(body)
        try:
            read_push_bytes(data[: self.random.randrange(len(data))])
        except BadEnvelope:
            return
        self.world.violated("cut", "a push that was cut was read")
