"""`make bench-openrosa`: what stock ODK phones cost. Writes bench-results/openrosa.json.

Submissions as Collect sends them, HEAD and POST on one connection: XML alone, and with three photos of 300 KB, by 1, 8 and
32 phones, at two sizes of what is stored, in turns so that noise of the machine meets both alike. CPU time is that of all
processes of the server and of the database together. And an hourly look for news, when there are none; and 400 phones at
once, which are told to come again (503) as often as need be: every one has to be taken in the end, and kept.
"""

import argparse
import http.client
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from lxml import etree
from sqlalchemy import create_engine, text

from forms import ListTable, complete_instance, compose_instance, parse_instance, read_answers
from server import audit
from server.access import SYSTEM
from server.app import create_app
from server.clock import CHINA
from server.db import open_engine
from server.openrosa import keys
from server.openrosa.holders import secret_of
from tests.actors.collect_phone import multipart
from tests.bench.__main__ import settings_of
from tests.bench.bureau import Bureau, build_bureau
from tests.bench.filling import MEASURED
from tests.bench.machine import pace, this_machine
from tests.bench.targets import judge_submissions
from tests.bench.timed import FLUSH
from tests.bench.traffic import Caller, known_lists, running_server
from tests.bench.uploads import _cpu_seconds, _with_children
from tests.forms.filled import answers_to
from tests.postgres import running_postgres

OUTPUT = Path("bench-results/openrosa.json")
PHOTO_BYTES = 300 * 1024
PHOTOS = {"xml": 0, "xml and 3 photos": 3}
CLIENTS = (1, 8, 32)
MOST_TRIES = 200
#: How the answer begins when a submission is whole and part of its record.
TAKEN = 'nature="submit_success">已收到'.encode()
UNDER_WAY = "请保持联网".encode()
HEADERS = {"X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2026.3.3 Dalvik/2.1.0"}


@dataclass(frozen=True)
class Site:
    """A running installation with the keys of its phones."""

    bureau: Bureau
    port: int
    process: int
    database: int | None
    addresses: tuple[str, ...]
    crowd: tuple[str, ...]

    def cpu_seconds(self) -> float:
        roots = [self.process, *([self.database] if self.database else [])]
        return sum(_cpu_seconds(pid) for root in roots for pid in _with_children(root))

    def memory(self) -> float:
        """Megabytes that the processes of the server have in memory."""
        pages = [
            int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _with_children(self.process)
        ]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def give_keys(bureau: Bureau, count: int = MEASURED) -> tuple[str, ...]:
    """Make so many keys, one for every measured inspector and again from the first."""
    app = create_app(bureau.settings)
    holders = itertools.islice(itertools.cycle(bureau.inspectors), count)
    with audit.transaction(app.sessions) as session:
        made = [keys.make_key(session, SYSTEM, each.person_id, "bench") for each in holders]
    secrets = tuple(f"/openrosa/{secret_of(app.installation.secret, key.id)}" for key in made)
    app.close()
    return secrets


def written(site: Site, number: int, count: int, photos: int) -> list[tuple[bytes, str]]:
    """Bodies of submissions of one phone, ready to send, each of a record of its own with photos of its own."""
    form, inspector = site.bureau.form, site.bureau.inspectors[number % MEASURED]
    lists: Mapping[str, ListTable] = known_lists(Caller(site.port, inspector))
    now, rest = datetime.now(CHINA), os.urandom(PHOTO_BYTES - 32)
    answers = {path: group for path, group in answers_to(form.form_id).items() if path != "/data/sign"}
    files = [f"{photo}.jpg" for photo in range(photos)]
    bodies = []
    for turn in range(count):
        answers["/data/task/task_ref"] = str(inspector.tasks[turn % len(inspector.tasks)])
        xml = compose_instance(form, answers, f"uuid:{uuid4()}", started_at=now, ended_at=now)
        # So many of the files that it names as are to come; where it names fewer, the others come unnamed.
        named = dict.fromkeys(media.name for media in read_answers(form, parse_instance(xml)).media())
        for name, kept in zip_longest(named, files[: len(named)], fillvalue=""):
            xml = xml.replace(f">{name}<".encode(), f">{kept}<".encode())
        xml = complete_instance(form, xml, now=now, lists=lists)
        content = {name: b"\xff\xd8\xff\xe0" + os.urandom(28) + rest for name in files}
        bodies.append(multipart(xml, content, more=False))
    return bodies


