"""A real server keeps tus 1.0.0, clause by clause, and a client that is not ours gets on with it."""

import io
import os
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import get_args
from urllib.parse import urlsplit

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from server import clock
from server.access import Role
from server.app import create_app
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.uploader import UPLOADS, sha256_of
from tests.conftest import settings_for
from tests.server.evidence.relay import Harm, Relay
from tests.server.evidence.serving import free_port, serving
from tests.server.evidence.tus_cases import BYTES, CASES, FILE, FRAME, PAGE, Case, Given
from tests.server.evidence.tus_checking import Endpoint, differences


@pytest.fixture(scope="module")
def endpoint(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("conforming")
    app = create_app(settings_for(database.fresh_url(folder), folder, MERESTONE_UPLOAD_ORIGINS=PAGE))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    token = Cast(app).signed_in(Role.INSPECTOR).token
    port = free_port()
    with serving(app.settings, port):
        yield Endpoint(f"http://127.0.0.1:{port}{UPLOADS}", token)
    app.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_server_keeps_the_protocol(endpoint, case: Case):
    assert differences(endpoint, case) == []


def test_no_two_cases_say_the_same():
    assert len({str(case) for case in CASES}) == len(CASES) >= 60


def test_an_upload_of_unknown_length_is_whole_when_its_length_is_told(endpoint):
    content = os.urandom(5000)
    url = endpoint.make(Given(length=None, has=content[:2000]))

    told = endpoint.ask(
        "PATCH", url, {**BYTES, "Upload-Offset": "2000", "Upload-Length": "5000"}, content[2000:]
    )

    assert told.status_code == 204
    head = endpoint.ask("HEAD", url, {})
    assert (head.headers["Upload-Length"], "Upload-Defer-Length" in head.headers) == ("5000", False)
    assert endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content == content


def test_the_end_of_an_upload_is_told_as_a_date_of_http(endpoint):
    url = endpoint.make(Given())

    told = endpoint.ask("PATCH", url, {**BYTES, "Upload-Offset": "0"}, FILE[:3]).headers["Upload-Expires"]

    assert told.endswith(" GMT")
    assert timedelta(days=13) < parsedate_to_datetime(told) - clock.now() < timedelta(days=15)
    assert format_datetime(parsedate_to_datetime(told), usegmt=True) == told


def test_a_browser_may_send_and_read_every_header_of_tus(endpoint):
    asked = endpoint.ask("OPTIONS", endpoint.url, {**FRAME, "Origin": PAGE, "Tus-Resumable": None})
    allowed = {each.strip().lower() for each in asked.headers["Access-Control-Allow-Headers"].split(",")}
    methods = {each.strip() for each in asked.headers["Access-Control-Allow-Methods"].split(",")}
    answer = endpoint.ask("HEAD", endpoint.make(Given()), {"Origin": PAGE})
    exposed = {each.strip().lower() for each in answer.headers["Access-Control-Expose-Headers"].split(",")}

    assert methods >= {"POST", "HEAD", "PATCH", "DELETE"}
    assert allowed >= {
        *("authorization", "content-type", "tus-resumable", "upload-length", "upload-defer-length"),
        *("upload-metadata", "upload-offset", "upload-checksum", "x-http-method-override", "x-request-id"),
    }
    assert exposed >= {
        *("location", "tus-resumable", "tus-version", "tus-extension", "tus-max-size", "upload-offset"),
        *(
            "upload-length",
            "upload-defer-length",
            "upload-metadata",
            "upload-expires",
            "tus-checksum-algorithm",
        ),
    }


def test_bytes_that_did_not_count_leave_no_trace_in_the_file(endpoint):
    content = os.urandom(300_000)
    url = endpoint.make(Given(length=len(content)))
    sent = {**BYTES, "Upload-Offset": "0", "Upload-Checksum": "sha1 " + "A" * 27 + "="}
    assert endpoint.ask("PATCH", url, sent, os.urandom(200_000)).status_code == 460

    assert endpoint.ask("PATCH", url, {**BYTES, "Upload-Offset": "0"}, content).status_code == 204

    assert endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content == content


def test_other_addresses_are_not_opened_to_pages(endpoint):
    status = requests.post(
        f"{endpoint.url}/status",
        json={"sha256": [sha256_of(FILE)]},
        headers=endpoint.authorization | {"Origin": PAGE},
        timeout=20,
    )

    assert status.status_code == 200
    assert "Access-Control-Allow-Origin" not in status.headers


@pytest.mark.parametrize("checked", [False, True], ids=["without checksums", "with checksums"])
def test_tuspy_uploads_a_file_in_pieces(endpoint, checked):
    content = os.urandom(1_000_003)
    client = TusClient(endpoint.url, headers=endpoint.authorization)

    client.uploader(
        file_stream=io.BytesIO(content),
        chunk_size=150_000,
        metadata={"filename": "视频 1.mp4", "filetype": "video/mp4", "sha256": sha256_of(content)},
        upload_checksum=checked,
    ).upload()

    assert endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content == content


def test_tuspy_stopped_in_the_middle_goes_on_from_its_address(endpoint):
    content = os.urandom(700_001)
    client = TusClient(endpoint.url, headers=endpoint.authorization)
    first = client.uploader(file_stream=io.BytesIO(content), chunk_size=100_000)
    first.upload(stop_at=300_000)

    second = client.uploader(file_stream=io.BytesIO(content), chunk_size=100_000, url=first.url)
    assert second.offset == 300_000
    second.upload()

    assert endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content == content


@pytest.mark.parametrize("harm", get_args(Harm))
@pytest.mark.parametrize("checked", [False, True], ids=["without checksums", "with checksums"])
def test_tuspy_gets_through_a_bad_network(endpoint, harm, checked):
    content = os.urandom(1_200_001)
    url = endpoint.make(Given(length=len(content)))
    server = urlsplit(url)
    with Relay(server.port, harm) as relay:
        uploader = TusClient(endpoint.url, headers=endpoint.authorization).uploader(
            url=f"http://127.0.0.1:{relay.port}{server.path}",
            file_stream=io.BytesIO(content),
            chunk_size=250_000,
            retries=12,
            retry_delay=0.1,
            upload_checksum=checked,
        )
        uploader.upload()
        assert relay.left == 0 or harm in {"slow", "repeat"}

    assert endpoint.ask("HEAD", url, {}).headers["Upload-Offset"] == str(len(content))
    assert endpoint.ask("GET", f"{endpoint.url}/{sha256_of(content)}", {}).content == content


@pytest.mark.parametrize("harm", ["close", "reset", "vanish"])
@pytest.mark.parametrize(
    ("checked", "kept"),
    [(False, True), (True, False)],
    ids=["without checksums every byte before a cut is kept", "with checksums a cut body does not count"],
)
def test_what_a_cut_leaves(endpoint, harm, checked, kept):
    content = os.urandom(300_000)
    url = endpoint.make(Given(length=len(content)))
    server = urlsplit(url)
    with Relay(server.port, harm, times=1) as relay:
        uploader = TusClient(endpoint.url, headers=endpoint.authorization).uploader(
            url=f"http://127.0.0.1:{relay.port}{server.path}",
            file_stream=io.BytesIO(content),
            upload_checksum=checked,
        )
        with pytest.raises(TusUploadFailed):
            uploader.upload()

        assert relay.left == 0
        assert (uploader.get_offset() > 119_000) is kept


def test_tuspy_hears_why_an_upload_that_was_ended_can_not_go_on(endpoint):
    uploader = TusClient(endpoint.url, headers=endpoint.authorization).uploader(
        file_stream=io.BytesIO(FILE), chunk_size=5
    )
    uploader.upload_chunk()
    assert endpoint.ask("DELETE", uploader.url, {}).status_code == 204

    with pytest.raises(TusUploadFailed) as failure:
        uploader.upload()

    assert failure.value.status_code == 410
