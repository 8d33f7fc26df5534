"""What a seed decides before the first step: how many take part, what may go wrong, and how often.

Each schedule leaves many features out, so that those that are on meet often (swarm testing).
"""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any

FEATURES = {
    # what people do: weight of an attempt among the steps of a schedule
    "reassign": 3.0,
    "withdraw": 1.0,
    "review": 2.5,
    "admit": 1.0,
    "publish_form": 1.0,
    "change_list": 1.5,
    "move_person": 1.2,
    "attest": 2.5,
    "poison": 1.0,
    "newer_app": 1.0,
    # what happens to phones
    "phone_crash": 1.5,
    "crash_while_storing": 1.0,
    "storage_rolled_back": 1.6,
    "cache_evicted": 0.8,
    "quota_full": 0.8,
    "app_updated": 0.8,
    "token_expired": 1.0,
    "clock_jump": 1.0,
    "partition": 1.2,
    "view_damaged": 0.8,
    "night": 0.8,
    "prune": 5.0,
    "hold_others": 4.0,
    # what happens to the server
    "server_busy": 1.0,
    "server_crash": 2.0,
    "backup": 1.2,
    "restore": 0.9,
    "restart": 0.6,
    "purge": 1.0,
    # what happens on the way: probability for each message
    "drop": 0.12,
    "duplicate": 0.12,
    "cut": 0.04,
    "hold": 0.3,
}
"""How much of it there is when it is on; a seed draws between a third and one and a half of that."""

NEEDS = {
    "restore": ("backup",),
    "prune": ("backup", "night"),
    "view_damaged": ("night",),
    "admit": ("newer_app", "reassign"),
}


@dataclass(frozen=True)
class Swarm:
    """The settings of one schedule."""

    phones: int
    steps: int
    page: int
    batch: int
    reoffer: int
    one_writer: bool
    interleaving: float
    counted_ops: bool
    """Whether phones make operation ids from a counter, which a rolled-back storage repeats."""
    tells_durable: bool
    files_restored: bool
    photos: float
    retention: int
    """Days for which phones are asked to keep what is safe."""
    rates: dict[str, float] = field(default_factory=dict)

    def rate(self, feature: str) -> float:
        """Tell how much there is of a feature: 0 when it is off."""
        return self.rates.get(feature, 0.0)

    @classmethod
    def draw(cls, random: Random, focus: tuple[str, ...] = ()) -> "Swarm":
        """Draw the settings of a schedule; what is in `focus` is on, and there is much of it."""
        rates = {}
        for feature, usual in FEATURES.items():
            on, much = random.random() < 0.5, random.uniform(0.33, 1.5)
            if feature in focus:
                rates[feature] = usual * max(much, 1.0) * 1.5
            elif on:
                rates[feature] = usual * much
        for feature, needs in NEEDS.items():
            for need in needs if feature in rates else ():
                rates.setdefault(need, FEATURES[need] * 0.7)
        return cls(
            phones=random.randint(2, 4),
            steps=random.randint(150, 220),
            page=random.choice((1, 3, 5, 8, 20)),
            batch=random.choice((1, 2, 3, 5)),
            reoffer=random.choice((1, 2, 5)),
            one_writer=random.random() < 0.35,
            interleaving=random.uniform(0.0, 0.6),
            counted_ops=random.random() < 0.5,
            tells_durable=random.random() < 0.5,
            files_restored=random.random() < 0.5,
            photos=random.choice((0.1, 0.25, 0.6)),
            retention=random.choice((0, 0, 1)),
            rates=rates,
        )

    def __str__(self) -> str:
        plain = [f"{each.name}={getattr(self, each.name)}" for each in fields(self) if each.name != "rates"]
        rates = [f"{name}={rate:.2f}" for name, rate in self.rates.items()]
        return "  ".join(plain + rates)


def draw_swarm(random: Random, mutants: Collection[Any]) -> Swarm:
    """Draw the settings of a schedule with seeded bugs, or with the settings of such."""
    swarm = Swarm.draw(random, tuple(each for mutant in mutants for each in mutant.focus))
    for mutant in mutants:
        swarm = replace(swarm, **mutant.settings)
    return swarm
