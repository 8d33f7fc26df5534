"""What a phone was shown: entities, each visible through one or more feeds, kept current by pull pages."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync.digest import Row, bucket_of

OWN_FEED = "me"
"""The feed an item came through when it names no channel as its `via`."""

Key = tuple[str, str]
"""An entity's kind and id."""


@dataclass(frozen=True)
class Entity:
    """One thing in its newest state `n`, and the number last told through each feed that shows it.

    A state newer than everything told is not the server's: a restore or damage left it (`View.rows`).
    """

    n: int
    body: Mapping[str, Any]
    via: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """What is visible, and what was `withdrawn` while there is still work on it.

    `seen` is what a sweep in progress has met (the feeds of each entity), None when there is none. `busy`
    below are the entities on which there is local work that is not safe yet.
    """

    entities: Mapping[Key, Entity] = field(default_factory=dict)
    withdrawn: Mapping[Key, Entity] = field(default_factory=dict)
    seen: Mapping[Key, frozenset[str]] | None = None

    def apply(self, items: Sequence[Mapping[str, Any]], busy: Container[Key]) -> "View":
        """Take a page's items in order."""
        change = _Change(self, busy)
        for item in items:
            change.take(item)
        return change.done()

    def begin_sweep(self) -> "View":
        """Begin to be told everything anew, from zero."""
        return replace(self, seen={})

    def swept(self, busy: Container[Key]) -> "View":
        """End a sweep: what was not met again is gone."""
        seen = self.seen or {}
        change = _Change(self, busy)
        for key, entity in self.entities.items():
            for via in entity.via.keys() - seen.get(key, frozenset()):
                change.drop(key, via)
        return replace(change.done(), seen=None)

    def with_bucket(self, bucket: int, items: Sequence[Mapping[str, Any]], busy: Container[Key]) -> "View":
        """Hold exactly these items in one bucket of the digest, whatever was in it."""
        change = _Change(self, busy)
        held = {key: entity for key, entity in self.entities.items() if bucket_of(*key) == bucket}
        for key in held:
            del change.entities[key]
        for item in items:
            if bucket_of(item["kind"], item["id"]) == bucket:
                change.put(item)
        for key, entity in held.items():
            if key not in change.entities and key in busy:
                change.withdrawn[key] = entity
        return change.done()

    def settled(self, busy: Container[Key]) -> "View":
        """Let go of what was withdrawn once the work on it is safe."""
        kept = {key: entity for key, entity in self.withdrawn.items() if key in busy}
        return replace(self, withdrawn=kept)

    def rows(self) -> Iterator[Row]:
        """Give what the digest sums: each entity as it is visible through each feed.

        Older news leaves the newer state that is held. Where the server tells of none as new as that, the
        state's own number is summed, so that the bucket differs and is repaired.
        """
        for (kind, name), entity in self.entities.items():
            is_told = entity.n <= max(entity.via.values(), default=0)
            for via, n in entity.via.items():
                yield via, kind, name, n if is_told else entity.n


class _Change:
    """A view while a page is applied, so that a page costs one copy and not one for each of its items."""

    def __init__(self, view: View, busy: Container[Key]) -> None:
        self.entities = dict(view.entities)
        self.withdrawn = dict(view.withdrawn)
        self.seen = None if view.seen is None else dict(view.seen)
        self.busy = busy

    def done(self) -> View:
        return View(self.entities, self.withdrawn, self.seen)

    def take(self, item: Mapping[str, Any]) -> None:
        if item["op"] == "put":
            self.put(item)
        elif item["kind"] == "channel":
            channel = item["id"]
            for key in [key for key, entity in self.entities.items() if channel in entity.via]:
                self.drop(key, channel)
        else:
            self.drop((item["kind"], item["id"]), item.get("via", OWN_FEED))

    def put(self, item: Mapping[str, Any]) -> None:
        key, via, n = (item["kind"], item["id"]), item.get("via", OWN_FEED), item["n"]
        held = self.entities.get(key)
        feeds = {via: n} if held is None else {**held.via, via: n}
        # Older news is ignored, except the first of a sweep: a restored server counts lower than it once did.
        told_anew = self.seen is not None and key not in self.seen
        if held is not None and n < held.n and not told_anew:
            self.entities[key] = replace(held, via=feeds)
        else:
            self.entities[key] = Entity(n, item["body"], feeds)
        self.withdrawn.pop(key, None)
        if self.seen is not None:
            self.seen[key] = self.seen.get(key, frozenset()) | {via}

    def drop(self, key: Key, via: str) -> None:
        """Stop showing an entity through one feed; work on it stays, and so does what the work is about."""
        entity = self.entities.get(key)
        if entity is None:
            return
        self._forget_seen(key, via)
        feeds = {each: n for each, n in entity.via.items() if each != via}
        if feeds:
            self.entities[key] = replace(entity, n=min(entity.n, max(feeds.values())), via=feeds)
            return
        del self.entities[key]
        if key in self.busy:
            self.withdrawn[key] = entity

    def _forget_seen(self, key: Key, via: str) -> None:
        if self.seen is None or key not in self.seen:
            return
        rest = self.seen[key] - {via}
        if rest:
            self.seen[key] = rest
        else:
            del self.seen[key]
