"""The surroundings of one phone: its person, its storage and its faults. All else is `sync.step`.

What is not stored is forgotten; a state is stored before its effects are acted on, as a driver must (R6).
"""

import json
from dataclasses import replace
from typing import Any

from sync import (
    Event,
    PhoneState,
    back_off,
    step,
)
from sync.phone_effects import (
    AskBucket,
    AskDigest,
    AskMedia,
    AskMediaStatus,
    AskPull,
    AskPush,
    AskReoffer,
    AskStatus,
    DropMedia,
    Effect,
)
from sync.phone_events import (
    BucketReplied,
    CacheEvicted,
    DigestReplied,
    EpochRefused,
    Held,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaStored,
    PageArrived,
    Pruned,
    PullReset,
    PushReplied,
    Refused,
    Released,
    ReofferReplied,
    Sealed,
    StatusReplied,
    Throttled,
    Woken,
)
from sync.phone_outbox import given_back
from sync.phone_state import HeldItem
from sync.phone_storage import state_as_json, state_from_json
from tests.simulation.fieldwork import Fieldworker
from tests.simulation.network import Message
from tests.simulation.reading import entity_id, read_cursor
from tests.simulation.server import MORNING

CHUNK = 4
KINDS = {
    "pull": "pull",
    "push": "push",
    "reoffer": "reoffer",
    "status": "status",
    "digest": "digest",
    "bucket": "digest",
    "chunk": "media",
    "file_status": "media_status",
    "fetch": "pull",
}
"""What the phone calls the requests of each kind of message."""
NEWS = {"stored": MediaStored, "durable": MediaDurable, "absent": MediaAbsent}


