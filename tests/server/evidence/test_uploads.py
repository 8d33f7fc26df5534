"""Uploads by the rules of tus 1.0, one request at a time."""

import hashlib
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from media import ObjectUnknown, Progress, StoreUnavailable
from server import audit, clock
from server.access import Role
from server.evidence import sweeping
from server.evidence.models import MediaObject, Upload
from tests.actors.uploader import BYTES, TUS, UPLOADS, Uploader, cut_body, metadata, sha256_of
from tests.server.evidence.conftest import a_photo

CONTENT = bytes(range(256)) * 40


def only_upload(session):
    session.expire_all()
    return session.scalars(select(Upload)).one()


def bytes_there(app, upload):
    """How many bytes of what is on record the store really has."""
    return app.store.resume(str(upload.id), Progress(upload.offset, upload.progress)).offset


def written_by_a_process_that_died(app, upload, content):
    """Bytes that reach the store and the row never hears of."""
    with app.store.write(str(upload.id), Progress(upload.offset, upload.progress)) as writing:
        writing.write(content)
        return writing.flush()


def test_a_file_sent_in_two_pieces_is_stored_under_its_hash(uploader, session):
    photo = a_photo()
    url = uploader.create(photo)
    assert url.startswith("/api/v1/media/uploads/")

    first = uploader.client.call("PATCH", url, headers={**BYTES, "Upload-Offset": "0"}, data=photo[:100])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100")
    assert uploader.status(sha256_of(photo)) == {sha256_of(photo): "partial"}
    last = uploader.send(url, photo, 100)

    assert last.headers["Upload-Offset"] == str(len(photo))
    assert uploader.status(sha256_of(photo)) == {sha256_of(photo): "stored"}
    stored = session.get_one(MediaObject, sha256_of(photo))
    assert (stored.size, stored.mime, stored.family) == (len(photo), "image/jpeg", "image")
    assert stored.stored_seq == session.scalar(
        select(audit.AuditEntry.seq).where(audit.AuditEntry.action == "media.stored")
    )


def test_the_server_names_its_version_extensions_and_limit(cast):
    answer = cast.stranger().call("OPTIONS", UPLOADS)

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "checksum",
        "termination",
        "expiration",
    }
    assert answer.headers["Tus-Max-Size"] == str(4096 * 1024 * 1024)


def test_head_tells_where_to_go_on_and_is_never_kept_by_a_cache(uploader):
    url = uploader.create(CONTENT, record="a-record")
    uploader.send(url, CONTENT, cut_after=300, expect=503)

    head = uploader.head(url)

    assert head.headers["Upload-Offset"] == "300"
    assert head.headers["Upload-Length"] == str(len(CONTENT))
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Expires" in head.headers
    assert head.headers["Upload-Metadata"] == metadata(
        filename="照片 1.jpg", filetype="image/jpeg", sha256=sha256_of(CONTENT), record="a-record"
    )


def test_a_cut_body_keeps_what_arrived(uploader):
    url = uploader.create(CONTENT)

    answer = uploader.send(url, CONTENT, cut_after=777, expect=503)

    assert answer.get_json()["code"] == "upload.interrupted"
    assert answer.headers["Upload-Offset"] == "777"
    assert uploader.offset(url) == 777


def test_a_file_cut_again_and_again_arrives_whole(uploader, inspector):
    sha256 = uploader.upload(CONTENT, cut_after=3000)

    assert inspector.call("GET", f"{UPLOADS}/{sha256}").data == CONTENT


def test_a_file_can_come_with_its_creation(uploader):
    photo = a_photo()

    url = uploader.create(photo, with_upload=True)

    assert uploader.last.headers["Upload-Offset"] == str(len(photo))
    assert uploader.status(sha256_of(photo))[sha256_of(photo)] == "stored"
    assert uploader.offset(url) == len(photo)


def test_a_creation_cut_in_its_body_is_created_with_what_came(uploader):
    answer = uploader.client.call(
        "POST",
        UPLOADS,
        headers={**BYTES, "Upload-Length": str(len(CONTENT))},
        **cut_body(CONTENT[:500], len(CONTENT)),
    )

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "500")
    assert uploader.send(answer.headers["Location"], CONTENT, 500).status_code == 204


