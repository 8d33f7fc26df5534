"""Time-stamps from a real authority, and everything a bad one can do."""

import hashlib
import os
import random
import socket
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from server import audit, clock
from server.app import create_app
from server.duties import Duty
from server.installation import guard_epoch
from server.notary import authority as asking
from server.notary.authority import StampRefusedError, TimeStampAuthority, open_authority, read_stamp
from server.notary.checking import RootBrokenError, Trust, check_roots
from server.notary.parts import check_part
from server.notary.stamping import Stamping
from server.settings import WrongSettingError
from server.worker import Worker, drain, make_worker
from tests.authority import Authority, dripping
from tests.conftest import settings_for
from tests.server.notary.test_roots import command, notary_of, roots_of, signed, write

MESSAGE = b'{"format":"merestone-root"}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with Authority(tmp_path_factory.mktemp("authority") / "good").serving() as authority:
        yield authority


@pytest.fixture(autouse=True)
def _well_behaved(authority):
    yield
    authority.answer = authority.answers
    authority.asked.clear()


def trusting(authority, **more):
    roots = load_pem_x509_certificates(authority.root_file.read_bytes())
    return TimeStampAuthority(authority.url, roots, **more)


def refusal(authority, **more):
    with pytest.raises(StampRefusedError) as refused:
        trusting(authority, **more).stamp(MESSAGE)
    return str(refused.value)


def request_for(message, algorithm=HashAlgorithm.SHA256):
    return TimestampRequestBuilder().data(message).hash_algorithm(algorithm).build().as_bytes()


def replying_with(signer, authority):
    """What the authority says, signed by another."""
    return lambda query: (200, {}, [signer.sign_as(authority.reply(query))])


def replying(reply, status=200, **headers):
    return lambda _query: (status, headers, reply)


def test_an_authority_stamps_and_openssl_agrees(authority, tmp_path):
    before = clock.now() - timedelta(seconds=2)
    stamp = trusting(authority).stamp(MESSAGE)

    assert before <= stamp.at <= clock.now()
    assert stamp.imprint == hashlib.sha256(MESSAGE).digest()
    assert [kind for kind, _ in authority.asked] == ["application/timestamp-query"]
    (tmp_path / "data").write_bytes(MESSAGE)
    (tmp_path / "stamp.tsr").write_bytes(stamp.data)
    (tmp_path / "other").write_bytes(MESSAGE + b" ")
    assert authority.verifies(tmp_path / "data", tmp_path / "stamp.tsr")
    assert not authority.verifies(tmp_path / "other", tmp_path / "stamp.tsr")


def test_a_stamp_on_something_else_is_refused(authority):
    authority.answer = lambda _query: (200, {}, [authority.reply(request_for(b"something else"))])
    assert "does not hold" in refusal(authority)


def test_a_stamp_for_another_request_is_refused(authority):
    authority.answer = lambda _query: (200, {}, [authority.reply(request_for(MESSAGE))])
    assert "Nonce" in refusal(authority)


def test_a_stamp_over_another_hash_is_refused(authority):
    authority.answer = lambda _query: (200, {}, [authority.reply(request_for(MESSAGE, HashAlgorithm.SHA512))])
    assert "does not hold" in refusal(authority)


def test_an_old_answer_that_is_sent_again_is_refused(authority):
    authority.answer = replying([trusting(authority).stamp(MESSAGE).data])
    assert "Nonce" in refusal(authority)


