"""`make bench-slow`: a large video and many photos over bad mobile networks. Writes bench-results/slow.json.

At full size and in real time this takes a night; `--faster 50` shortens every time of the networks alike.
`tests/server/evidence/test_slow_networks.py` tells the same stories in small.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
from werkzeug.wrappers import Response

from server.access import Role
from server.app import create_app
from server.http import App
from server.serve import prepare_installation
from tests.actors import Cast
from tests.actors.phone import SIGNED, Phone
from tests.actors.supervisor import supervisor
from tests.bench.__main__ import settings_of
from tests.server.evidence import wired
from tests.server.evidence.mobile_network import EDGE_OF_COVERAGE, THIRD_GENERATION, MobileNetwork, Profile
from tests.server.evidence.serving import free_port, serving

OUTPUT = Path("bench-results/slow.json")
PATIENCE = 24 * 3600.0
PIECE = 1_000_000


class PhoneRestarted(Exception):
    """The phone forgot all but what it had written down."""


class Server:
    """The real server of an installation, which may be restarted."""

    def __init__(self, app: App, stack: ExitStack) -> None:
        self.app, self.stack, self.port, self.restarts = app, stack, free_port(), 0
        self._start()

    def restart(self) -> None:
        """Tell it to stop, in the middle of whatever it does, and start it again; does not wait for it."""
        self.restarts += 1
        threading.Thread(target=self._restart).start()

    def _restart(self) -> None:
        self.process.terminate()
        self.process.wait()
        self._start()

    def _start(self) -> None:
        self.process = self.stack.enter_context(serving(self.app.settings, self.port))


def carry_a_video(app: App, size: int, profile: Profile, cuts: int = 50) -> dict[str, Any]:
    """Upload a video while its line breaks `cuts` times, the server restarts twice and the phone once.

    The restarted phone remembers the upload's address and nothing else. Raises unless the bytes that the server
    has in the end are the video's; returns what it took.
    """
    chance = random.Random(size)
    content = b"".join(chance.randbytes(min(PIECE, size - start)) for start in range(0, size, PIECE))
    began = time.monotonic()
    with ExitStack() as stack:
        server = Server(app, stack)
        breaks = [chance.randrange(size) for _ in range(cuts)]
        network = stack.enter_context(MobileNetwork(server.port, profile, breaks))
        someone = Cast(app).signed_in(Role.INSPECTOR)
        phone = wired.Phone(network.port, str(someone.token), someone.username)
        path = phone.create(content)
        turns = [(size // 4, server.restart), (size // 2, _restart_phone), (3 * size // 4, server.restart)]

        def look_around(_offset: int) -> None:
            if turns and network.bodies >= turns[0][0]:
                turns.pop(0)[1]()

        sending = wired.Sending(phone, content, path, 16 * 1024, on_piece=look_around)
        lives = 1
        while not sending.is_whole:
            try:
                sending.until_whole(PATIENCE)
            except PhoneRestarted:
                sending = replace(sending, acknowledged=0, failures=[])
                lives += 1
        seconds = time.monotonic() - began
        near = replace(phone, port=server.port)
        near.sign_in()
        assert near.fetch(content) == content
    return {
        "bytes": size,
        "seconds": round(seconds, 1),
        "broken_lines": network.broken,
        "server_restarts": server.restarts,
        "phone_restarts": lives - 1,
        "bytes_sent_again": network.bodies - size,
        "percent_sent_again": round((network.bodies - size) / size * 100, 3),
    }


def _restart_phone() -> None:
    raise PhoneRestarted


class FarPhone(Phone):
    """A phone that reaches the server through a network, and tries again until it does."""

    network_port = 0

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Send a request as it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"json": options.get("json"), "params": options.get("query_string")}
        while True:
            try:
                answer = requests.request(
                    method,
                    f"http://127.0.0.1:{self.network_port}{path}",
                    headers=headers,
                    timeout=600,
                    **sent,
                )
            except requests.RequestException:
                continue
            kept = {name: answer.headers[name] for name in ("Content-Type",) if name in answer.headers}
            return Response(answer.content, answer.status_code, kept)


def carry_many_records(
    app: App, records: int, photos: int, photo_size: int, profile: Profile, cuts: int = 10
) -> dict[str, Any]:
    """Push records while their photos are on the same slow line.

    Raises unless all records can be reviewed before the photos have come, and unless in the end all have come.
    """
    chance = random.Random(records)
    cast = Cast(app)
    reviewer = supervisor(cast)
    person = cast.person(Role.INSPECTOR)
    phone = FarPhone(app, person.username, person.person_id)
    tasks = [cast.task(phone) for _ in range(records)]
    began = time.monotonic()
    with ExitStack() as stack:
        server = Server(app, stack)
        total = records * photos * photo_size
        breaks = [chance.randrange(total) for _ in range(cuts)]
        network = stack.enter_context(MobileNetwork(server.port, profile, breaks))
        phone.network_port = network.port
        phone.signs_in().pulls()
        filled = [_fill(phone, task, photos, photo_size, chance) for task in tasks]
        pool = stack.enter_context(ThreadPoolExecutor(1))
        uploading = pool.submit(
            _upload_all,
            wired.Phone(network.port, str(phone.token), phone.username),
            phone.files.values(),
        )
        answers = phone.pushes()
        assert [answer["outcome"] for answer in answers] == ["accepted"] * records
        states = {reviewer.reads(record)["state"] for record in filled}
        assert states == {"under_review"}
        reviewable_after = time.monotonic() - began
        near = wired.Phone(server.port, str(phone.token), phone.username)
        under_way = sum(not near.is_stored(content) for content in phone.files.values())
        assert under_way, "the photos were faster than the records"
        uploading.result()
        seconds = time.monotonic() - began
        near.sign_in()  # it took longer than a session lasts
        reviewer.sign_in()
        assert all(near.fetch(content) == content for content in phone.files.values())
        assert all(not reviewer.reads(record)["blocks"] for record in filled)
    return {
        "records": records,
        "files": len(phone.files),
        "bytes": total,
        "reviewable_after_seconds": round(reviewable_after, 1),
        "files_then_under_way": under_way,
        "seconds": round(seconds, 1),
        "broken_lines": network.broken,
    }


def _fill(phone: FarPhone, task: Any, photos: int, photo_size: int, chance: random.Random) -> Any:
    """Fill a record in with so many photos, its three signatures among them."""
    names = [f"j{number}.jpg" for number in range(photos - 3)]
    answers = SIGNED | {"/data/markers": [{"marker_no": name, "photo": name} for name in names]}
    pictures = [*names, "inspector1.png", "inspector2.png", "company.png"]
    return phone.fills(task, answers, photos={name: chance.randbytes(photo_size) for name in pictures})


def _upload_all(phone: wired.Phone, files: Iterable[bytes]) -> None:
    for content in list(files):
        while True:
            try:
                path = phone.create(content)
            except requests.RequestException:
                continue
            break
        wired.Sending(phone, content, path, 16 * 1024).until_whole(PATIENCE)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-slow")
    parser.add_argument("--megabytes", type=int, default=500, help="size of the video")
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--photos", type=int, default=12, help="photos of each record")
    parser.add_argument("--photo-kilobytes", type=int, default=200)
    parser.add_argument("--faster", type=float, default=1.0, help="shorten all times of the networks")
    parser.add_argument("--only", choices=("video", "records"), help="tell one of the two stories")
    parser.add_argument("--rounds", type=int, default=1, help="how often each story is told")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    told: dict[str, list[dict[str, Any]]] = {"video": [], "records": []}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory(prefix="merestone-bench-") as folder:
            settings = settings_of("sqlite", "", Path(folder))
            prepare_installation(settings)
            app = create_app(settings)
            if arguments.only != "records":
                size, profile = arguments.megabytes * 1_000_000, EDGE_OF_COVERAGE.faster(arguments.faster)
                told["video"].append(carry_a_video(app, size, profile))
                print(told["video"][-1], flush=True)
            if arguments.only != "video":
                size, profile = arguments.photo_kilobytes * 1000, THIRD_GENERATION.faster(arguments.faster)
                told["records"].append(
                    carry_many_records(app, arguments.records, arguments.photos, size, profile)
                )
                print(told["records"][-1], flush=True)
            app.close()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(
        json.dumps({"faster": arguments.faster, **told}, indent=2) + "\n", encoding="utf-8"
    )
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
