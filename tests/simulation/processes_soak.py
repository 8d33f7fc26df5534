"""What a soak is made of: phones that go on working, an office, and those who kill."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from sync import AskMedia, AskPush
from tests.actors.someone import Someone
from tests.postgres import Cluster
from tests.simulation.handlers_bureau import Bureau
from tests.simulation.handlers_invariants import Held, Json, Rest, violations
from tests.simulation.handlers_phone import Asked, Pocket
from tests.simulation.handlers_schedule import has_duties
from tests.simulation.processes_servers import Servers
from tests.simulation.processes_wire import Answer, Fault, Letter, LineBroken, carry

ROUNDS = 30
#: How often a request comes to harm, and how.
HARM: Mapping[Fault | None, float] = {None: 72, "request cut": 8, "reply cut": 10, "reply lost": 10}
BUSY = frozenset({502, 503, 504})


class Soak:
    """Phones, an office, servers and those who kill them, for a while."""

    def __init__(self, bureau: Bureau, servers: Servers, seed: int, cluster: Cluster | None) -> None:
        self.bureau, self.servers, self.seed, self.cluster = bureau, servers, seed, cluster
        self.faults: Counter[str] = Counter()
        self.answers: list[Json] = []
        self.broken: list[str] = []
        self.operations = 0
        self.lock = threading.RLock()  # held while nothing is waited for
        self.over = threading.Event()

    def run(self, seconds: float) -> list[str]:
        """Let everybody work and kill for so long, heal, and say what does not hold."""
        self.servers.wait()
        work = [*(self._living(phone) for phone in self.bureau.phones), self._ruling, self._killing]
        work += [self._crashing] if self.cluster else []
        threads = [threading.Thread(target=self._watched, args=(each,), daemon=True) for each in work]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.over.set()
        for thread in threads:
            thread.join(120)
        if any(thread.is_alive() for thread in threads):
            return ["failed: somebody waits for ever"]
        self.faults["kill -9"] = self.servers.kills
        # What was sent on a line that broke may still be under way, and would be news when all have come to rest.
        self.servers.renew()
        self.servers.wait()
        self._heal()
        return self.broken + self._ask()

    def _watched(self, work: Callable[[random.Random], None]) -> None:
        dice = random.Random(f"{self.seed} {work.__name__}")
        try:
            while not self.over.is_set():
                work(dice)
        except Exception as error:
            self._note(error)

    def _note(self, error: Exception) -> None:
        self.broken.append(f"failed: {type(error).__name__}: {str(error)[:500]}")

    # Phones

    def _living(self, phone: Pocket) -> Callable[[random.Random], None]:
        def live(dice: random.Random) -> None:
            with self.lock:
                for _ in range(dice.randint(0, 2)):
                    self._works(phone, dice)
            with suppress(LineBroken):
                self._exchange(phone, dice, HARM)
            time.sleep(dice.random() / 10)

        live.__name__ = f"phone {phone.number}"
        return live

    def _works(self, phone: Pocket, dice: random.Random) -> None:
        """Seal something: a record, a correction of what one sees or holds, a co-signature."""
        tasks, records = sorted(phone.shows("task")), sorted(phone.shows("record"))
        what = dice.random()
        if what < 0.45 and tasks:
            answers: dict[str, Any] = {"/data/note": f"第 {dice.randint(1, 99)} 处"}
            if dice.random() < 0.3:
                answers["/data/photo"] = "photo.png"
            photos = {"photo.png": dice.randbytes(dice.randint(1, 30_000))}
            signed = {"/data/sign/inspector2": "inspector2.png"} if dice.random() < 0.2 else {}
            phone.fills(UUID(dice.choice(tasks)), answers | signed, form_id="patrol", photos=photos)
        elif what < 0.65 and phone.drafts:
            phone.corrects(dice.choice(list(phone.drafts)), {"/data/note": f"更正 {dice.random()}"})
        elif what < 0.85 and records:
            record = UUID(dice.choice(records))
            other = next((each for each in self.bureau.phones if record in each.drafts), None)
            if other is not None:
                phone.sees_head(record, other)
                phone.corrects(record, {"/data/note": f"协同 {dice.random()}"})
        elif records:
            phone.attests(dice.choice(phone.record(UUID(dice.choice(records)))["heads"]))

    def _exchange(self, phone: Pocket, dice: random.Random, harm: Mapping[Fault | None, float]) -> bool:
        """Ask for what a phone wishes, for a while or until a line breaks; tell whether it wishes no more."""
        wishes = list(phone.wakes())
        for _ in range(40):
            if not wishes:
                return True
            for asked in phone.asks(wishes.pop(0)):
                wishes += self._carried(asked, dice, harm)
        return not wishes

    def _carried(self, asked: Asked, dice: random.Random, harm: Mapping[Fault | None, float]) -> list[Any]:
        """Send a request to some server, now and then to two at once; what the phone then wishes."""
        options = {key: value for key, value in asked.options.items() if key != "method"}
        letter = Letter.of(asked.options["method"], asked.path, asked.token, options)
        if harm is HARM and isinstance(asked.wish, AskPush | AskMedia) and dice.random() < 0.1:
            self.faults["sent twice at once"] += 1
            other = dice.randint(0, 1 << 30)
            twin = threading.Thread(target=self._twin, args=(asked, letter, random.Random(other)))
            twin.start()
            try:
                return self._heard(asked, self._sent(letter, dice, harm))
            finally:
                twin.join(60)
        return self._heard(asked, self._sent(letter, dice, harm))

    def _twin(self, asked: Asked, letter: Letter, dice: random.Random) -> None:
        try:
            with suppress(LineBroken):
                self._heard(asked, self._sent(letter, dice, HARM))
        except Exception as error:
            self._note(error)

    def _sent(self, letter: Letter, dice: random.Random, harm: Mapping[Fault | None, float]) -> Answer:
        [fault] = dice.choices(list(harm), list(harm.values()))
        with self.lock:
            self.operations += 1
            self.faults[fault or "none"] += 1
        if harm is HARM and dice.random() < 0.1:
            self.faults["delayed"] += 1
            time.sleep(dice.random() / 5)
        return carry(letter, self.servers.any(dice), dice, fault)

    def _heard(self, asked: Asked, answer: Answer) -> list[Any]:
        if answer.status_code in BUSY:
            self.faults[f"answer {answer.status_code}"] += 1
            raise LineBroken(str(answer.status_code))
        with self.lock:
            events = asked.phone.reads(asked, answer)
            if isinstance(asked.wish, AskPush) and answer.status_code == 200:
                self.answers += answer.get_json()["items"]
            return [wish for event in events for wish in asked.phone.hears(event)]

    # The office

    def _ruling(self, dice: random.Random) -> None:
        """Give a task to others, or decide about a record that waits."""
        time.sleep(0.1 + dice.random() / 5)
        with self.lock:
            people = [str(each.person_id) for each in dice.sample(self.bureau.phones, dice.choice((2, 3)))]
            shown = {key: body for each in self.bureau.phones for key, body in each.shows("record").items()}
        waiting = sorted(key for key, body in shown.items() if body["state"] == "under_review")
        if waiting and dice.random() < 0.6:
            marks = {"reason": "看不清", "marks": [{"path": "/data/note", "reason": "再写"}]}
            record, accepts = dice.choice(waiting), dice.random() < 0.3
            path = f"/api/v1/records/{record}/{'accept' if accepts else 'return'}"
            self._office(self.bureau.supervisor, path, None if accepts else marks, dice)
        else:
            given = {"lead": people[0], "assisting": people[1:], "reason": "换人"}
            path = f"/api/v1/tasks/{dice.choice(self.bureau.tasks)}/reassign"
            self._office(self.bureau.planner, path, given, dice)

    def _office(self, who: Someone, path: str, given: Any, dice: random.Random) -> None:
        letter = Letter.of("POST", path, who.token, {} if given is None else {"json": given})
        with suppress(LineBroken):
            answer = self._sent(letter, dice, HARM)
            self.faults[f"office {answer.status_code}"] += 1
            if answer.status_code not in {200, 404, 409, 422, *BUSY}:
                raise AssertionError(answer.get_data(as_text=True)[:500])

    # Those who kill

    def _killing(self, dice: random.Random) -> None:
        self.over.wait(dice.uniform(0.2, 0.6))
        self.servers.kill_one(dice)

    def _crashing(self, dice: random.Random) -> None:
        """Let the database die in the middle of whatever it does."""
        if not self.over.wait(dice.uniform(7, 11)) and self.cluster:
            self.cluster.crash()
            self.faults["database crashed"] += 1
            self.over.wait(dice.random())
            self.cluster.start()

    # In the end

    def _heal(self) -> None:
        dice, calm = random.Random(0), {None: 1.0}
        for _ in range(ROUNDS):
            for phone in self.bureau.phones:
                with suppress(LineBroken):
                    self._exchange(phone, dice, calm)
            if not any(has_duties(each) for each in self.bureau.phones):
                break
        # A phone may have fallen behind by more than one exchange carries: each gets as many as it needs. And twice,
        # since what one brings as it catches up is news to those that came before it.
        for phone in (*self.bureau.phones, *self.bureau.phones):
            if not any(self._rests(phone, dice, calm) for _ in range(ROUNDS)):
                self.broken.append(f"liveness: phone {phone.number} always wishes for more")

    def _rests(self, phone: Pocket, dice: random.Random, calm: Mapping[Fault | None, float]) -> bool:
        with suppress(LineBroken):
            return self._exchange(phone, dice, calm)
        return False

    def _ask(self) -> list[str]:
        held = [
            Held(f"phone {each.number}", each.person_id, each.state, each.files, each.cursors)
            for each in self.bureau.phones
        ]
        with self.bureau.app.readers() as session:
            return violations(Rest(self.bureau.app, session, held, self.answers))