def test_a_body_of_another_type_at_creation_is_not_taken_for_the_file(uploader):
    headers = {**TUS, "Upload-Length": "3", "Content-Type": "text/plain"}

    answer = uploader.client.call("POST", UPLOADS, headers=headers, data=b"abc")

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "0")


def test_an_empty_file_is_whole_at_once(uploader):
    uploader.create(b"")

    assert uploader.status(sha256_of(b""))[sha256_of(b"")] == "stored"


def test_a_file_without_a_promised_hash_is_stored_under_the_hash_it_has(uploader):
    url = uploader.create(CONTENT, sha256=None)
    uploader.send(url, CONTENT)

    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_content_that_is_here_already_need_not_be_sent_again_by_who_sent_it(uploader, cast, session):
    uploader.upload(CONTENT)
    colleague = Uploader(cast.signed_in(Role.INSPECTOR))

    url = uploader.create(CONTENT)
    colleague.create(CONTENT)

    assert uploader.last.headers["Upload-Offset"] == str(len(CONTENT))
    assert uploader.offset(url) == len(CONTENT)
    assert colleague.last.headers["Upload-Offset"] == "0", "a hash proves nothing"
    assert colleague.upload(CONTENT) == sha256_of(CONTENT)
    assert session.scalar(select(func.count()).select_from(MediaObject)) == 1


@pytest.mark.parametrize("left", [0, 100], ids=["gone", "cut"])
def test_what_the_store_has_lost_is_taken_again_from_whoever_has_it(uploader, inspector, app, session, left):
    content = b"what remains of it: %d" % left * 40  # the store outlives a test
    uploader.upload(content)
    with app.store.open_file(sha256_of(content)) as file:
        place = Path(file.name)
    place.unlink()
    if left:
        place.write_bytes(content[:left])

    url = uploader.create(content)

    assert uploader.last.headers["Upload-Offset"] == "0"
    if left:  # what is there is never written over: the good bytes wait beside it
        uploader.send(url, content, expect=503)
        assert bytes_there(app, session.get_one(Upload, UUID(url.rpartition("/")[2]))) == len(content)
    else:
        uploader.send(url, content)
        assert inspector.call("GET", f"{UPLOADS}/{sha256_of(content)}").data == content
    assert session.scalar(select(func.count()).select_from(MediaObject)) == 1


def test_a_store_that_is_away_is_believed_to_have_what_it_had(uploader, app, monkeypatch):
    uploader.upload(CONTENT)

    def away(_sha256):
        raise StoreUnavailable("the bucket does not answer")

    monkeypatch.setattr(app.store, "stat", away)
    uploader.create(CONTENT)

    assert uploader.last.headers["Upload-Offset"] == str(len(CONTENT))


def test_naming_a_hash_with_another_size_spares_nothing(uploader, cast):
    uploader.upload(CONTENT)
    colleague = Uploader(cast.signed_in(Role.INSPECTOR))

    colleague.create(CONTENT + b"!", sha256=sha256_of(CONTENT))

    assert colleague.last.headers["Upload-Offset"] == "0"


def test_naming_a_hash_does_not_open_the_file(uploader, cast):
    uploader.upload(CONTENT)
    colleague = cast.signed_in(Role.INSPECTOR)
    Uploader(colleague).create(CONTENT)

    assert colleague.get(f"{UPLOADS}/{sha256_of(CONTENT)}", expect=404)["code"] == "media.not-found"


def test_the_last_patch_may_be_repeated_when_its_answer_was_lost(uploader):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT)

    again = uploader.send(url, CONTENT, len(CONTENT))

    assert again.headers["Upload-Offset"] == str(len(CONTENT))


