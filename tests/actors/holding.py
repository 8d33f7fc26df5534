"""What a person's phone holds of the feed, kept by the plainest rules there are: to compare with what it should."""

from collections.abc import Collection
from typing import Any

from sync import BUCKETS, bucket_of, digest
from tests.actors.someone import Someone

PULL = "/api/v1/sync/pull"
DIGEST = "/api/v1/sync/digest"

Key = tuple[str, str, str]


class Holding:
    """Items of the feed by feed, kind and id; filled by pulls that may stop anywhere and go on later."""

    def __init__(self, person: Someone) -> None:
        self.person = person
        self.cursor: str | None = None
        self.items: dict[Key, dict[str, Any]] = {}
        self.resets: list[str] = []

    @property
    def numbers(self) -> dict[Key, int]:
        return {key: item["n"] for key, item in self.items.items()}

    def bodies(self) -> dict[Key, Any]:
        return {key: item["body"] for key, item in self.items.items()}

    def pulls(self, limit: int = 200, pages: int = 1_000_000) -> "Holding":
        """Pull so many pages, or to the end; told to begin anew it does, and forgets what it held."""
        for _ in range(pages):
            query = {"limit": limit} | ({"cursor": self.cursor} if self.cursor else {})
            answer = self.person.call("GET", PULL, query_string=query)
            page = answer.get_json()
            if answer.status_code == 410:
                self.resets.append(page["reset"])
                self.cursor, self.items = None, {}
                continue
            assert answer.status_code == 200, page
            self.takes(page["items"])
            self.cursor = page["next"]
            if not page["more"]:
                break
        return self

    def takes(self, items: Collection[dict[str, Any]]) -> None:
        for item in items:
            key = (item.get("via", "me"), item["kind"], item["id"])
            if item["op"] == "put":
                self.items[key] = item
            elif item["kind"] == "channel":
                self.items = {held: each for held, each in self.items.items() if held[0] != item["id"]}
            else:
                self.items.pop(key, None)

    def asks(self, expect: int = 200) -> Any:
        return self.person.get(DIGEST, query_string={"cursor": self.cursor}, expect=expect)

    def differs(self) -> list[int]:
        """The buckets whose sums are not the server's."""
        mine = digest((*key, n) for key, n in self.numbers.items())
        theirs = self.asks()["buckets"]
        return [number for number in range(BUCKETS) if mine[number] != theirs[number]]

    def repairs(self) -> None:
        for number in self.differs():
            answer = self.person.get(f"{DIGEST}/{number}", query_string={"cursor": self.cursor})
            self.items = {key: each for key, each in self.items.items() if bucket_of(*key[1:]) != number}
            self.takes(answer["items"])