def test_a_signer_that_is_not_trusted_is_refused(authority, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    authority.answer = stranger.answers
    assert "does not hold" in refusal(authority)


@pytest.mark.parametrize("loose", [{"critical": False}, {"usage": x509.ExtendedKeyUsageOID.CODE_SIGNING}])
def test_a_certificate_that_does_not_bind_its_use_to_time_stamping_is_refused(authority, tmp_path, loose):
    wrong, strict = Authority(tmp_path / "loose", **loose), Authority(tmp_path / "strict")
    trusted = tmp_path / "both.pem"
    trusted.write_bytes(wrong.root_file.read_bytes() + strict.root_file.read_bytes())
    authority.root_file, genuine = trusted, authority.root_file
    try:
        authority.answer = replying_with(wrong, authority)
        assert "unsuitable certificate purpose" in refusal(authority)
        authority.answer = replying_with(strict, authority)
        assert trusting(authority).stamp(MESSAGE)
    finally:
        authority.root_file = genuine


def test_a_rejection_is_told(authority):
    rejection = authority.reply(b"no query at all")
    authority.answer = replying([rejection])
    assert "refuses" in refusal(authority)


def test_no_bit_of_an_answer_can_be_changed_into_another_time_or_message(authority):
    chance = random.Random(20261126)

    def flips(query):
        reply = bytearray(authority.reply(query))
        reply[chance.randrange(len(reply))] ^= 1 << chance.randrange(8)
        return 200, {}, [bytes(reply)]

    authority.answer = flips
    for _ in range(40):
        before = clock.now() - timedelta(seconds=2)
        try:
            stamp = trusting(authority).stamp(MESSAGE)
        except StampRefusedError:
            continue
        assert stamp.imprint == hashlib.sha256(MESSAGE).digest()
        assert before <= stamp.at <= clock.now()


@pytest.mark.parametrize(
    "reply",
    [b"", b"garbage", b"<html>502</html>", b"0\x80" * 5000, b"\x30\x82\xff\xff", b"0\x03\x02\x01\x00"],
)
def test_garbage_is_refused(authority, reply):
    authority.answer = replying([reply])
    assert "does not hold" in refusal(authority)


def test_a_huge_answer_is_not_read(authority):
    def endless(_query):
        return 200, {}, (os.urandom(65536) for _ in range(10_000))

    authority.answer = endless
    assert "too large" in refusal(authority)


def test_an_answer_that_drips_is_given_up(authority):
    authority.answer = lambda query: (200, {}, dripping(authority.reply(query)))
    assert "too slow" in refusal(authority, patience=0.3)


def test_an_answer_that_never_comes_is_given_up(authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        roots = load_pem_x509_certificates(authority.root_file.read_bytes())
        with pytest.raises(StampRefusedError, match="Timeout"):
            TimeStampAuthority(url, roots, read_timeout=0.3).stamp(MESSAGE)
    with pytest.raises(StampRefusedError, match="Connection"):
        TimeStampAuthority(url, roots).stamp(MESSAGE)


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_only_a_good_status_counts_and_redirects_are_not_followed(authority, status):
    authority.answer = replying([b""], status=status, Location=authority.url)
    assert f"answered {status}" in refusal(authority)
    assert len(authority.asked) == 1


def test_what_says_nothing_is_no_stamp(authority):
    with pytest.raises(StampRefusedError):
        read_stamp(b"garbage")
    with pytest.raises(StampRefusedError, match="SHA-256"):
        read_stamp(authority.reply(request_for(MESSAGE, HashAlgorithm.SHA512)))


def test_settings_name_an_authority_and_whom_to_trust(authority, tmp_path):
    url = "sqlite:///x"
    assert open_authority(settings_for(url, tmp_path)) is None
    named = {"MERESTONE_TSA_URL": authority.url, "MERESTONE_TSA_CERTIFICATES": str(authority.root_file)}
    assert open_authority(settings_for(url, tmp_path, **named)).stamp(MESSAGE)
    for wrong in (
        {"MERESTONE_TSA_CERTIFICATES": ""},
        {"MERESTONE_TSA_CERTIFICATES": str(tmp_path / "none.pem")},
        {"MERESTONE_TSA_URL": "ftp://authority.example"},
    ):
        with pytest.raises(WrongSettingError, match="MERESTONE_TSA"):
            settings_for(url, tmp_path, **(named | wrong))
    (tmp_path / "empty.pem").write_bytes(b"no certificate")
    with pytest.raises(WrongSettingError, match="MERESTONE_TSA_CERTIFICATES"):
        open_authority(
            settings_for(
                url, tmp_path, **(named | {"MERESTONE_TSA_CERTIFICATES": str(tmp_path / "empty.pem")})
            )
        )


@pytest.fixture
def later(monkeypatch):
    """Sets the server's clock ahead."""
    ahead = [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + ahead[0])

    def move(**by):
        ahead[0] += timedelta(**by)

    return move


def stamp_round(app, authority):
    stamping = Stamping(trusting(authority, patience=2))
    duty = Duty("stamp root", stamping.claim, stamping.perform, stamping.settle)
    return Worker(app, [duty]).perform(duty)


def test_a_days_first_root_is_stamped_and_the_others_of_that_day_are_not(fresh_app, authority, tmp_path):
    write(fresh_app, 3)
    first = signed(fresh_app)
    write(fresh_app, 3)
    signed(fresh_app)

    while stamp_round(fresh_app, authority):
        pass

    stamped, other = roots_of(fresh_app)
    assert stamped.stamped_at >= first.made_at.replace(microsecond=0)
    assert read_stamp(stamped.stamp).imprint == hashlib.sha256(stamped.statement).digest()
    assert (other.stamp, other.stamp_after) == (None, None)
    assert len(authority.asked) == 1
    output = command(fresh_app, "verify-audit").output
    assert "2 roots hold, 1 of them time-stamped" in output
    assert "signatures of time-stamps were not checked" in output

    ours, stranger = trusting(authority).roots, Authority(tmp_path / "stranger")
    with fresh_app.readers() as session:
        checked = check_roots(session, Trust(fresh_app.installation.key, ours), lambda _: None)
        assert (checked.stamped, checked.verified) == (1, 1)
        other = Trust(fresh_app.installation.key, load_pem_x509_certificates(stranger.root_file.read_bytes()))
        with pytest.raises(RootBrokenError, match="no authority that is trusted"):
            check_roots(session, other, lambda _: None)
        assert check_part(session, other, 0).broken_root.size == stamped.size


def test_an_authority_that_is_down_is_asked_again_later_and_nothing_else_waits(fresh_app, authority, later):
    write(fresh_app, 3)
    signed(fresh_app)
    authority.answer = replying([b""], status=503)
    asked = 0
    for _ in range(4):
        asked += stamp_round(fresh_app, authority)
        assert stamp_round(fresh_app, authority) == 0  # not at once
        later(hours=2)
    (root,) = roots_of(fresh_app)
    assert (asked, root.stamp_attempts, root.stamp_error) == (4, 4, "the authority answered 503")
    assert root.stamp is None

    authority.answer = authority.answers
    assert stamp_round(fresh_app, authority) == 1
    (root,) = roots_of(fresh_app)
    assert (bool(root.stamp), root.stamp_error, root.stamp_after) == (True, None, None)


def test_after_days_without_an_authority_one_stamp_vouches_for_all(fresh_app, authority, later):
    for _ in range(3):
        write(fresh_app, 3)
        signed(fresh_app)
        later(days=1)
    write(fresh_app, 1)
    with audit.transaction(fresh_app.sessions) as session:
        newest = notary_of(fresh_app).sign_root(session)

    while stamp_round(fresh_app, authority):
        pass

    assert [each.size for each in roots_of(fresh_app) if each.stamp] == [newest.size]
    assert all(each.stamp_after is None for each in roots_of(fresh_app))


def test_a_worker_that_dies_while_it_asks_leaves_the_root_to_the_next(fresh_app, authority, later):
    write(fresh_app, 1)
    signed(fresh_app)
    stamping = Stamping(trusting(authority))
    with audit.transaction(fresh_app.sessions) as session:
        (lost,) = stamping.claim(session)
    with audit.transaction(fresh_app.sessions) as session:
        assert stamping.claim(session) == []
    later(minutes=3)
    assert stamp_round(fresh_app, authority) == 1
    (root,) = roots_of(fresh_app)

    with audit.transaction(fresh_app.sessions) as session:  # the first one's answer comes late
        stamping.settle(session, lost, stamping.perform(lost))
    assert roots_of(fresh_app)[0].stamp == root.stamp


def test_the_worker_of_an_installation_with_an_authority_signs_and_stamps(database, authority, tmp_path):
    named = {"MERESTONE_TSA_URL": authority.url, "MERESTONE_TSA_CERTIFICATES": str(authority.root_file)}
    app = create_app(settings_for(database.fresh_url(tmp_path), tmp_path, **named))
    try:
        with app.readers() as session:
            guard_epoch(app.installation, session)
        write(app, 5)
        drain(app)
        (root,) = roots_of(app)
        assert root.stamp
        assert {"sign root", "stamp root"} <= {duty.name for duty in make_worker(app).duties}
    finally:
        app.close()


def test_the_limit_of_an_answer_is_far_above_what_authorities_send(authority):
    assert len(trusting(authority).stamp(MESSAGE).data) * 10 < asking.LARGEST_REPLY
