"""What a rule came to: one of its outcomes, and the facts behind it."""

from dataclasses import dataclass

Fact = tuple[str, str]
"""A fact in Chinese and English."""


@dataclass(frozen=True)
class Finding:
    """The name of an outcome of the rule, and what it rests on."""

    outcome: str
    facts: tuple[Fact, ...] = ()


def same(text: str) -> Fact:
    """Write a fact that reads the same in both languages, such as a name or a number."""
    return text, text
