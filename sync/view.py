"""What a phone was shown: entities, each visible through one or more feeds, kept current by pull pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

OWN_FEED = "me"
"""The feed an item came through when it names no channel as its `via`."""

Key = tuple[str, str]
"""An entity's kind and id."""


@dataclass(frozen=True)
class Entity:
    """One thing in its newest state `n`, and the feeds through which it is visible."""

    n: int
    body: Mapping[str, Any]
    via: frozenset[str] = frozenset()


@dataclass(frozen=True)
class View:
    """What is visible, and what was `withdrawn` while there is still work on it.

    `seen` is what a sweep in progress has met (kind, id and feed), None when there is none.
    """

    entities: Mapping[Key, Entity] = field(default_factory=dict)
    withdrawn: Mapping[Key, Entity] = field(default_factory=dict)
    seen: frozenset[tuple[str, str, str]] | None = None

    def apply(self, items: Sequence[Mapping[str, Any]], is_busy: Callable[[Key], bool]) -> "View":
        """Take a page's items in order; `is_busy` tells of an entity whether local work depends on it."""
        view = self
        for item in items:
            key, via = (item["kind"], item["id"]), item.get("via", OWN_FEED)
            if item["op"] == "put":
                view = view.put(key, via, item)
            elif item["kind"] == "channel":
                members = [each for each, entity in view.entities.items() if item["id"] in entity.via]
                for each in members:
                    view = view.drop(each, item["id"], is_busy)
            else:
                view = view.drop(key, via, is_busy)
        return view

    def begin_sweep(self) -> "View":
        """Begin to be told everything anew, from zero."""
        return replace(self, seen=frozenset())

    def swept(self, is_busy: Callable[[Key], bool]) -> "View":
        """End a sweep: what was not met again is gone."""
        view = self
        for key, entity in self.entities.items():
            for via in sorted(entity.via):
                if (*key, via) not in (self.seen or ()):
                    view = view.drop(key, via, is_busy)
        return replace(view, seen=None)

    def put(self, key: Key, via: str, item: Mapping[str, Any]) -> "View":
        """Show an entity through one feed."""
        held = self.entities.get(key)
        feeds = frozenset({via} if held is None else {via, *held.via})
        # Older news is ignored, except the first of a sweep: a restored server counts lower than it once did.
        told_anew = self.seen is not None and not any(seen[:2] == key for seen in self.seen)
        if held is not None and item["n"] < held.n and not told_anew:
            entity = replace(held, via=feeds)
        else:
            entity = Entity(item["n"], item["body"], feeds)
        withdrawn = {each: kept for each, kept in self.withdrawn.items() if each != key}
        seen = None if self.seen is None else self.seen | {(*key, via)}
        return View({**self.entities, key: entity}, withdrawn, seen)

    def drop(self, key: Key, via: str, is_busy: Callable[[Key], bool]) -> "View":
        """Stop showing an entity through one feed; work on it stays, and so does what the work is about."""
        entity = self.entities.get(key)
        if entity is None:
            return self
        rest = {each: kept for each, kept in self.entities.items() if each != key}
        feeds = entity.via - {via}
        seen = None if self.seen is None else self.seen - {(*key, via)}
        if feeds:
            return View({**rest, key: replace(entity, via=feeds)}, self.withdrawn, seen)
        withdrawn = {**self.withdrawn, key: entity} if is_busy(key) else self.withdrawn
        return View(rest, withdrawn, seen)
