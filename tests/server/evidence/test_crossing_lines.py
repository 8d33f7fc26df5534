"""Requests that cross: sent twice, answered in another order, or silent for longer than anybody waits."""

import os
import threading
import time
from urllib.parse import urlsplit

import pytest

from server.access import Role
from server.app import create_app
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.uploader import UPLOADS, sha256_of
from tests.conftest import settings_for
from tests.server.evidence.relay import Relay
from tests.server.evidence.serving import Line, free_port, serving
from tests.server.evidence.tus_cases import BYTES, Given
from tests.server.evidence.tus_checking import VERSION, Endpoint
from tests.server.evidence.tus_js_client import TusJs, of_kind

SILENCE = 3.0


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossing")
    app = create_app(settings_for(database.fresh_url(folder), folder))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    yield app
    app.close()


@pytest.fixture(scope="module")
def endpoint(installation):
    """A server that gives a silent line up after three seconds."""
    port = free_port()
    with serving(installation.settings, port, silence=SILENCE):
        token = Cast(installation).signed_in(Role.INSPECTOR).token
        yield Endpoint(f"http://127.0.0.1:{port}{UPLOADS}", token)


def through(relay: Relay, url: str) -> str:
    return f"http://127.0.0.1:{relay.port}{urlsplit(url).path}"


def port_of(endpoint: Endpoint) -> int:
    port = urlsplit(endpoint.url).port
    assert port
    return port


def patch(endpoint: Endpoint, url: str, content: bytes, offset: int):
    return endpoint.ask("PATCH", url, {**BYTES, "Upload-Offset": str(offset)}, content)


def fetched(endpoint: Endpoint, content: bytes) -> bytes:
    return endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content


def at_once(*acts) -> list:
    """Run acts beside each other; return what they return, in whatever order they end."""
    ended: list = []
    threads = [threading.Thread(target=lambda act=act: ended.append(act())) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return ended


def test_answers_that_come_in_another_order_belong_to_their_requests(endpoint):
    contents = [os.urandom(200_000) for _ in range(2)]
    with Relay(port_of(endpoint), "reorder", times=2) as relay:
        urls = [through(relay, endpoint.make(Given(length=len(each)))) for each in contents]

        answers = at_once(
            *(
                lambda url=u, content=c: patch(endpoint, url, content, 0)
                for u, c in zip(urls, contents, strict=True)
            )
        )

        assert relay.left == 0
    assert [answer.status_code for answer in answers] == [204, 204]
    assert [fetched(endpoint, each) for each in contents] == contents


def test_pieces_of_one_upload_answered_in_another_order_leave_the_right_bytes(endpoint):
    content = os.urandom(400_000)
    with Relay(port_of(endpoint), "reorder", times=2) as relay:
        url = through(relay, endpoint.make(Given(length=len(content))))

        answers = at_once(
            lambda: patch(endpoint, url, content[:200_000], 0),
            lambda: (relay.is_holding.wait(20), patch(endpoint, url, content[200_000:], 200_000))[1],
        )

        assert relay.left == 0
    assert sorted((a.status_code, a.headers["Upload-Offset"]) for a in answers) == [
        (204, "200000"),
        (204, "400000"),
    ]
    assert fetched(endpoint, content) == content


def test_a_piece_that_arrives_twice_at_the_same_time_counts_once(endpoint):
    content = os.urandom(300_000)
    url = endpoint.make(Given(length=len(content)))

    answers = at_once(*[lambda: patch(endpoint, url, content[:150_000], 0)] * 2)

    assert {answer.status_code for answer in answers} <= {204, 409, 423}
    offset = int(endpoint.ask("HEAD", url, {}).headers["Upload-Offset"])
    assert patch(endpoint, url, content[offset:], offset).status_code == 204
    assert fetched(endpoint, content) == content


def test_a_client_whose_every_request_arrives_twice_gets_through(endpoint, tmp_path):
    file = tmp_path / "twice.jpg"
    file.write_bytes(os.urandom(400_000))
    with Relay(port_of(endpoint), "twice") as relay:
        options = {"endpoint": through(relay, endpoint.url), "chunkSize": 150_000}

        events = TusJs(endpoint).uploads(file, options=options)

    assert of_kind(events, "error") == []
    assert fetched(endpoint, file.read_bytes()) == file.read_bytes()


def test_clients_whose_answers_come_in_another_order_get_through(endpoint, tmp_path):
    files = [tmp_path / f"{number}.jpg" for number in range(2)]
    for each in files:
        each.write_bytes(os.urandom(200_000))
    with Relay(port_of(endpoint), "reorder", times=2) as relay:
        events = TusJs(endpoint).uploads(*files, options={"endpoint": through(relay, endpoint.url)})

        assert relay.left == 0
    assert len(of_kind(events, "success")) == 2
    assert [fetched(endpoint, each.read_bytes()) for each in files] == [each.read_bytes() for each in files]


@pytest.mark.parametrize("checked", [False, True], ids=["without a checksum", "with a checksum"])
def test_a_line_that_is_silent_for_too_long_is_given_up_and_what_it_brought_is_kept(endpoint, checked):
    content = os.urandom(300_000)
    url = endpoint.make(Given(length=len(content)))
    line = Line(port_of(endpoint))
    head = {**endpoint.authorization, **VERSION, **BYTES, "Upload-Offset": "0", "Content-Length": "300000"}
    if checked:
        head["Upload-Checksum"] = "sha1 " + "A" * 27 + "="
    line.send_head("PATCH", urlsplit(url).path, head)
    line.send(content[:123_456])
    time.sleep(1.0)
    line.send(content[123_456:200_000])

    status, headers = line.read_head()  # it would come after half a minute in earnest

    kept = 0 if checked else 200_000
    assert (status, headers["upload-offset"]) == (503, str(kept))
    line.close()
    assert patch(endpoint, url, content[kept:], kept).status_code == 204
    assert fetched(endpoint, content) == content


def test_a_line_that_pauses_for_less_is_waited_for(endpoint):
    content = os.urandom(300_000)
    url = endpoint.make(Given(length=len(content)))
    line = Line(port_of(endpoint))
    head = {**endpoint.authorization, **VERSION, **BYTES, "Upload-Offset": "0", "Content-Length": "300000"}
    line.send_head("PATCH", urlsplit(url).path, head)
    for start in range(0, 300_000, 100_000):
        line.send(content[start : start + 100_000])
        time.sleep(1.1)

    assert line.read_head()[0] == 204
    line.close()
    assert fetched(endpoint, content) == content
