"""What goes wrong in a schedule, on phones and at the server. Faults of the network are in `network.py`."""

from tests.simulation import office
from tests.simulation.reading import read_cursor


class Disasters:
    def __init__(self, world) -> None:
        self.world, self.random, self.server = world, world.random, world.server
        self.swarm, self.faults, self.did = world.swarm, world.faults, world.did

    def fault(self, what: str) -> None:
        self.faults[what] += 1
        self.world.told("fault", what)

    def phone_crash(self) -> None:
        self.fault("phone crash")
        self.random.choice(self.world.phones).crash()

    def roll_back(self) -> None:
        phone = self.random.choice(self.world.phones)
        if self.random.random() < 0.5 or phone.snapshot[0].user is None:
            phone.snapshot = phone.state, phone.made
            return
        self.fault("phone storage rolled back")
        phone.roll_back()

    def evict(self) -> None:
        self.fault("cache evicted")
        self.random.choice(self.world.phones).evict()

    def fill_storage(self) -> None:
        self.random.choice(self.world.phones).full_until = self.world.step_number + self.random.randint(2, 25)

    def update_app(self) -> None:
        phone = self.random.choice(self.world.phones)
        self.fault("app updated with an outbox" if phone.state.outbox else "app updated")
        phone.update_app()

    def expire_token(self) -> None:
        self.fault("token expired")
        self.random.choice(self.world.phones).is_signed_out = True

    def jump_clock(self) -> None:
        self.fault("phone clock jumped")
        self.random.choice(self.world.phones).clock = self.random.uniform(-1e7, 1e7)

    def part(self) -> None:
        phone = self.random.choice(self.world.phones)
        if phone.name in self.world.network.apart:
            self.world.network.apart.discard(phone.name)
        else:
            self.fault("partition")
            self.world.network.apart.add(phone.name)

    def damage_view(self) -> None:
        self.fault("view damaged")
        self.random.choice(self.world.phones).damage()

    def sleep(self) -> None:
        self.world.told("world", "a night passes")
        self.did["nights"] += 1
        self.world.now += self.random.uniform(6, 40) * 3600

    def prune(self) -> None:
        self.random.choice(self.world.phones).prune()

    def crash_server(self) -> None:
        if self.server.running:
            self.fault("server crash in a transaction")
        self.server.crash()

    def restart(self) -> None:
        self.fault("server restarted")
        self.server.remember_head()
        self.server.start_up()

    def back_up(self) -> None:
        self.server.back_up()

    def restore(self) -> None:
        backups = self.server.backups
        if not backups:
            return
        # What phones were told is safe in a second copy must be in the copy that is put back.
        backup = backups[-1] if self.swarm.tells_durable else self.random.choice(backups)
        # Without the runbook the guard notices what it had noted, or else a phone what it had read.
        runbook = not self._will_be_noticed(backup.seq) or self.random.random() < 0.5
        self.fault("server restored from a backup" if runbook else "database put back without the runbook")
        held = set(self.server.database.tables["revision"])
        files_too = self.swarm.files_restored and (runbook or self._guard_noticed(backup.seq))
        self.server.restore(backup, files_too=files_too, runbook=runbook)
        self.world.promised = {op: each for op, each in self.world.promised.items() if each.seq <= backup.seq}
        self.world.lost_on_server(held)

    def _guard_noticed(self, seq: int) -> bool:
        guard = self.server.guard
        return guard is not None and guard.high_seq > seq

    def _will_be_noticed(self, seq: int) -> bool:
        """Say whether somebody can tell that a database stands at `seq` again: see the limits of the model.

        A phone tells it by the cursor of the newest page it read. So whoever was promised something later must have
        read later too, or be about to, and must still have that cursor when it comes.
        """
        if self._guard_noticed(seq):
            return True
        if any(self.swarm.rate(each) for each in ("cache_evicted", "storage_rolled_back")):
            return False
        network = self.world.network
        promises = [
            each for each in (*network.under_way, *network.held) if each.kind in {"outcomes", "statuses"}
        ]
        if any((item.get("seq") or 0) > seq for each in promises for item in each.body["items"]):
            return False
        return all(
            self._has_read_beyond(phone, seq) for phone in self.world.phones if self._was_promised(phone, seq)
        )

    def _was_promised(self, phone, seq: int) -> bool:
        return any((receipt.seq or 0) > seq for receipt in phone.state.receipts.values())

    def _has_read_beyond(self, phone, seq: int) -> bool:
        cursor = phone.state.cursor
        return cursor is not None and read_cursor(cursor).seen > seq

    def purge(self) -> None:
        head = self.server.database.head[0]
        if self.random.random() < 0.5:
            self.fault("tombstone horizon raised")
            self.world.bureau.do(office.raise_horizon, head - self.random.randint(0, 6))
        else:
            self.world.bureau.do(office.purge).is_patient = True
