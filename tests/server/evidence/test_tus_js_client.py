"""tus-js-client, which is not ours, uploads to a real server: on disk, and to a bucket."""

import os
import uuid
from typing import get_args
from urllib.parse import quote, urlsplit

import pytest
from minio import Minio
from sqlalchemy import update

from server import clock
from server.access import Role
from server.accounts.models import SignInSession
from server.app import create_app
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.uploader import UPLOADS, sha256_of
from tests.conftest import settings_for
from tests.server.evidence.relay import Harm, Relay
from tests.server.evidence.serving import free_port, serving
from tests.server.evidence.tus_checking import Endpoint
from tests.server.evidence.tus_js_client import Event, TusJs, methods, of_kind

#: What a request is beside its body, at most: nothing more may come twice.
HEAD = 1200


@pytest.fixture(scope="module")
def installation(database, tmp_path_factory, request):
    """SQLite and a folder, or PostgreSQL and a bucket."""
    folder = tmp_path_factory.mktemp("js")
    more = {} if database.name == "sqlite" else {"MERESTONE_STORE_URL": a_bucket(request, folder)}
    app = create_app(settings_for(database.fresh_url(folder), folder, **more))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    yield app
    app.close()


def a_bucket(request, folder) -> str:
    service = request.getfixturevalue("rclone_service")
    bucket = f"media-{uuid.uuid4().hex[:12]}"
    client = Minio(service.endpoint, service.key, service.secret, secure=False, region="us-east-1")
    client.make_bucket(bucket)
    key, secret = quote(service.key, safe=""), quote(service.secret, safe="")
    return f"s3://{key}:{secret}@{service.endpoint}/{bucket}?secure=false&staging={folder}/staging"


@pytest.fixture(scope="module")
def endpoint(installation):
    port = free_port()
    with serving(installation.settings, port):
        token = Cast(installation).signed_in(Role.INSPECTOR).token
        yield Endpoint(f"http://127.0.0.1:{port}{UPLOADS}", token)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "现场 1.jpg"
    path.write_bytes(os.urandom(700_001))
    return path


def fetched(endpoint, content: bytes) -> bytes:
    return endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content


def arrives(endpoint, events, *files) -> None:
    assert of_kind(events, "error") == []
    assert len(of_kind(events, "success")) == len(files)
    for each in files:
        assert fetched(endpoint, each.read_bytes()) == each.read_bytes()


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, ["POST", "PATCH"]),
        ({"chunkSize": 250_000}, ["POST", "PATCH", "PATCH", "PATCH"]),
        ({"uploadDataDuringCreation": True}, ["POST"]),
        ({"uploadDataDuringCreation": True, "chunkSize": 400_000}, ["POST", "PATCH"]),
        ({"overridePatchMethod": True, "chunkSize": 400_000}, ["POST", "POST", "POST"]),
    ],
    ids=["at once", "in pieces", "with its creation", "begun with its creation", "by POST alone"],
)
def test_a_file_arrives(endpoint, file, options, asked):
    events = TusJs(endpoint).uploads(file, options=options)

    assert methods(events) == asked
    arrives(endpoint, events, file)


def test_a_stream_whose_length_is_told_at_its_end_arrives(endpoint, file):
    options = {"uploadLengthDeferred": True, "chunkSize": 300_000}

    events = TusJs(endpoint).uploads(file, stream=True, options=options)

    arrives(endpoint, events, file)


def test_an_empty_file_arrives(endpoint, file):
    file.write_bytes(b"")

    arrives(endpoint, TusJs(endpoint).uploads(file), file)


def test_a_client_that_was_killed_goes_on_where_its_upload_stands(endpoint, file, tmp_path):
    memory = str(tmp_path / "addresses.json")
    with TusJs(endpoint).uploading(file, remembers=memory, options={"chunkSize": 20_000}) as told:
        accepted = next(event["accepted"] for event in told if event["event"] == "chunk")

    events = TusJs(endpoint).uploads(file, remembers=memory)

    assert methods(events) == ["HEAD", "PATCH"]
    offset = int(of_kind(events, "request")[1]["offset"])
    assert offset >= accepted > 0
    arrives(endpoint, events, file)


def test_an_upload_is_ended_by_its_client(endpoint, file):
    with TusJs(endpoint).uploading(file, options={"chunkSize": 100_000}) as told:
        url = next(event["url"] for event in told if event["event"] == "address")

    events = TusJs(endpoint).uploads(terminate=url)

    assert of_kind(events, "error") == []
    assert endpoint.ask("HEAD", url, {}).status_code == 410


