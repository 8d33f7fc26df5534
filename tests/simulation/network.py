"""The network: messages that are dropped, doubled, cut, held back and delivered in any order."""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulation.swarm import Swarm


@dataclass(frozen=True, eq=False)
class Message:
    """A request of a phone (`asks`) or the answer to one. `asked` is what a reply was asked with."""

    asks: bool
    phone: str
    kind: str
    body: Any
    asked: Any = None
    is_cut: bool = False

    def __str__(self) -> str:
        way = f"{self.phone} → server" if self.asks else f"server → {self.phone}"
        return f"{way}: {self.kind}{' (cut)' if self.is_cut else ''}"


class Network:
    def __init__(self, swarm: Swarm, random: Random, faults: Counter[str]) -> None:
        self.random, self.faults = random, faults
        self.drop, self.duplicate, self.cut = (swarm.rate(each) for each in ("drop", "duplicate", "cut"))
        self.hold = swarm.rate("hold")
        self.under_way: list[Message] = []
        self.held: list[Message] = []
        self.apart: set[str] = set()
        self.is_reliable = False

    def send(self, message: Message) -> None:
        """Take a message; what becomes of it is chance."""
        if self.is_reliable:
            self.under_way.append(message)
            return
        if message.phone in self.apart:
            self.faults["message lost in a partition"] += 1
            return
        chance = self.random.random()
        if chance < self.drop:
            self.faults["message dropped"] += 1
            return
        if chance < self.drop + self.cut:
            self.faults["message cut"] += 1
            if not message.asks:
                return
            message = Message(True, message.phone, message.kind, message.body, is_cut=True)
        elif chance < self.drop + self.cut + self.duplicate:
            self.faults["message duplicated"] += 1
            # The double is often late.
            (self.held if self.random.random() < self.hold else self.under_way).append(message)
        elif self.random.random() < self.hold * 0.3:
            self.faults["message held back"] += 1
            self.held.append(message)
            return
        self.under_way.append(message)

    def take(self) -> Message | None:
        """Take any message that arrives now."""
        if self.held and self.random.random() < (1.0 if self.is_reliable else 0.05):
            self.under_way.append(self.held.pop(self.random.randrange(len(self.held))))
        if not self.under_way:
            return None
        # Mostly one of the oldest, sometimes any.
        last = len(self.under_way) if self.random.random() < 0.3 else min(3, len(self.under_way))
        return self.under_way.pop(self.random.randrange(last))

    def forget_replies(self, phone: str) -> None:
        """Lose what was on its way to a phone whose app ended; what it sent goes on."""
        for messages in (self.under_way, self.held):
            messages[:] = [each for each in messages if each.asks or each.phone != phone]

    def heal(self) -> None:
        self.is_reliable = True
        self.apart.clear()
        self.under_way += self.held
        self.held.clear()
