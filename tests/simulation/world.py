"""One schedule: everything that happens follows from its seed.

A step is one thing that somebody does: a statement of the server, a message that arrives, a person at work, a fault.
Afterwards the world heals and must come to rest; then the invariants are checked.
"""

import base64
import traceback
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock
from uuid import UUID

import sync.phone
from sync import BadEnvelope, PhoneState, Push, PushItem, SealedOp, read_push, read_push_bytes
from sync.strict_json import write_object
from tests.simulation import office, reading
from tests.simulation.invariants import check_all
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.network import Message, Network
from tests.simulation.phone import KEY, Phone
from tests.simulation.pushing import take_push
from tests.simulation.server import Server, store_file
from tests.simulation.swarm import Swarm

CHANNELS = ("forms", "north", "south")
ROUNDS = 14
MESSAGES = 4000
TEN_MINUTES, A_DAY = 600.0, 25 * 3600.0
"""Bounds of healing: rounds in which every phone wakes, and messages in one of them."""

Journal = Callable[[int, str, str], None]


@dataclass(frozen=True)
class Violation:
    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass
class Result:
    """What came of one schedule."""

    seed: int
    steps: int
    faults: Counter[str]
    did: Counter[str]
    violations: list[Violation] = field(default_factory=list)


class Broken(Exception):
    """The schedule need not go on: something is wrong already."""