def test_bytes_of_another_hash_are_refused_and_kept_for_a_day(uploader, app, session):
    url = uploader.create(CONTENT, sha256="0" * 64)

    answer = uploader.send(url, CONTENT, expect=460)

    assert answer.get_json()["code"] == "media.digest-mismatch"
    assert answer.get_json()["actual"] == sha256_of(CONTENT)
    upload = only_upload(session)
    assert bytes_there(app, upload) == upload.offset == len(CONTENT)
    kept = upload.expires_at - clock.now()
    assert timedelta(hours=23) < kept <= timedelta(hours=24)
    assert uploader.head(url, expect=460).headers["Tus-Resumable"] == "1.0.0"
    assert uploader.status("0" * 64, sha256_of(CONTENT)) == {"0" * 64: "absent", sha256_of(CONTENT): "absent"}
    uploader.end(url)
    assert sweeping.claim(session) == []


def test_another_version_is_refused_before_anything_happens(uploader, session):
    answer = uploader.client.call("POST", UPLOADS, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "5"})

    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.get_json()["code"] == "upload.wrong-version"
    assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_another_offset_is_refused_and_the_right_one_told(uploader):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, cut_after=100, expect=503)

    answer = uploader.send(url, CONTENT, 50, expect=409)

    assert answer.headers["Upload-Offset"] == "100"
    assert uploader.offset(url) == 100


def test_another_content_type_is_refused(uploader):
    url = uploader.create(CONTENT)

    answer = uploader.send(url, CONTENT, expect=415, Content_Type="image/jpeg")

    assert answer.get_json()["code"] == "upload.wrong-content-type"
    assert uploader.offset(url) == 0


def test_a_file_over_the_limit_is_refused_at_creation(uploader, session):
    headers = {**TUS, "Upload-Length": str(4096 * 1024 * 1024 + 1)}

    answer = uploader.client.call("POST", UPLOADS, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (413, "upload.too-large")
    assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_more_bytes_than_were_promised_are_refused(uploader):
    url = uploader.create(CONTENT)

    assert uploader.send(url, CONTENT + b"more", expect=413).get_json()["code"] == "upload.too-large"
    assert uploader.offset(url) == 0


@pytest.mark.parametrize(
    "headers",
    [{}, {"Upload-Length": "-1"}, {"Upload-Length": "5", "Upload-Metadata": "filename ***"}],
    ids=["no length", "negative length", "metadata that is no base64"],
)
def test_a_creation_with_a_bad_header_is_refused(uploader, headers):
    answer = uploader.client.call("POST", UPLOADS, headers={**TUS, **headers})

    assert (answer.status_code, answer.get_json()["code"]) == (400, "upload.bad-header")
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_an_ended_upload_is_gone_with_its_bytes(uploader, app, session):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, cut_after=100, expect=503)

    uploader.end(url)

    uploader.head(url, expect=410)
    assert "Upload-Offset" not in uploader.head(url, expect=410).headers
    assert uploader.send(url, CONTENT, 100, expect=410).get_json()["code"] == "upload.gone"
    uploader.end(url, expect=410)
    assert str(only_upload(session).id) in url
    assert bytes_there(app, only_upload(session)) == 0


def test_ending_a_finished_upload_leaves_the_file(uploader):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT)

    uploader.end(url)

    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_an_unknown_upload_is_not_found(uploader):
    missing = f"{UPLOADS}/uploads/00000000-0000-4000-8000-000000000000"

    uploader.head(missing, expect=404)
    answer = uploader.send(missing, CONTENT, expect=404)

    assert answer.get_json()["code"] == "upload.not-found"
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_another_persons_upload_is_as_unknown_as_none(uploader, cast):
    url = uploader.create(CONTENT)
    thief = Uploader(cast.signed_in(Role.INSPECTOR))

    thief.head(url, expect=404)
    thief.end(url, expect=404)
    answer = thief.send(url, CONTENT, expect=404)

    assert answer.get_json()["code"] == "upload.not-found"
    assert uploader.offset(url) == 0


def test_uploading_needs_a_session_and_the_permission(uploader, cast):
    stranger = cast.stranger().call("POST", UPLOADS, headers={**TUS, "Upload-Length": "5"})
    supervisor = cast.signed_in(Role.SUPERVISOR).call("POST", UPLOADS, headers={**TUS, "Upload-Length": "5"})

    assert (stranger.status_code, stranger.headers["Tus-Resumable"]) == (401, "1.0.0")
    assert (supervisor.status_code, supervisor.get_json()["code"]) == (403, "access.denied")


