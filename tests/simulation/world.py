"""One schedule: everything that happens follows from its seed.

A step is one thing that somebody does: a statement of the server, a message that arrives, a person at work, a fault.
Afterwards the world heals and must come to rest; then the invariants are checked.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock
from uuid import UUID

import sync.phone
from sync import PhoneState, SealedOp, View
from tests.simulation import office
from tests.simulation.bureau import Bureau
from tests.simulation.disasters import Disasters
from tests.simulation.door import Door
from tests.simulation.invariants import check_all
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.network import Network
from tests.simulation.phone import Phone
from tests.simulation.server import Server
from tests.simulation.swarm import draw_swarm

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
        self.swarm = draw_swarm(self.random, [MUTANTS[name] for name in sorted({*mutants, *shaped_by})])
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
        self.taken_back: set[str] = set()
        """Revisions that a restore took from the server."""
        self.network = Network(self.swarm, self.random, self.faults)
        self.server = Server(self)
        self.phones = [Phone(self, f"phone{n}", f"u{n}") for n in range(1, self.swarm.phones + 1)]
        self.by_name = {phone.name: phone for phone in self.phones}
        self.people = [phone.person for phone in self.phones]
        self.bureau, self.disasters, self.door = Bureau(self), Disasters(self), Door(self)
        self._actions = self._weigh()

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

    def describe_event(
        self, event: Any, before: PhoneState, after: PhoneState, effects: Collection[Any]
    ) -> str:
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
        try:
            self._begin()
            with ExitStack() as patches:
                for name, value in limits.items():
                    patches.enter_context(mock.patch.object(sync.phone, name, value))
                self._run()
        except Broken:
            pass
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"
            self.violations.append(Violation("error", what))
        return Result(self.seed, self.step_number, self.faults, self.did, self.violations)

    def _run(self) -> None:
        self.told("world", str(self.swarm))
        weights = [weight for weight, _ in self._actions]
        actions = self.random.choices(self._actions, weights, k=self.swarm.steps)
        for _, action in actions:
            self.step_number += 1
            self.now += self.random.random() * 60
            action()
            if self.server.running and not self.server.runnable():
                self._end_crossed()
        self._heal()
        check_all(self)

    def _begin(self) -> None:
        self.network.is_reliable = True
        for person in self.people:
            self.server.database.tables["person"][person] = frozenset(("forms", "north"))
        self.bureau.do(office.publish_form, "1")
        self.bureau.do(office.change_list, "mines", ("north", "south"))
        for _ in range(self.random.randint(2, 3)):
            self.bureau.open_task()
        self._finish_running()
        for phone in self.phones:
            phone.wake()
        self._deliver_all()
        self.network.is_reliable = False

    def _weigh(self) -> list[tuple[float, Callable[[], None]]]:
        """List what may happen in a step with its weight: what always may, and what this seed switched on."""
        always = [
            (50.0, self._deliver),
            (30.0, self._serve),
            (20.0, self._wake),
            (8.0, self._work),
            (1.0, self.bureau.open_task),
            (1.0, self.server.work),
        ]
        features = {
            "reassign": self.bureau.reassign,
            "withdraw": self.bureau.withdraw,
            "review": self.bureau.review,
            "admit": self.bureau.admit,
            "publish_form": self.bureau.publish_form,
            "change_list": self.bureau.change_list,
            "move_person": self.bureau.move_person,
            "phone_crash": self.disasters.phone_crash,
            "storage_rolled_back": self.disasters.roll_back,
            "cache_evicted": self.disasters.evict,
            "quota_full": self.disasters.fill_storage,
            "app_updated": self.disasters.update_app,
            "token_expired": self.disasters.expire_token,
            "clock_jump": self.disasters.jump_clock,
            "partition": self.disasters.part,
            "view_damaged": self.disasters.damage_view,
            "night": self.disasters.sleep,
            "prune": self.disasters.prune,
            "hold_others": lambda: self.random.choice(self.phones).hold_others(),
            "server_crash": self.disasters.crash_server,
            "backup": self.disasters.back_up,
            "restore": self.disasters.restore,
            "restart": self.disasters.restart,
            "purge": self.disasters.purge,
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
            if ready:
                self.server.advance(self.random.choice(ready))
            else:
                self._end_crossed()

    def _end_crossed(self) -> None:
        if not self.server.end_crossed():
            waits = ", ".join(f"{each.name} for {each.waiting}" for each in self.server.running)
            self.violated("deadlock", f"every transaction waits for another: {waits}")

    def _wake(self) -> None:
        self.random.choice(self.phones).wake()

    def _work(self) -> None:
        self.random.choice(self.phones).fieldworker.work()

    def _deliver(self) -> None:
        for _ in range(self.random.choice((1, 2, 3))):
            message = self.network.take()
            if message is not None:
                self.door.arrive(message)

    def _deliver_all(self) -> None:
        for _ in range(MESSAGES):
            message = self.network.take()
            if message is None and not self.server.running:
                return
            if message is not None:
                self.door.arrive(message)
            if self.server.running and (message is None or self.random.random() < 0.5):
                self._finish_running()
        self.violated("liveness", f"after {MESSAGES} messages there are always more")

    # Healing

    def _heal(self) -> None:
        """Nothing goes wrong any more: what is under way arrives, and within a bound of rounds all is at rest."""
        self.told("world", "heals")
        self.is_healing = True
        self.network.heal()
        for phone in self.phones:
            phone.full_until = 0
        self._finish_running()
        self.server.work()
        self._deliver_all()
        for round_number in range(ROUNDS):
            before = self._told_so_far()
            was_at_rest = all(phone.is_at_rest() for phone in self.phones)
            # Rests and lost requests end within minutes; who has nothing to do is checked a day later.
            self.now += A_DAY if was_at_rest else TEN_MINUTES
            for phone in self.random.sample(self.phones, len(self.phones)):
                # A token is good for an hour; what was set aside is tried again with the next.
                phone.is_signed_out = round_number % 5 == 0
                phone.wake()
            self._deliver_all()
            # A round that began with nothing to do and told nobody anything new, not even that an epoch began.
            if was_at_rest and before == self._told_so_far():
                return
        restless = {phone.name: phone.unrest() for phone in self.phones if not phone.is_at_rest()}
        self.violated("I3", f"not at rest after {ROUNDS} rounds: {restless}")

    def _told_so_far(self) -> tuple[int, list[tuple[str | None, View]]]:
        return self.server.database.head[0], [(phone.state.epoch, phone.state.view) for phone in self.phones]