def test_many_files_at_once_arrive(endpoint, tmp_path):
    files = [tmp_path / f"{number}.jpg" for number in range(12)]
    for each in files:
        each.write_bytes(os.urandom(150_000))

    events = TusJs(endpoint).uploads(*files, options={"chunkSize": 60_000})

    arrives(endpoint, events, *files)


def test_pieces_that_would_be_put_together_are_refused_before_their_bytes_are_sent(endpoint, file):
    events = TusJs(endpoint).uploads(file, options={"parallelUploads": 3})

    assert [event["status"] for event in of_kind(events, "error")] == [400]
    assert set(methods(events)) == {"POST"}


@pytest.mark.parametrize("harm", get_args(Harm))
def test_no_byte_that_reached_the_server_is_sent_again(endpoint, file, harm):
    server = urlsplit(endpoint.url)
    with Relay(server.port, harm, times=2) as relay:
        through = f"http://127.0.0.1:{relay.port}{server.path}"

        events = TusJs(endpoint).uploads(file, options={"endpoint": through})

        # Whoever missed the answer to the last bytes hears by HEAD that all is there: it is muted once.
        assert relay.left == (1 if harm == "mute" else 0) or harm in {"repeat", "slow"}
        size = file.stat().st_size
        assert size < relay.brought <= size + HEAD * len(of_kind(events, "request"))
    arrives(endpoint, events, file)


@pytest.fixture
def someone(installation):
    return Cast(installation).signed_in(Role.INSPECTOR)


def runs_out(endpoint, installation, someone, file, *, refreshes: bool, **more) -> list[Event]:
    """Upload a file; when 200,000 bytes of it are there, the token it began with runs out."""
    client = TusJs(Endpoint(endpoint.url, someone.token))
    events = []
    with client.uploading(file, pauses="200000", options={"chunkSize": 100_000}, **more) as told:
        for event in told:
            events.append(event)
            if event["event"] == "paused":
                of_person = update(SignInSession).where(SignInSession.person_id == someone.person_id)
                with installation.sessions.begin() as session:
                    session.execute(of_person.values(access_expires=clock.now()))
                if refreshes:
                    someone.sign_in()
                client.goes_on(someone.token if refreshes else "")
    return events


def test_a_client_that_gets_another_token_in_the_middle_goes_on(endpoint, installation, someone, file):
    events = runs_out(endpoint, installation, someone, file, refreshes=True)

    assert methods(events) == ["POST", *["PATCH"] * 3, "HEAD", *["PATCH"] * 6]
    assert [event["offset"] for event in of_kind(events, "request")][3:6] == ["200000", None, "200000"]
    arrives(Endpoint(endpoint.url, someone.token), events, file)


def test_a_client_whose_token_ran_out_goes_on_when_it_has_another(
    endpoint, installation, someone, file, tmp_path
):
    memory = str(tmp_path / "addresses.json")
    events = runs_out(endpoint, installation, someone, file, refreshes=False, remembers=memory)
    assert [event["status"] for event in of_kind(events, "error")] == [401]
    someone.sign_in()
    mine = Endpoint(endpoint.url, someone.token)

    events = TusJs(mine).uploads(file, remembers=memory)

    assert methods(events) == ["HEAD", "PATCH"]
    assert of_kind(events, "request")[1]["offset"] == "200000"
    arrives(mine, events, file)


def test_a_client_that_asks_with_a_dead_token_forgets_its_upload_and_the_server_does_not(
    endpoint, installation, someone, file, tmp_path
):
    memory = str(tmp_path / "addresses.json")
    dead = Endpoint(endpoint.url, someone.token)
    events = runs_out(endpoint, installation, someone, file, refreshes=False, remembers=memory)
    url = of_kind(events, "address")[0]["url"]
    events = TusJs(dead).uploads(file, remembers=memory)
    assert methods(events) == ["HEAD", "POST"], "tus-js-client takes every 4xx but 423 for a lost upload"
    assert of_kind(events, "error")[0]["status"] == 401
    someone.sign_in()
    mine = Endpoint(endpoint.url, someone.token)

    events = TusJs(mine).uploads(file, options={"uploadUrl": url})

    assert methods(events) == ["HEAD", "PATCH"]
    assert of_kind(events, "request")[1]["offset"] == "200000"
    arrives(mine, events, file)
