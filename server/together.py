"""Whoever waits is taken together: what came while one transaction ran goes into the next as one.

A transaction costs much the same whether the work of one phone is taken in it or that of ten, and the audit log's lock
is held until the disk has it. So one thread at a time opens one, for all that wait by then; when nobody waits, one alone
does not wait either. Those who send one thing after the other are back a moment after they are answered: who leads next
may wait so long for as many as there were, or half of them would always just miss the other half.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from time import monotonic
from typing import Final, Generic, TypeVar

from server.db import is_gone

Given = TypeVar("Given")
Answer = TypeVar("Answer")

#: So often what crossed something else is taken; that it does so again is no reason to believe that it always will.
_TRIES: Final = 5


class CrossedError(Exception):
    """What was taken and what came at the same time belong together, and neither saw the other: take it again."""


@dataclass
class _Ticket(Generic[Given, Answer]):
    given: Given
    called: Event = field(default_factory=Event)
    answer: Answer | None = None
    error: BaseException | None = None
    is_done: bool = False


class Together(Generic[Given, Answer]):
    """Takes what threads bring at the same time by one call of `take`, at most `most` of them.

    `take` answers each in its place, or raises: then nothing of it was done, and each is taken alone, so that none fails
    for another's sake. What raises CrossedError is taken again as it is, some times. `patience`: for so many seconds after
    some were answered the next wait to be as many again as there were, those among them that waited by then. Who was and
    is alone never waits.
    """

    def __init__(
        self, take: Callable[[Sequence[Given]], Sequence[Answer]], most: int, patience: float = 0.0
    ) -> None:
        self._take_once = take
        self._most = most
        self._patience = patience
        self._lock = Lock()
        self._came = Condition(self._lock)
        self._there_were = 0
        self._answered_at = 0.0
        self._waiting: deque[_Ticket[Given, Answer]] = deque()
        self._is_led = False

    def take(self, given: Given) -> Answer:
        """Take this, with what others bring; returns when it is done. Raises what `take` raised for this one alone."""
        ticket: _Ticket[Given, Answer] = _Ticket(given)
        with self._lock:
            self._waiting.append(ticket)
            self._came.notify()
            leads, self._is_led = not self._is_led, True
        if not leads:
            ticket.called.wait()
        if not ticket.is_done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer  # type: ignore[return-value]

    def _lead(self) -> None:
        """Take those that wait; then the first of those that came meanwhile leads."""
        with self._lock:
            wanted = min(self._most, self._there_were)
            left = self._answered_at + self._patience - monotonic()
            self._came.wait_for(lambda: len(self._waiting) >= wanted, max(0.0, left))
            taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            self._answer(taken)
        finally:
            with self._lock:
                self._there_were, self._answered_at = len(taken) + len(self._waiting), monotonic()
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].called.set()
            for ticket in taken:
                ticket.is_done = True
                ticket.called.set()

    def _take(self, given: Sequence[Given]) -> Sequence[Answer]:
        for _ in range(_TRIES - 1):
            with suppress(CrossedError):
                return self._take_once(given)
        return self._take_once(given)

    def _answer(self, taken: Sequence[_Ticket[Given, Answer]]) -> None:
        try:
            answers = self._take([ticket.given for ticket in taken])
        except Exception as error:  # noqa: BLE001 - told to whom it belongs
            if is_gone(error) or len(taken) == 1:  # what is gone is gone for all
                for ticket in taken:
                    ticket.error = error
            else:
                for ticket in taken:
                    self._answer([ticket])
        except BaseException as error:  # noqa: BLE001 - the thread is to end: raised by each that waits
            for ticket in taken:
                ticket.error = error
        else:
            for ticket, answer in zip(taken, answers, strict=True):
                ticket.answer = answer
