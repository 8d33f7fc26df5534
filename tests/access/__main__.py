"""`make access-checks`: two million generated checks of who may do and see what; exit 1 at the first leak."""

import random
import tempfile
import time
from pathlib import Path

from server.db import open_engine, open_sessions
from server.migrate import migrate
from tests.access.checking import check_guards, check_lists
from tests.access.world import planted

SEED, MANY = 11, 1_000_000


def main() -> None:
    """Check a million attempts, and a million things on lists."""
    began = time.monotonic()
    guards = check_guards(random.Random(SEED), MANY)
    print(f"attempts: {dict(guards)}, no difference, {time.monotonic() - began:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'access.sqlite3'}")
        migrate(engine)
        writing, reading = open_sessions(engine)
        actors, things = planted(writing, random.Random(SEED), 600, 12)
        with reading() as session:
            lists = check_lists(session, actors, things)
        engine.dispose()
    print(f"lists: {dict(lists)}, no difference, {time.monotonic() - began:.0f} s")
    assert guards.total() >= MANY
    assert lists.total() >= MANY


if __name__ == "__main__":
    main()