class World:
    def __init__(
        self,
        seed: int,
        mutants: Collection[str] = (),
        *,
        shaped_by: Collection[str] = (),
        journal: Journal | None = None,
    ) -> None:
        self.seed, self.random, self.journal = seed, Random(seed), journal
        self.mutants: tuple[Mutant, ...] = tuple(MUTANTS[name] for name in sorted(mutants))
        self._errors = frozenset(mutants)
        self.faults: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self.violations: list[Violation] = []
        self.swarm = _draw_swarm(self.random, [MUTANTS[name] for name in sorted({*mutants, *shaped_by})])
        self.is_healing = False
        self.now = 0.0
        self.statements = self.step_number = self.ids = 0
        self.names: dict[str, str] = {}
        self.sealed: dict[str, tuple[Phone, SealedOp]] = {}
        """Every revision that was sealed and stored on a phone."""
        self.promised: dict[UUID, Any] = {}
        """What the server answered about operations, unless a restore took it back."""
        self.excused: set[str] = set()
        """Revisions of which a fault took the phone's copy and the server's: out of the fault model."""
        self.items: dict[tuple[UUID, str], PushItem] = {}
        self.taken_back: set[str] = set()
        """Revisions that a restore took from the server."""
        self.network = Network(self.swarm, self.random, self.faults)
        self.server = Server(self)
        self.phones = [Phone(self, f"phone{n}", f"u{n}") for n in range(1, self.swarm.phones + 1)]
        self.by_name = {phone.name: phone for phone in self.phones}
        self.people = [phone.person for phone in self.phones]
        self.forms = 1
        self._actions = self._weigh()
        self._begin()

    # For those who take part

    def errs(self, *names: str) -> bool:
        """Say whether one of these seeded bugs is in."""
        return any(name in self._errors for name in names)

    def mutated(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a production function, wrapped by the seeded bugs that sit around it."""
        for mutant in self.mutants:
            if mutant.around == name and mutant.wrap is not None:
                function = mutant.wrap(function)
        return function

    def chance(self, feature: str, usual: float) -> bool:
        """Say whether something happens here that a schedule may leave out."""
        rate = self.swarm.rate(feature)
        return bool(rate) and not self.is_healing and self.random.random() < usual * min(rate, 2.0)

    def new_id(self, kind: str) -> UUID:
        self.ids += 1
        name = UUID(int=self.random.getrandbits(128), version=4)
        self.names[str(name)] = f"{kind}-{self.ids}"
        return name

    def told(self, who: str, what: str) -> None:
        if self.journal is not None:
            self.journal(self.step_number, who, what)

    def violated(self, invariant: str, what: str) -> None:
        self.violations.append(Violation(invariant, what))
        raise Broken

    def describe_event(self, event: Any, before: PhoneState, after: PhoneState, effects: Collection[Any]) -> str:
        asks = ", ".join(type(effect).__name__ for effect in effects)
        duties = f"{' reoffer' if after.need_reoffer else ''}{' sweep' if after.need_sweep else ''}"
        state = f"outbox {len(after.outbox)}, shows {len(after.view.entities)}, duties{duties or ' none'}"
        change = "" if after is not before else " (nothing changes)"
        return f"{type(event).__name__}{change}: {state}{'; asks: ' + asks if asks else ''}"

    # Hooks of mutants around a phone's driver

    def half_stored(self, before: PhoneState, after: PhoneState, event: Any) -> PhoneState:
        """Give what a crash in the middle of storing leaves: the state before, as one transaction does."""
        for mutant in self.mutants:
            if mutant.half_stored is not None:
                before = mutant.half_stored(before, after, event)
        return before

    def sent(self, state: PhoneState, effect: Any) -> PhoneState:
        for mutant in self.mutants:
            if mutant.sent is not None:
                state = mutant.sent(state, effect)
        return state

    # Truth, to compare with

    def was_sealed(self, phone: Phone, op: SealedOp) -> None:
        self.did["operations sealed"] += 1
        if op.kind == "revision":
            self.sealed[op.rev] = (phone, op)

    def lost_on_phone(self, revs: Collection[str]) -> None:
        held = self.server.database.tables["revision"]
        self.excused |= {rev for rev in revs if rev not in held and self._is_nowhere(rev)}

    def lost_on_server(self, held_before: Collection[str]) -> None:
        held = self.server.database.tables["revision"]
        gone = {rev for rev in held_before if rev not in held and rev in self.sealed}
        self.did["revisions lost with a database"] += len(gone)
        self.taken_back |= gone
        self.excused |= {rev for rev in gone if rev in self.sealed[rev][0].lost and self._is_nowhere(rev)}

    def _is_nowhere(self, rev: str) -> bool:
        return not any(rev in phone.holds() for phone in self.phones)

    # The schedule

    def run(self) -> Result:
        limits = {"MAX_REOFFER": self.swarm.reoffer, "MAX_STATUS": self.swarm.reoffer}
        patches = [mock.patch.object(sync.phone, name, value) for name, value in limits.items()]
        for patch in patches:
            patch.start()
        try:
            self._run()
        except Broken:
            pass
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"
            self.violations.append(Violation("error", what))
        finally:
            for patch in patches:
                patch.stop()
        return Result(self.seed, self.step_number, self.faults, self.did, self.violations)

    def _run(self) -> None:
        self.told("world", str(self.swarm))
        weights = [weight for weight, _ in self._actions]
        actions = self.random.choices(self._actions, weights, k=self.swarm.steps)
        for _, action in actions:
            self.step_number += 1
            self.now += self.random.random() * 60
            action()
            if self.server.running and not any(each.may_go_on() for each in self.server.running):
                waits = ", ".join(f"{each.name} for {each.waiting}" for each in self.server.running)
                self.violated("deadlock", f"every transaction waits for another: {waits}")
        self._heal()
        check_all(self)

    def _begin(self) -> None:
        self.network.is_reliable = True
        for person in self.people:
            self.server.database.tables["person"][person] = frozenset(("forms", "north"))
        self._do(office.publish_form, "1")
        self._do(office.change_list, "mines", ("north", "south"))
        for _ in range(self.random.randint(2, 3)):
            self._open_task()
        self._finish_running()
        for phone in self.phones:
            phone.wake()
        self._deliver_all()
        self.network.is_reliable = False

    def _do(self, verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self.did[verb.__name__] += 1
        self.told("bureau", f"{verb.__name__} {' '.join(self._named(each) for each in args)}")
        return self.server.begin(verb.__name__, verb, *args, **more)

    def _named(self, value: Any) -> str:
        return self.names.get(str(value), str(value))

    def _weigh(self) -> list[tuple[float, Callable[[], None]]]:
        """List what may happen in a step with its weight: what always may, and what this seed switched on."""
        always = [
            (50.0, self._deliver),
            (30.0, self._serve),
            (20.0, self._wake),
            (8.0, self._work),
            (1.0, self._open_task),
            (1.0, self._remember_head),
        ]
        features = {
            "reassign": self._reassign,
            "withdraw": self._withdraw,
            "review": self._review,
            "admit": self._admit,
            "publish_form": self._publish_form,
            "change_list": self._change_list,
            "move_person": self._move_person,
            "phone_crash": self._phone_crash,
            "storage_rolled_back": self._roll_back,
            "cache_evicted": self._evict,
            "quota_full": self._fill_storage,
            "app_updated": self._update_app,
            "token_expired": self._expire_token,
            "clock_jump": self._jump_clock,
            "partition": self._part,
            "view_damaged": self._damage_view,
            "night": self._sleep,
            "prune": self._prune,
            "hold_others": lambda: self.random.choice(self.phones).hold_others(),
            "server_crash": self._crash_server,
            "backup": self._back_up,
            "restore": self._restore,
            "restart": self._restart,
            "purge": self._purge,
        }
        return always + [
            (self.swarm.rate(name), action) for name, action in features.items() if self.swarm.rate(name)
        ]

    # Steps

    def _serve(self) -> None:
        """Let one transaction go on for a few statements."""
        ready = self.server.runnable()
        if ready:
            request = self.random.choice(ready)
            for _ in range(self.random.randint(1, 8)):
                if request in self.server.running and request.may_go_on():
                    self.server.advance(request)

    def _finish_running(self) -> None:
        while self.server.running:
            ready = self.server.runnable()
            if not ready:
                self.violated("deadlock", "transactions wait for each other")
            self.server.advance(self.random.choice(ready))

    def _wake(self) -> None:
        self.random.choice(self.phones).wake()

    def _work(self) -> None:
        self.random.choice(self.phones).work()

    def _deliver(self) -> None:
        for _ in range(self.random.choice((1, 2, 3))):
            message = self.network.take()
            if message is not None:
                self._arrive(message)

    def _deliver_all(self) -> None:
        for _ in range(MESSAGES):
            message = self.network.take()
            if message is None and not self.server.running:
                return
            if message is not None:
                self._arrive(message)
            if self.server.running and (message is None or self.random.random() < 0.5):
                self._finish_running()
        self.violated("liveness", f"after {MESSAGES} messages there are always more")

    def _arrive(self, message: Message) -> None:
        phone = self.by_name[message.phone]
        if not message.asks:
            self.told("network", str(message))
            phone.hears(message)
            return
        self.told("network", str(message))
        if phone.is_signed_out and message.kind != "login":
            self._answer(message, "refused with a status", (message.kind, 401, ()))
            return
        if message.kind != "login" and self.chance("server_busy", 0.06):
            self.faults["server busy"] += 1
            self._answer(message, "busy", message.kind)
            return
        getattr(self, f"_take_{message.kind}")(message, phone)

    def _answer(self, message: Message, kind: str, body: Any) -> None:
        self.network.send(Message(False, message.phone, kind, body, asked=message.body))

    # Requests at the server

    def _take_login(self, message: Message, phone: Phone) -> None:
        phone.is_signed_out = False
        limits = {"push_items": self.swarm.batch, "retention_days": self.swarm.retention}
        self._answer(message, "login", (self.server.epoch, limits))

    def _take_pull(self, message: Message, phone: Phone) -> None:
        self.did["pulls"] += 1
        self._answer(message, *reading.pull(self.server, phone.person, message.body[1]))

    def _take_digest(self, message: Message, phone: Phone) -> None:
        self.did["digests"] += 1
        self._answer(message, *reading.sums(self.server, phone.person, message.body[1]))

    def _take_bucket(self, message: Message, phone: Phone) -> None:
        self.did["buckets repaired"] += 1
        _, cursor, number = message.body
        if not phone.is_damaged:
            self.violated("I3", f"bucket {number} differs on {phone.name} though nothing spoilt what it shows")
        self._answer(message, *reading.bucket(self.server, phone.person, cursor, number))

    def _take_fetch(self, message: Message, _phone: Phone) -> None:
        """Give the bytes of a revision and the signature over them."""
        row = self.server.database.tables["revision"].get(message.body[2])
        if row is not None and row.sig is not None:
            self.did["revisions of others fetched"] += 1
            data = base64.b64encode(row.data).decode()
            item = {"kind": "revision", "rev": message.body[2], "bytes": data}
            self._answer(message, "fetched", item | {"alg": "ES256", "key": KEY, "sig": row.sig})

    def _take_status(self, message: Message, phone: Phone) -> None:
        self._answer(message, "statuses", reading.statuses(self.server, phone.person, message.body[1]))

    def _take_file_status(self, message: Message, _phone: Phone) -> None:
        self._answer(message, "files", [(sha, self.server.file_state(sha)) for sha in message.body[1]])

    def _take_reoffer(self, message: Message, _phone: Phone) -> None:
        self.did["re-offers"] += 1
        missing = reading.missing_revisions(self.server, message.body[1])
        self._answer(message, "missing", (self.server.epoch, missing))

    def _take_chunk(self, message: Message, phone: Phone) -> None:
        _, sha, offset, data, total = message.body
        if message.is_cut:
            data = data[: self.random.randrange(len(data))]
        kind, body = self.server.take_chunk(phone.name, sha, offset, data, total)
        if kind == "stored":
            self.server.begin("store file", store_file, sha, done=lambda _: self._answer(message, kind, sha))
        elif not message.is_cut:
            self._answer(message, kind, body)

    def _take_push(self, message: Message, phone: Phone) -> None:
        self.did["pushes"] += 1
        epoch, ops = message.body
        body = {"epoch": epoch, "batch": str(self.new_id("batch")), "items": [dict(op.item) for op in ops]}
        if message.is_cut:
            self._take_cut_push(body)
            if self.random.random() < 0.5:
                ops_sent = tuple(op.op for op in ops)
                self._answer(message, "refused with a status", (message.kind, 400, ops_sent))
            return
        given = self._read_push(body, ops)

        def done(outcomes: Any) -> None:
            if outcomes is None:
                self._answer(message, "refused", self.server.epoch)
                return
            for outcome in outcomes:
                self.did[f"answered {outcome.outcome}{' again' if outcome.replayed else ''}"] += 1
                if outcome.seq is not None:
                    self.promised[outcome.op] = outcome
            self._answer(
                message, "outcomes", {"epoch": given.epoch, "items": [each.as_json() for each in outcomes]}
            )

        self.server.begin(f"push of {phone.name}", take_push, phone.person, given, done=done)

    def _read_push(self, body: dict[str, Any], ops: Collection[SealedOp]) -> Push:
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
        self.violated("cut", "a push that was cut was read")

    # The bureau

    def _some(self, table: str, *, state: Collection[str] = ()) -> Any:
        rows = self.server.database.tables[table]
        names = sorted(name for name, row in rows.items() if not state or row.state in state)
        return self.random.choice(names) if names else None

    def _open_task(self) -> None:
        if len(self.server.database.tables["task"]) >= 7:
            return
        people = self.random.sample(self.people, self.random.choice((1, 2, 2)))
        thing = f"object-{self.random.randint(1, 3)}"
        self._do(office.open_task, self.new_id("task"), thing, people, attested=self.random.random() < 0.5)

    def _reassign(self) -> None:
        task = self._some("task", state=("assigned", "open"))
        if task is not None:
            people = self.random.sample(self.people, self.random.choice((1, 2)))
            self._do(office.reassign, task, people)

    def _withdraw(self) -> None:
        task = self._some("task", state=("assigned", "open"))
        if task is not None:
            self._do(office.withdraw, task)

    def _review(self) -> None:
        record = self._some("record", state=("under_review",))
        if record is not None:
            verb = office.return_record if self.random.random() < 0.5 else office.finish_record
            self._do(verb, record)

    def _admit(self) -> None:
        revisions = self.server.database.tables["revision"]
        held = sorted(rev for rev, row in revisions.items() if row.status == "quarantined")
        if held:
            self._do(office.admit, self.random.choice(held))

    def _publish_form(self) -> None:
        self.forms += 1
        self._do(office.publish_form, str(self.forms))

    def _change_list(self) -> None:
        channels = self.random.sample(("north", "south"), self.random.randint(0, 2))
        self._do(office.change_list, self.random.choice(("mines", "markers")), channels)

    def _move_person(self) -> None:
        channels = ["forms", *self.random.sample(("north", "south"), self.random.randint(0, 2))]
        self._do(office.move, self.random.choice(self.people), channels)

    def _remember_head(self) -> None:
        self.server.remember_head()

    # Faults

    def _fault(self, what: str) -> None:
        self.faults[what] += 1
        self.told("fault", what)

    def _phone_crash(self) -> None:
        self._fault("phone crash")
        self.random.choice(self.phones).crash()

    def _roll_back(self) -> None:
        phone = self.random.choice(self.phones)
        if self.random.random() < 0.5 or phone.snapshot[0].user is None:
            phone.snapshot = phone.state, phone.made
            return
        self._fault("phone storage rolled back")
        phone.roll_back()

    def _evict(self) -> None:
        self._fault("cache evicted")
        self.random.choice(self.phones).evict()

    def _fill_storage(self) -> None:
        self.random.choice(self.phones).full_until = self.step_number + self.random.randint(2, 25)

    def _update_app(self) -> None:
        phone = self.random.choice(self.phones)
        self._fault("app updated with an outbox" if phone.state.outbox else "app updated")
        phone.update_app()

    def _expire_token(self) -> None:
        self._fault("token expired")
        self.random.choice(self.phones).is_signed_out = True

    def _jump_clock(self) -> None:
        self._fault("phone clock jumped")
        self.random.choice(self.phones).clock = self.random.uniform(-1e7, 1e7)

    def _part(self) -> None:
        phone = self.random.choice(self.phones)
        if phone.name in self.network.apart:
            self.network.apart.discard(phone.name)
        else:
            self._fault("partition")
            self.network.apart.add(phone.name)

    def _damage_view(self) -> None:
        self._fault("view damaged")
        self.random.choice(self.phones).damage()

    def _sleep(self) -> None:
        self.told("world", "a night passes")
        self.did["nights"] += 1
        self.now += self.random.uniform(6, 40) * 3600

    def _prune(self) -> None:
        self.random.choice(self.phones).prune()

    def _crash_server(self) -> None:
        if self.server.running:
            self._fault("server crash in a transaction")
        self.server.crash()

    def _restart(self) -> None:
        self._fault("server restarted")
        self.server.remember_head()
        self.server.start_up()

    def _back_up(self) -> None:
        self.server.back_up()

    def _restore(self) -> None:
        backups = self.server.backups
        if not backups:
            return
        # What phones were told is safe in a second copy must be in the copy that is put back.
        backup = backups[-1] if self.swarm.tells_durable else self.random.choice(backups)
        # Without the runbook only the guard can notice, and only what it had noted: see the limits of the model.
        guard = self.server.guard
        is_noticed = guard is not None and guard.high_seq > backup.seq
        runbook = not is_noticed or self.random.random() < 0.5
        self._fault("server restored from a backup" if runbook else "database put back without the runbook")
        held = set(self.server.database.tables["revision"])
        self.server.restore(backup, files_too=self.swarm.files_restored, runbook=runbook)
        self.promised = {op: each for op, each in self.promised.items() if each.seq <= backup.seq}
        self.lost_on_server(held)

    def _purge(self) -> None:
        head = self.server.database.head[0]
        if self.random.random() < 0.5:
            self._fault("tombstone horizon raised")
            self._do(office.raise_horizon, head - self.random.randint(0, 6))
        else:
            self._do(office.purge).is_patient = True

    # Healing

    def _heal(self) -> None:
        """Nothing goes wrong any more: what is under way arrives, and within a bound of rounds all is at rest."""
        self.told("world", "heals")
        self.is_healing = True
        self.network.heal()
        for phone in self.phones:
            phone.full_until = 0
        self._finish_running()
        self._deliver_all()
        for round_number in range(ROUNDS):
            before = [phone.state.view for phone in self.phones]
            was_at_rest = all(phone.is_at_rest() for phone in self.phones)
            # Rests and lost requests end within minutes; who has nothing to do is checked a day later.
            self.now += A_DAY if was_at_rest else TEN_MINUTES
            for phone in self.random.sample(self.phones, len(self.phones)):
                # A token is good for an hour; what was set aside is tried again with the next.
                phone.is_signed_out = round_number % 5 == 0
                phone.wake()
            self._deliver_all()
            # A round that began with nothing to do and told nobody anything new.
            if was_at_rest and before == [phone.state.view for phone in self.phones]:
                return
        restless = {phone.name: phone.unrest() for phone in self.phones if not phone.is_at_rest()}
        self.violated("I3", f"not at rest after {ROUNDS} rounds: {restless}")


def _draw_swarm(random: Random, mutants: Collection[Mutant]) -> Swarm:
    swarm = Swarm.draw(random, tuple(each for mutant in mutants for each in mutant.focus))
    for mutant in mutants:
        swarm = replace(swarm, **mutant.settings)
    return swarm


def run(seed: int, mutants: Collection[str] = (), *, shaped_by: Collection[str] = ()) -> Result:
    """Run one schedule, with bugs, or with the settings of such (`shaped_by`) and without them."""
    return World(seed, mutants, shaped_by=shaped_by).run()


def kill(mutant: str, first: int, most: int) -> int | None:
    """Run schedules with a bug; give how many it took until one was broken that holds without the bug."""
    for count in range(1, most + 1):
        seed = first + count - 1
        if run(seed, (mutant,)).violations and not run(seed, shaped_by=(mutant,)).violations:
            return count
    return None
