"""One schedule over the real handlers: what people, phones, networks and machines do to one another, from a seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from server.worker import make_worker
from sync import (
    AskBucket,
    AskDigest,
    AskMedia,
    AskMediaStatus,
    AskPull,
    AskPush,
    AskReoffer,
    AskStatus,
    CacheEvicted,
    Effect,
)
from tests.actors.someone import Someone
from tests.simulation.handlers_bureau import BEGINNING, Bureau, open_one, publish
from tests.simulation.handlers_house import AFTER_COMMIT, Died, House
from tests.simulation.handlers_invariants import Held, Json, Rest, violations
from tests.simulation.handlers_phone import Asked, Heard, Pocket

#: How often each thing happens, before a seed leaves some of them out.
WEIGHTS: Mapping[str, float] = {
    "fill": 9,
    "correct": 9,
    "attest": 2,
    "sync": 14,
    "wake": 5,
    "carry": 11,
    "hear": 8,
    "lose": 3,
    "cross": 4,
    "kill_app": 1,
    "evict": 0.7,
    "reassign": 3,
    "withdraw": 0.7,
    "open_task": 0.7,
    "new_form": 0.5,
    "review": 4,
    "settle_quarantine": 2.5,
    "restart": 1,
    "back_up": 1.5,
    "restore": 1.5,
    "let_time_pass": 1,
    "set_phone_clock": 0.7,
    "fill_disk": 0.5,
}
#: Which regions people come to, and what those lie in: beside the rest, with dice of their own.
MOVES = 0.06  # of all steps
#: How often pushes of several phones come at once, and how many, beside the rest as well.
RUSHES, RUSHING = 0.08, 4
REGIONS = ("140522", "140524", "140500")
ABOVE = ("140500", "140000")
ALWAYS = frozenset({"fill", "sync", "wake", "carry", "hear"})
MOST_PLACES = 34  # a push of one item has about as many statements and commits
READING = (AskPull, AskDigest, AskBucket)
WRITING = (AskPush, AskReoffer, AskStatus, AskMedia, AskMediaStatus)
ROUNDS = 8  # in which everything has to come to rest once nothing fails any more


@dataclass
class Schedule:
    """A bureau under way. `steps` things happen; then all is healed, and what holds is asked."""

    bureau: Bureau
    seed: int
    steps: int
    told: Callable[[str], None] | None = None
    faults: Counter[str] = field(default_factory=Counter)
    answers: list[Json] = field(default_factory=list)
    undone: list[Json] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    replies: list[Heard] = field(default_factory=list)
    backups: list[tuple[Any, list[Json], list[UUID]]] = field(default_factory=list)

    def run(self) -> list[str]:
        """Run it and say what does not hold."""
        self.dice = random.Random(f"schedule {self.seed}")
        self.other_dice = random.Random(f"regions {self.seed}")
        self.rush_dice = random.Random(f"rushes {self.seed}")
        self.house: House = self.bureau.house()
        self.phones = [phone.copied(self.bureau.app) for phone in self.bureau.phones]
        for phone in self.phones:
            phone.clock = lambda: int(self.bureau.timepiece.look().timestamp() * 1000)
        self.planner, self.supervisor = _anew(self.bureau.planner), _anew(self.bureau.supervisor)
        self.province = _anew(self.bureau.province)
        self.tasks, self.version = list(self.bureau.tasks), 1
        self.backups = [(self.bureau.prepared, [], list(self.tasks))]  # last night's
        self.bureau.timepiece.now, self.bureau.timepiece.skew = BEGINNING, timedelta(0)
        left_out = {name for name in WEIGHTS if name not in ALWAYS and self.dice.random() < 0.15}
        self.weights = {name: weight for name, weight in WEIGHTS.items() if name not in left_out}
        self.crashes = self.dice.choice((0, 0.2, 0.4))
        try:
            for _ in range(self.steps):
                self._happen(self.dice.choices(list(self.weights), list(self.weights.values()))[0])
                if self.other_dice.random() < MOVES:
                    self._happen(self.other_dice.choice(("post_notice", "move_inspector", "move_region")))
                if self.rush_dice.random() < RUSHES:
                    self._happen("rush")
            self._heal()
            return self._ask()
        except Exception as error:  # what nobody has foreseen is a violation, too
            if self.told:
                raise
            return [f"failed: {type(error).__name__}: {str(error)[:300]}"]
        finally:
            self.house.close()

    def _happen(self, name: str) -> None:
        self._tell(name)
        try:
            getattr(self, f"_{name}")()
        except Died:
            self.faults["crash at a statement"] += 1
            self.house.open()

    def _tell(self, what: str) -> None:
        if self.told:
            self.told(what)

    # In the field

    def _fill(self) -> None:
        with self._somewhere() as phone:
            withdrawn = [name for kind, name in phone.state.view.withdrawn if kind == "task"]
            tasks = sorted(phone.shows("task")) + sorted(withdrawn)
            if not tasks or "patrol" not in phone.shows("form"):
                return
            answers: dict[str, Any] = {"/data/note": f"第 {self.dice.randint(1, 99)} 处"}
            if self.dice.random() < 0.15:
                answers["/data/photo"] = f"{phone.number}.png"
            if self.dice.random() < 0.6:
                answers["/data/sign/inspector2"] = "inspector2.png"
            broken = {"xml": "<data"} if self.dice.random() < 0.12 else {}
            phone.fills(UUID(self.dice.choice(tasks)), answers, form_id="patrol", **broken)

    def _correct(self) -> None:
        with self._somewhere() as phone:
            if self.dice.random() < 0.6 and phone.shows("record"):
                self._take_over(phone, UUID(self.dice.choice(sorted(phone.shows("record")))))
            elif phone.drafts:
                record = self.dice.choice(list(phone.drafts))
                phone.corrects(record, {"/data/note": f"更正 {self.dice.randint(1, 999)}"})

    def _take_over(self, phone: Pocket, record: UUID) -> None:
        """Correct what one was shown, whoever wrote it; all heads of it, if it has several."""
        other = next((each for each in self.phones if record in each.drafts), None)
        if other is not None:
            phone.sees_head(record, other)
            phone.corrects(record, {"/data/note": f"协同 {self.dice.randint(1, 999)}"})

    def _attest(self) -> None:
        with self._somewhere() as phone:
            records = [body for _, body in sorted(phone.shows("record").items())]
            if records:
                phone.attests(self.dice.choice(self.dice.choice(records)["heads"]))

    def _kill_app(self) -> None:
        """End a phone's program: what is on its way to it is never heard of."""
        phone = self.dice.choice(self.phones)
        self.replies = [reply for reply in self.replies if reply.phone is not phone]
        self.faults["app killed"] += 1

    def _evict(self) -> None:
        self._ask_for(self.dice.choice(self.phones), CacheEvicted())
        self.faults["cache evicted"] += 1

    def _set_phone_clock(self) -> None:
        off = self.dice.choice((0, 1, -1)) * self.dice.choice((1, 60, 24 * 60, 400 * 24 * 60))
        self.dice.choice(self.phones).skew = timedelta(minutes=off)
        self.faults["wrong clock"] += 1

    @contextmanager
    def _somewhere(self) -> Iterator[Pocket]:
        """Choose a phone, and let what happens there happen by its clock."""
        phone = self.dice.choice(self.phones)
        self.bureau.timepiece.skew = phone.skew
        yield phone
        self.bureau.timepiece.skew = timedelta(0)

    # On the way

    def _wake(self) -> None:
        phone = self.dice.choice(self.phones)
        self.bureau.timepiece.now += timedelta(minutes=self.dice.choice((0, 1, 3)))
        with self._perhaps_dying(phone.signed_out):
            self._send(phone, phone.wakes())

    def _sync(self) -> None:
        """Let a phone do all it has to, with nothing in its way but the server's death."""
        with self._perhaps_dying(True):
            self._exchange(self.dice.choice(self.phones))

    def _ask_for(self, phone: Pocket, event: Any) -> None:
        self._send(phone, phone.hears(event))

    def _send(self, phone: Pocket, effects: Sequence[Effect]) -> None:
        self.requests += [asked for effect in effects for asked in phone.asks(effect)]

    def _carry(self) -> None:
        """Let a request arrive, any of those that are on their way, or one of them for the second time."""
        if not self.requests:
            self._wake()
            return
        writing = [place for place, asked in enumerate(self.requests) if not asked.only_reads]
        anyone = range(len(self.requests))
        place = self.dice.choice(writing if writing and self.dice.random() < 0.6 else anyone)
        if self.dice.random() < 0.1:
            self.faults["request twice"] += 1
            asked = self.requests[place]
        else:
            asked = self.requests.pop(place)
            self.faults["request overtaken"] += place > 0
        with self._perhaps_dying(True):
            self._arrive(asked)

    def _rush(self) -> None:
        """Let pushes of several phones come while the server is busy, so that it takes them together."""
        for phone in self.phones:
            self._send(phone, phone.wakes())
        pushes = [asked for asked in self.requests if isinstance(asked.wish, AskPush)]
        self.rush_dice.shuffle(pushes)
        rushing = list({asked.phone.number: asked for asked in pushes}.values())[:RUSHING]
        if len(rushing) < 2:
            return
        self.faults["pushes taken together"] += len(rushing)
        self.requests = [asked for asked in self.requests if asked not in rushing]
        responses: dict[int, TestResponse] = {}

        def arrival(place: int, asked: Asked) -> Callable[[], None]:
            def arrive() -> None:
                responses[place] = self._answered(asked)

            return arrive

        dies = self.rush_dice.random() < self.crashes
        place = (
            self.rush_dice.choice((AFTER_COMMIT, self.rush_dice.randint(1, MOST_PLACES))) if dies else None
        )
        try:
            self.house.together([arrival(*each) for each in enumerate(rushing)], place)
        finally:
            for number, response in sorted(responses.items()):
                self._set_out(rushing[number], response)

    def _arrive(self, asked: Asked) -> None:
        """Let the server answer, and its answer set out on its way."""
        self._set_out(asked, self._answered(asked))

    def _set_out(self, asked: Asked, response: TestResponse) -> None:
        self._note(asked, response)
        self.faults[f"answer {response.status_code}"] += response.status_code >= 400
        self.replies += [Heard(asked.phone, event) for event in asked.phone.reads(asked, response)]

    def _answered(self, asked: Asked) -> TestResponse:
        headers = {"Authorization": f"Bearer {asked.token}"} | asked.options.get("headers", {})
        options = {key: value for key, value in asked.options.items() if key not in {"method", "headers"}}
        client = self.bureau.app.test_client()
        return client.open(
            asked.path, method=asked.options["method"], headers=headers, buffered=True, **options
        )

    def _note(self, asked: Asked, response: TestResponse) -> None:
        """Remember what the server promised."""
        if asked.path.endswith("/push") and response.status_code == 200:
            self.answers += response.get_json()["items"]

    def _hear(self) -> None:
        """Let a phone hear of an answer, any of those on their way; now and then of one for the second time."""
        if not self.replies:
            return self._carry()
        place = self.dice.randrange(len(self.replies))
        twice = self.dice.random() < 0.1
        self.faults["reply twice"] += twice
        self.faults["reply overtaken"] += place > 0
        heard = self.replies[place] if twice else self.replies.pop(place)
        return self._ask_for(heard.phone, heard.event)

    def _lose(self) -> None:
        lost = self.dice.choice((self.requests, self.replies))
        if lost:
            lost.pop(self.dice.randrange(len(lost)))
            self.faults["request lost" if lost is self.requests else "reply lost"] += 1

    def _cross(self) -> None:
        """Let one request be held at a statement while another one is answered."""
        if not self.requests:
            return self._wake()
        writing = [asked for asked in self.requests if not asked.only_reads]
        first = self.dice.choice(writing or self.requests)
        self.requests.remove(first)
        second = self._what_crosses(first)
        if second is None:
            return self._arrive(first)
        self.faults["requests crossed"] += 1
        place, dies = self._place(), self.dice.random() < self.crashes
        return self.house.cross(lambda: self._arrive(first), place, second, dies=dies)

    def _what_crosses(self, first: Asked) -> Callable[[], None] | None:
        """Choose what happens meanwhile; on SQLite only reading, since writers wait for each other there."""
        fit = [each for each in self.requests if self.house.is_postgres or each.only_reads]
        if self.house.is_postgres and self.dice.random() < 0.6:
            pushed = [op.task for op in first.wish.ops if op.task] if isinstance(first.wish, AskPush) else []
            about = self.dice.choice(pushed or self.tasks)
            return self.dice.choice((self._reassign_plainly(about), self._review_plainly()))
        if not fit:
            return None
        asked = self.dice.choice(fit)
        self.requests.remove(asked)
        return lambda: self._arrive(asked)

    # In the office

    def _reassign(self) -> None:
        with self._perhaps_dying(True):
            self._reassign_plainly(self.dice.choice(self.tasks))()

    def _reassign_plainly(self, task: UUID) -> Callable[[], None]:
        people = [
            str(phone.person_id) for phone in self.dice.sample(self.phones, self.dice.choice((2, 2, 3)))
        ]
        given = {"lead": people[0], "assisting": people[1:], "reason": "换人"}
        return lambda: self._office(self.planner, f"/api/v1/tasks/{task}/reassign", given)

    def _withdraw(self) -> None:
        with self._perhaps_dying(True):
            task = self.dice.choice(self.tasks)
            self._office(self.planner, f"/api/v1/tasks/{task}/withdraw", {"reason": "不查了"})

    def _open_task(self) -> None:
        with self._perhaps_dying(True):
            self.tasks.append(open_one(self.bureau.app, *self.dice.sample(self.phones, 2)))

    def _new_form(self) -> None:
        self.version += 1
        with self._perhaps_dying(True):
            publish(self.bureau.app, self.version)

    def _review(self) -> None:
        with self._perhaps_dying(True):
            self._review_plainly()()

    def _review_plainly(self) -> Callable[[], None]:
        """Return or accept a record that some phone shows as waiting for it."""
        shown = {name: body for phone in self.phones for name, body in phone.shows("record").items()}
        waiting = sorted(name for name, body in shown.items() if body["state"] == "under_review")
        if not waiting:
            return lambda: None
        record, accepts = self.dice.choice(waiting), self.dice.random() < 0.4
        marks = {"reason": "看不清", "marks": [{"path": "/data/note", "reason": "再写"}]}
        path = f"/api/v1/records/{record}/{'accept' if accepts else 'return'}"
        return lambda: self._office(self.supervisor, path, None if accepts else marks)

    def _settle_quarantine(self) -> None:
        """Admit something that is in quarantine, to a task or as it is, or put it aside."""
        with self._perhaps_dying(True):
            cases = self._office(self.supervisor, "/api/v1/quarantine?limit=100", None, method="GET")
            if not isinstance(cases, list) or not cases:
                return
            case, given = self.dice.choice(cases), {"reason": "已核对"}
            admits = self.dice.random() < 0.7
            if admits and self.dice.random() < 0.5:
                given["task"] = str(self.dice.choice(self.tasks))
            verb = "admit" if admits else "dismiss"
            self._office(self.supervisor, f"/api/v1/quarantine/{case['id']}/{verb}", given)

    # In the province

    def _post_notice(self) -> None:
        """Tell everybody of a region something, whoever that is by then."""
        where = self.other_dice.choice((*REGIONS, "140000"))
        self._office(self.province, "/api/v1/sync/notices", {"text": "大风预警", "region": where})

    def _move_inspector(self) -> None:
        """Let an inspector go to another bureau, or come back: their tasks stay theirs."""
        region = self.other_dice.choice(REGIONS)
        bureau = {"organisation_id": str(self.bureau.organisations[region])}
        person = self.other_dice.choice(self.phones).person_id
        self._office(self.province, f"/api/v1/people/{person}", bureau, method="PATCH")

    def _move_region(self) -> None:
        """Let a county lie in the city or in the province itself."""
        county, above = self.other_dice.choice(REGIONS[:2]), self.other_dice.choice(ABOVE)
        self._office(self.province, f"/api/v1/regions/{county}", {"parent": above}, method="PATCH")

    def _office(self, who: Someone, path: str, given: Any, method: str = "POST") -> Any:
        """Ask for something at a console; what the rules of the business forbid does not happen."""
        options = {} if given is None else {"json": given}
        response = who.call(method, path, **options)
        if response.status_code == 401:
            who.sign_in()
            response = who.call(method, path, **options)
        told = response.get_data(as_text=True)[:500]
        assert response.status_code in {200, 201, 404, 409, 422, 503}, told
        assert "url.not-found" not in told, path
        if response.status_code in {200, 201} and method != "GET":
            self.faults[
                f"office: {path.split('/')[3] if method == 'PATCH' else path.rpartition('/')[2]}"
            ] += 1
        return response.get_json()

    # In the machine room

    @contextmanager
    def _perhaps_dying(self, at_work: bool) -> Iterator[None]:
        dies = at_work and self.dice.random() < self.crashes
        with self.house.dying_at(self._place() if dies else None):
            yield

    def _place(self) -> int:
        """Choose where to stop: at any statement, but more often where an effect is there and its answer is not."""
        return AFTER_COMMIT if self.dice.random() < 0.35 else self.dice.randint(1, MOST_PLACES)

    def _restart(self) -> None:
        self.faults["restart"] += 1
        self.house.open()

    def _back_up(self) -> None:
        self.backups.append((self.house.copies.save(), list(self.answers), list(self.tasks)))

    def _restore(self) -> None:
        """Take the server back to a backup: what it answered since was never said in this timeline."""
        backup, answers, tasks = self.dice.choice(self.backups)
        self.faults["restore"] += 1
        self.house.restore(backup, by_the_book=self.dice.random() < 0.7)
        kept = {(answer["op"], answer["seq"], answer["hash"]) for answer in answers}
        self.undone += [each for each in self.answers if (each["op"], each["seq"], each["hash"]) not in kept]
        self.answers, self.tasks = list(answers), list(tasks)

    def _let_time_pass(self) -> None:
        """Let hours or weeks go by: tokens run out, and so do those that renew them."""
        self.bureau.timepiece.now += timedelta(hours=self.dice.choice((1, 2, 30, 800)))
        self.faults["tokens run out"] += 1

    def _fill_disk(self) -> None:
        """Leave no room for media, or room again."""
        self.house.disk_is_full = not self.house.disk_is_full
        self.house.open_store()
        self.faults["disk full"] += self.house.disk_is_full

    # In the end

    def _heal(self) -> None:
        """Let what is on its way come late or never, and everybody sync until nothing is left."""
        self._tell("heal")
        self.house.disk_is_full = False
        self.house.open()
        while self.requests or self.replies:
            late = self.dice.random() < 0.5
            if self.replies and (not self.requests or self.dice.random() < 0.5):
                heard = self.replies.pop(self.dice.randrange(len(self.replies)))
                if late:
                    heard.phone.hears(heard.event)
            else:
                asked = self.requests.pop(self.dice.randrange(len(self.requests)))
                if late:
                    self._arrive(asked)
        self._work_off()
        for _ in range(ROUNDS):
            for phone in self.phones:
                self._exchange(phone, WRITING)
            for phone in self.phones:
                self._exchange(phone, READING)
            if not any(has_duties(phone) for phone in self.phones):
                return

    def _work_off(self) -> None:
        """Let the worker react to all that happened: whose bureau is another one now, whose tasks are judged anew."""
        worker = make_worker(self.bureau.app)
        while worker.dispatch() or worker.run_jobs():
            pass

    def _exchange(self, phone: Pocket, kinds: tuple[type, ...] = (*WRITING, *READING)) -> None:
        """Answer what a phone asks for, of some kinds, until it asks no more."""
        self.bureau.timepiece.now += timedelta(minutes=3)  # what was not answered until now never will be
        wishes = list(phone.wakes())
        for _ in range(60):  # more than any phone here has to ask
            if not wishes:
                return
            wish = wishes.pop(0)
            if not isinstance(wish, kinds):
                continue
            for asked in phone.asks(wish):
                response = self._answered(asked)
                self._note(asked, response)
                for event in phone.reads(asked, response):
                    wishes += phone.hears(event)
                if phone.signed_out:
                    wishes += phone.wakes()

    def _ask(self) -> list[str]:
        held = [
            Held(f"phone {each.number}", each.person_id, each.state, each.files, each.cursors)
            for each in self.phones
        ]
        with self.bureau.app.readers() as session:
            return violations(Rest(self.bureau.app, session, held, self.answers, self.undone))


def has_duties(phone: Pocket) -> bool:
    """Tell whether a phone has something to bring, or to find out."""
    state = phone.state
    waits = state.outbox or state.to_reoffer or state.unconfirmed or state.media_wanted or state.media_unsure
    return bool(waits or state.need_sweep or state.to_repair)


def _anew(someone: Any) -> Any:
    """The same person at a console of their own."""
    other = type(someone)(someone.app, someone.username, someone.person_id)
    other.session, other.token = someone.session, someone.token
    return other