def test_an_expired_upload_is_gone_and_swept(uploader, app, session):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, cut_after=100, expect=503)
    session.execute(update(Upload).values(expires_at=clock.now() - timedelta(seconds=1)))

    uploader.head(url, expect=410)
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "absent"
    with audit.transaction(app.sessions) as own:
        works = sweeping.claim(own)
    assert len(works) == 1
    with audit.transaction(app.sessions) as own:
        assert sweeping.claim(own) == [], "another worker passes it by"
    facts = sweeping.perform(app.store, works[0])
    with audit.transaction(app.sessions) as own:
        sweeping.settle(own, works[0], facts)

    uploader.head(url, expect=410)
    assert only_upload(session).ended_at is not None
    assert facts == {"offset": 100, "length": len(CONTENT)}
    assert bytes_there(app, only_upload(session)) == 0


def test_every_byte_puts_the_end_of_an_upload_off(uploader, session):
    url = uploader.create(CONTENT)
    session.execute(update(Upload).values(expires_at=clock.now() + timedelta(days=1)))

    uploader.head(url)
    session.expire_all()
    assert only_upload(session).expires_at < clock.now() + timedelta(days=2)
    uploader.send(url, CONTENT, cut_after=1, expect=503)

    assert only_upload(session).expires_at > clock.now() + timedelta(days=13)


def test_a_network_that_knows_only_post_can_upload(uploader):
    url = uploader.create(CONTENT)
    override = {"X-HTTP-Method-Override": "PATCH"}

    sent = uploader.client.call(
        "POST", url, headers={**BYTES, **override, "Upload-Offset": "0"}, data=CONTENT[:99]
    )
    asked = uploader.client.call("POST", url, headers={**TUS, "X-HTTP-Method-Override": "HEAD"})
    ended = uploader.client.call("POST", url, headers={**TUS, "X-HTTP-Method-Override": "DELETE"})

    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "99")
    assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, "99")
    assert ended.status_code == 204
    uploader.head(url, expect=410)


def test_a_post_to_an_upload_that_stands_for_nothing_is_refused(uploader):
    url = uploader.create(CONTENT)

    plain = uploader.client.call("POST", url, headers=TUS)
    strange = uploader.client.call("POST", url, headers={**TUS, "X-HTTP-Method-Override": "PUT"})

    assert (plain.status_code, plain.get_json()["code"]) == (405, "url.method-not-allowed")
    assert (strange.status_code, strange.get_json()["code"]) == (400, "upload.bad-header")


def test_bytes_acknowledged_but_lost_are_asked_for_again(uploader, app, session):
    content = CONTENT + b"that no other test has stored"
    url = uploader.create(content)
    uploader.send(url, content, cut_after=500, expect=503)
    lost = only_upload(session)
    app.store.discard(str(lost.id), Progress(lost.offset, lost.progress))

    assert uploader.offset(url) == 0
    uploader.send(url, content)

    assert uploader.status(sha256_of(content))[sha256_of(content)] == "stored"


def test_a_store_that_does_not_have_what_it_just_took_is_no_reason_to_begin_anew(uploader, app, monkeypatch):
    content = CONTENT + b"which the store mislays"
    url = uploader.create(content)

    def mislaid(sha256, *_range):
        raise ObjectUnknown(sha256)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(app.store, "open", mislaid)
        answer = uploader.send(url, content, expect=503)
        assert answer.get_json()["code"] == "store.unavailable"
        assert answer.headers["Retry-After"]

    assert uploader.offset(url) == len(content)
    assert uploader.status(sha256_of(content))[sha256_of(content)] == "stored"