class Phone:
    def __init__(self, world, name: str, person: str) -> None:
        self.world, self.random, self.swarm = world, world.random, world.swarm
        self.name, self.person = name, person
        self.device = world.new_id("device")
        self.state = PhoneState()
        self.snapshot = (self.state, 0)
        self.step = world.mutated("step", step)
        self.files: dict[str, bytes] = {}
        self.offsets: dict[str, int] = {}
        self.clock = 0.0
        self.is_signed_out = self.is_damaged = False
        self.full_until = 0
        self.lost: set[str] = set()
        """Revisions that a fault took from this phone."""
        self.made = 0
        self.fieldworker = Fieldworker(self)
        self.is_old = self.random.random() < 0.3
        """Whether the app is an old one that knows only the first version of the form."""

    # What happens to it

    def happens(self, event: Event) -> bool:
        """Let something happen, store what came of it, act on it; say whether it was stored."""
        before = self.state
        after, effects = self.step(before, event)
        if after is not before:
            if self.world.step_number < self.full_until:
                self.world.faults["storage full"] += 1
                return False
            if self.world.chance("crash_while_storing", 0.04):
                self.world.faults["phone crash while storing"] += 1
                self.state = self.world.half_stored(before, after, event)
                self.crash()
                return False
            self.state = after
            self._watch_cursor(before, after)
            if self.world.chance("crash_while_storing", 0.02):
                self.world.faults["phone crash after storing"] += 1
                self.crash()
                return True
        if self.world.journal is not None:
            self.world.told(self.name, self.world.describe_event(event, before, after, effects))
        for effect in effects:
            self._ask(effect)
        return True

    def crash(self) -> None:
        """End the app: what is not stored is forgotten, and so are answers under way."""
        self.offsets.clear()
        self.world.network.forget_replies(self.name)

    def roll_back(self) -> None:
        """Put an older copy of the storage in place, as a phone's own backup does."""
        before = self.holds()
        self.state, self.made = self.snapshot
        self.crash()
        lost = before - self.holds()
        self.lost |= lost
        self.world.lost_on_phone(lost)

    def holds(self) -> set[str]:
        """Name the revisions whose bytes are on this phone, own and others'."""
        return {op.rev for op in self.state.ops if op.kind == "revision"} | self.state.held.keys()

    def update_app(self) -> None:
        """Begin anew from what was written, with a full outbox: nothing of the state may be lost by it."""
        again = state_from_json(json.loads(json.dumps(state_as_json(self.state))))
        assert again == self.state, "what was stored reads back as it was"
        self.state = again
        self.is_old = False
        self.crash()

    def wake(self) -> None:
        """Be online and have time."""
        if self.state.epoch is None or (self.state.blocked and self.random.random() < 0.5):
            self.send("login", None)
        else:
            self.happens(Woken(self.milliseconds()))

    def milliseconds(self) -> int:
        """Read the phone's clock, which is wrong."""
        return int((MORNING.timestamp() + self.world.now + self.clock) * 1000)

    def hold_others(self) -> None:
        """Fetch what somebody else sealed of a record that is shown here, to give it back after a restore."""
        if self.random.random() < 0.3:
            self.take_parcel(self.random.choice(self.world.phones))
            return
        records = self.state.of_kind("record")
        own = {op.rev for op in self.state.ops} | self.state.held.keys()
        known = sorted(
            (name, rev) for name, each in records.items() for rev in each.body["heads"] if rev not in own
        )
        if known:
            self.send("fetch", (self.state.epoch, *self.random.choice(known)))
        elif self.state.held:
            self.happens(Released(self.random.choice(sorted(self.state.held))))

    def take_parcel(self, other: "Phone") -> None:
        """Take what another phone could not send, with its files; it goes under an id of who brings it."""
        for op in other.state.outbox:
            if op.kind != "revision" or op.record is None:
                continue
            files = tuple(sha for sha in op.media if sha in other.files)
            # What is here may have come without its files, which it takes along now.
            if not any(each.rev == op.rev and {*files} <= {*each.media} for each in self.state.ops):
                item = {name: value for name, value in op.item.items() if name != "op"}
                self.files |= {sha: other.files[sha] for sha in files}
                self.happens(Sealed(given_back(self.state, op.rev, HeldItem(op.record, item), files)))
                self.world.did["revisions brought"] += 1

    def prune(self) -> None:
        """Let go of something, if it may go."""
        held = len(self.state.ops)
        for op in self.random.sample(self.state.ops, min(3, held)):
            self.happens(Pruned(op.op, self.milliseconds()))
        self.world.did["operations pruned"] += held - len(self.state.ops)

    def damage(self) -> None:
        """Lose or spoil something that was shown, or show what is gone, as a bad flash cell or a bug may."""
        view = self.state.view
        if not view.entities:
            return
        self.is_damaged = True
        entities = dict(view.entities)
        if view.withdrawn and self.random.random() < 0.6:
            entities |= view.withdrawn
        elif self.random.random() < 0.5:
            del entities[self.random.choice(sorted(entities))]
        else:
            key = self.random.choice(sorted(entities))
            held = entities[key]
            via = {each: n - 1 for each, n in held.via.items()}
            entities[key] = replace(held, n=held.n - 1, body={**held.body, "spoilt": True}, via=via)
        self.state = replace(self.state, view=replace(view, entities=entities))

    def evict(self) -> None:
        self.happens(CacheEvicted())

    def unrest(self) -> dict[str, Any]:
        """Say what is left to do on a phone that has had every chance."""
        state = self.state
        left = {
            "outbox": [op.kind for op in state.outbox],
            "to re-offer": sorted(state.to_reoffer),
            "unconfirmed": sorted(state.unconfirmed),
            "sweep": state.need_sweep,
            "files": sorted(state.media_wanted | state.media_unsure),
            "buckets": sorted(state.to_repair),
            "blocked": state.blocked,
            "no person": state.user is None,
        }
        return {name: each for name, each in left.items() if each}

    def is_at_rest(self) -> bool:
        return not self.unrest()

    def _watch_cursor(self, before: PhoneState, after: PhoneState) -> None:
        if (
            None in (before.cursor, after.cursor)
            or before.epoch != after.epoch
            or before.cursor == after.cursor
        ):
            return
        old, new = read_cursor(before.cursor), read_cursor(after.cursor)
        both = old.channels.keys() & new.channels.keys()
        if old.epoch == new.epoch and (
            new.position < old.position or any(new.channels[each] < old.channels[each] for each in both)
        ):
            self.world.violated("I9", f"{self.name} went back from {old} to {new}")

    # What it asks, and what it hears

    def send(self, kind: str, body: Any) -> None:
        self.world.network.send(Message(True, self.name, kind, body))

    def _ask(self, effect: Effect) -> None:
        self.state = self.world.sent(self.state, effect)
        match effect:
            case AskPull():
                self.send("pull", (effect.epoch, effect.cursor))
            case AskPush():
                self.send("push", (effect.epoch, effect.ops))
            case AskReoffer():
                self.send("reoffer", (effect.epoch, effect.revs))
            case AskStatus():
                self.send("status", (effect.epoch, effect.ops))
            case AskDigest():
                self.send("digest", (effect.epoch, effect.cursor))
            case AskBucket():
                self.send("bucket", (effect.epoch, effect.cursor, effect.bucket))
            case AskMedia():
                for sha in effect.sha256s[:2]:
                    self._send_chunk(sha)
            case AskMediaStatus():
                self.send("file_status", (effect.epoch, effect.sha256s))
            case DropMedia():
                for sha in effect.sha256s:
                    self.files.pop(sha, None)

    def _send_chunk(self, sha: str) -> None:
        data = self.files.get(sha)
        if data is None:
            # An older copy of the state wants what was sent and let go of since; the server knows.
            self._ask(AskMediaStatus(self.state.epoch or "", (sha,)))
            return
        offset = self.offsets.get(sha, 0)
        piece = data[offset : offset + CHUNK]
        self.send("chunk", (self.state.epoch, sha, offset, piece, len(data)))

    def hears(self, reply: Message) -> None:
        """Take an answer, whenever it comes."""
        match reply.kind:
            case "page":
                self.happens(PageArrived(*reply.asked, reply.body))
            case "reset":
                reason, epoch = reply.body
                self.happens(PullReset(*reply.asked, epoch, reason))
            case "outcomes":
                self.happens(PushReplied(reply.asked[0], reply.body))
            case "refused":
                self.happens(EpochRefused(reply.asked[0], reply.body))
            case "missing":
                epoch, missing = reply.body
                self.happens(ReofferReplied(reply.asked[0], epoch, reply.asked[1], missing))
            case "statuses":
                self.happens(StatusReplied(reply.asked[0], reply.body))
            case "fetched":
                self.happens(Held(reply.asked[0], entity_id(reply.asked[1]), reply.body))
            case "digest":
                self.happens(DigestReplied(*reply.asked, reply.body))
            case "bucket":
                self.happens(BucketReplied(*reply.asked, reply.body))
            case "login":
                epoch, limits = reply.body
                self.happens(LoggedIn(self.person, epoch, limits))
            case "refused with a status":
                kind, status, ops = reply.body
                if self.happens(Refused(reply.asked[0], KINDS[kind], status, ops)) and status == 401:
                    self.send("login", None)
            case "busy":
                failures = self.state.failures.get(KINDS[reply.body], 0) + 1
                wait = back_off(failures, self.random.random(), 1000)
                self.happens(Throttled(KINDS[reply.body], self.milliseconds() + wait))
            case "files":
                for sha, state in reply.body:
                    self.happens(NEWS[state](sha, reply.asked[0]))
            case "stored":
                if self.happens(MediaStored(reply.body, reply.asked[0])):
                    self.offsets.pop(reply.body, None)
            case "offset":
                sha, offset = reply.body
                self.offsets[sha] = offset
                if sha in self.state.media_wanted:
                    self._send_chunk(sha)