def submit(site: Site, clients: int, each: int, photos: int) -> dict[str, float]:
    """Submissions per second when so many phones send at once, and what one costs. Bodies are made before the clock starts."""
    bodies = [written(site, number, each, photos) for number in range(clients)]
    waits: list[float] = []
    failures: list[str] = []
    barrier = threading.Barrier(clients + 1)

    def send(address: str, its_bodies: list[tuple[bytes, str]]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        barrier.wait()
        for body, content_type in its_bodies:
            began = time.perf_counter()
            line.request("HEAD", f"{address}/submission", headers=HEADERS)
            line.getresponse().read()
            line.request("POST", f"{address}/submission", body, HEADERS | {"Content-Type": content_type})
            answer = line.getresponse()
            told = answer.read()
            waits.append((time.perf_counter() - began) * 1000)
            if answer.status != 201 or TAKEN not in told or UNDER_WAY in told:
                failures.append(f"{answer.status}: {told.decode()[:300]}")

    threads = [
        threading.Thread(target=send, args=pair)
        for pair in zip(site.addresses[:clients], bodies, strict=True)
    ]
    for thread in threads:
        thread.start()
    before = pace()
    barrier.wait()
    began, cpu_began = time.perf_counter(), site.cpu_seconds()
    for thread in threads:
        thread.join()
    elapsed, cpu = time.perf_counter() - began, site.cpu_seconds() - cpu_began
    if failures:
        raise RuntimeError(f"{len(failures)} failed: {failures[0]}")
    cuts = statistics.quantiles(waits, n=100) if len(waits) > 1 else waits * 99
    return {
        "clients": clients,
        "photos": photos,
        "submissions_per_second": round(len(waits) / elapsed, 1),
        "p50_ms": round(statistics.median(waits), 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "cpu_seconds_per_1000": round(cpu / len(waits) * 1000, 2),
        "memory_mb": round(site.memory(), 1),
        "pace_ms": round((before + pace()) / 2, 2),
    }


def burst(site: Site) -> dict[str, float]:
    """Everybody at once: each phone sends one submission with a photo, and again after `Retry-After` until it is taken.

    Raises RuntimeError if any other answer came, or if a submission that was answered with 201 is not stored.
    """
    each = -(-len(site.crowd) // MEASURED)
    bodies = [body for number in range(MEASURED) for body in written(site, number, each, 1)]
    of_phone = [bodies[number % MEASURED * each + number // MEASURED] for number in range(len(site.crowd))]
    before = _stored(site)
    tries: list[int] = []
    waits: list[float] = []
    failures: list[str] = []
    barrier = threading.Barrier(len(site.crowd) + 1)

    def send(address: str, body: bytes, content_type: str) -> None:
        barrier.wait()
        began = time.perf_counter()
        for turn in range(1, MOST_TRIES + 1):
            try:
                line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
                line.request("POST", f"{address}/submission", body, HEADERS | {"Content-Type": content_type})
                answer = line.getresponse()
                told = answer.read()
                line.close()
            except (
                OSError
            ):  # a full lane answers before it has read, and hangs up: as to a phone, it is to come again
                time.sleep(1)
                continue
            if answer.status == 201:
                tries.append(turn)
                waits.append(time.perf_counter() - began)
                return
            if answer.status != 503 or not answer.headers.get("Retry-After", "").isdigit():
                failures.append(f"{answer.status}: {told.decode(errors='replace')[:300]}")
                return
            time.sleep(int(answer.headers["Retry-After"]))
        failures.append("never taken")

    threads = [
        threading.Thread(target=send, args=(address, *body))
        for address, body in zip(site.crowd, of_phone, strict=True)
    ]
    for thread in threads:
        thread.start()
    barrier.wait()
    for thread in threads:
        thread.join()
    lost = len(tries) - (_stored(site) - before)
    if failures or lost:
        raise RuntimeError(f"{len(failures)} failed, {lost} lost: {failures[:1]}")
    return {
        "phones": len(site.crowd),
        "taken": len(tries),
        "at_the_first_try": tries.count(1),
        "most_tries": max(tries),
        "last_taken_after_s": round(max(waits), 1),
        "lost": lost,
    }


def _stored(site: Site) -> int:
    """Submissions that became a revision."""
    engine = open_engine(site.bureau.settings.database_url, pool_size=1)
    with engine.connect() as connection:
        count = text("select count(*) from openrosa_submission where rev is not null")
        found = int(connection.execute(count).scalar_one())
    engine.dispose()
    return found


def look_for_news(site: Site, rounds: int) -> dict[str, float]:
    """What a phone's hourly look costs when it has everything: the list and every manifest, all 304."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    address = site.addresses[0]

    def ask(path: str, tag: str | None = None) -> tuple[int, str, bytes]:
        line.request("GET", path, headers=HEADERS | ({"If-None-Match": tag} if tag else {}))
        answer = line.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read()

    _, list_tag, body = ask(f"{address}/formList")
    manifests = [urlsplit(each.text).path for each in etree.fromstring(body).iter("{*}manifestUrl")]
    tags = [(f"{address}/formList", list_tag), *((path, ask(path)[1]) for path in manifests)]
    taken = []
    cpu = site.cpu_seconds()
    for _ in range(rounds):
        began = time.perf_counter()
        for path, tag in tags:
            status, _, _ = ask(path, tag)
            assert status == 304, path
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "requests": len(tags),
        "look_ms_p50": round(statistics.median(taken), 1),
        "cpu_ms_per_look": round((site.cpu_seconds() - cpu) * 1000 / rounds, 2),
    }


def measure(database: str, url: str, sizes: list[int], asked: argparse.Namespace) -> dict[str, Any]:
    """Measure one kind of database at all sizes."""
    with ExitStack() as stack:
        sites: dict[int, Site] = {}
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="merestone-bench-")))
            its_url, process = url, None
            if database == "postgres":
                admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
                with admin.connect() as connection:
                    connection.execute(text(f"create database openrosa_{size}"))
                    data = Path(connection.execute(text("show data_directory")).scalar_one())
                process = int((data / "postmaster.pid").read_text().splitlines()[0])
                admin.dispose()
                its_url = f"{url}/openrosa_{size}"
            print(f"  {database}: storing {size} records", flush=True)
            bureau = build_bureau(settings_of(database, its_url, folder), size)
            addresses, crowd = give_keys(bureau), give_keys(bureau, asked.crowd)
            port, server = stack.enter_context(running_server(bureau))
            sites[size] = Site(bureau, port, server, process, addresses, crowd)
        found: dict[str, Any] = {
            "news": {str(size): look_for_news(site, asked.rounds) for size, site in sites.items()}
        }
        for name, photos in PHOTOS.items():
            cells: dict[str, list[dict[str, float]]] = {str(size): [] for size in sizes}
            for clients in [count for count in CLIENTS if count <= asked.clients]:
                each = max(4, asked.submissions // clients)
                for size, site in sites.items():
                    repeats = [submit(site, clients, each, photos) for _ in range(asked.repeats)]
                    cell = {key: statistics.median(one[key] for one in repeats) for key in repeats[0]}
                    print(f"    {name}, {size} stored: {cell}", flush=True)
                    cells[str(size)].append(cell)
            found[name] = cells
        if asked.crowd:
            found["burst"] = {str(size): burst(site) for size, site in sites.items()}
            print(f"    everybody at once: {found['burst']}", flush=True)
        small, large = str(sizes[0]), str(sizes[-1])
        found["ratios"] = {
            f"{name}, {int(before['clients'])} phones, {large} to {small} stored": round(
                before["submissions_per_second"] / after["submissions_per_second"], 3
            )
            for name in PHOTOS
            for before, after in zip(found[name][small], found[name][large], strict=True)
        }
        return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="make bench-openrosa")
    parser.add_argument("--sizes", default="1000,50000", help="stored records, smallest first")
    parser.add_argument("--databases", default="postgres")
    parser.add_argument("--clients", type=int, default=32, help="at most so many phones at once")
    parser.add_argument("--submissions", type=int, default=480, help="in each cell")
    parser.add_argument("--repeats", type=int, default=3, help="how often each cell is measured")
    parser.add_argument("--rounds", type=int, default=30, help="looks for news")
    parser.add_argument("--crowd", type=int, default=400, help="phones that send at once at the end")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--flush-ms", type=float, default=0.0, help="let every commit take so much longer")
    asked = parser.parse_args()
    if asked.flush_ms:
        os.environ[FLUSH] = str(asked.flush_ms)
    sizes = [int(size) for size in asked.sizes.split(",")]
    results: dict[str, Any] = {
        "machine": this_machine(),
        "flush_ms": asked.flush_ms,
    }
    with ExitStack() as stack:
        for database in asked.databases.split(","):
            url = stack.enter_context(running_postgres()) if database == "postgres" else ""
            results[database] = measure(database, url, sizes, asked)
            cores = results["machine"]["cores"]
            results[database]["targets"] = judge_submissions(results[database], sizes, cores)
            for name, ratio in results[database]["ratios"].items():
                print(f"{database}: {name}: {ratio} times slower")
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"written to {asked.output}")


if __name__ == "__main__":
    main()