def test_a_whole_upload_whose_process_died_is_finished_by_the_next_question(uploader, app, session):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, cut_after=500, expect=503)
    progress = written_by_a_process_that_died(app, only_upload(session), CONTENT[500:])
    session.execute(update(Upload).values(offset=progress.offset, progress=progress.notes))

    assert uploader.offset(url) == len(CONTENT)

    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_a_process_that_died_between_storing_and_settling_loses_nothing(uploader, app, session):
    url = uploader.create(CONTENT)
    upload = only_upload(session)
    progress = written_by_a_process_that_died(app, upload, CONTENT)
    with app.store.write(str(upload.id), progress) as writing:
        writing.finish(sha256_of(CONTENT))
    session.execute(update(Upload).values(offset=progress.offset, progress=progress.notes))

    uploader.send(url, CONTENT, len(CONTENT))

    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_status_takes_hashes_as_pushes_name_them_and_no_more_than_500(uploader):
    named = f"sha256:{sha256_of(CONTENT)}"
    assert uploader.status(named) == {named: "absent"}

    uploader.client.post("/api/v1/media/status", {"sha256": ["0" * 64] * 501}, expect=422)
    uploader.client.post("/api/v1/media/status", {"sha256": ["../../etc/passwd"]}, expect=422)


def checksum_of(content, algorithm="sha1"):
    return f"{algorithm} {b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def deferred(uploader, **more):
    answer = uploader.client.call("POST", UPLOADS, headers={**TUS, "Upload-Defer-Length": "1", **more})
    assert answer.status_code == 201
    return answer.headers["Location"]


def test_a_cut_body_with_a_checksum_does_not_count(uploader, app, session):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT[:1000], 0, expect=204)

    answer = uploader.send(url, CONTENT, 1000, 777, expect=503, Upload_Checksum=checksum_of(CONTENT[1000:]))

    assert answer.headers["Upload-Offset"] == "1000"
    assert uploader.offset(url) == 1000
    assert bytes_there(app, only_upload(session)) == 1000
    uploader.send(url, CONTENT, 1000, Upload_Checksum=checksum_of(CONTENT[1000:], "sha256"))
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_bytes_of_another_checksum_are_forgotten_and_the_offset_stands(uploader, app, session):
    url = uploader.create(CONTENT)

    answer = uploader.send(url, CONTENT, expect=460, Upload_Checksum=checksum_of(b"other"))

    assert answer.get_json()["code"] == "upload.checksum-mismatch"
    assert answer.headers["Upload-Offset"] == "0"
    upload = only_upload(session)
    assert (upload.offset, upload.held_until, upload.mismatched) == (0, None, None)
    assert bytes_there(app, upload) == 0


def test_a_length_told_later_is_kept_and_can_not_change(uploader, session):
    url = deferred(uploader)
    uploader.send(url, CONTENT[:100], 0)
    assert only_upload(session).length is None

    uploader.send(url, CONTENT[:200], 100, Upload_Length=str(len(CONTENT)))

    assert only_upload(session).length == len(CONTENT)
    uploader.send(url, CONTENT, 200, expect=400, Upload_Length=str(len(CONTENT) + 1))
    assert uploader.head(url).headers["Upload-Length"] == str(len(CONTENT))
    uploader.send(url, CONTENT, 200)
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_bytes_that_were_never_acknowledged_do_not_pass_a_length_told_later(uploader, app, session):
    url = deferred(uploader)
    uploader.send(url, CONTENT[:100], 0)
    written_by_a_process_that_died(app, only_upload(session), b"of a process that died")

    uploader.send(url, CONTENT[:100], 100, Upload_Length="100")

    assert uploader.status(sha256_of(CONTENT[:100])) == {sha256_of(CONTENT[:100]): "stored"}


def test_an_upload_whose_length_is_never_told_is_swept(uploader, app, session):
    deferred(uploader)
    session.execute(update(Upload).values(expires_at=clock.now() - timedelta(seconds=1)))
    with audit.transaction(app.sessions) as own:
        work = sweeping.claim(own)[0]

    facts = sweeping.perform(app.store, work)
    with audit.transaction(app.sessions) as own:
        sweeping.settle(own, work, facts)

    assert facts == {"offset": 0, "length": None}
    assert only_upload(session).ended_at is not None


def test_no_page_of_another_origin_is_let_in_unless_that_is_set(uploader):
    url = uploader.create(CONTENT)
    asks = {"Origin": "https://console.example", "Access-Control-Request-Method": "PATCH"}

    answer = uploader.client.call("OPTIONS", url, headers=asks)

    assert answer.status_code == 204
    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118
