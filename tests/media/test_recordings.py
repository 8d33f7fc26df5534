"""What is read from videos and sound, and the copies that browsers play."""

import io
from contextlib import suppress
from datetime import UTC, datetime

import av
import pytest
from PIL import ImageStat

from media import UnreadableMedia, playing
from media.playing import LONGEST_VIDEO, needed_copy, write_playable
from media.recordings import RecordingFacts, examine_recording
from media.sniffing import AMR, M4A, MP4, sniff
from tests.media import recorded


def examined(content):
    return examine_recording(io.BytesIO(content), sniff(content))


def copied(content):
    target = io.BytesIO()
    write_playable(io.BytesIO(content), sniff(content), target)
    return target.getvalue()


def pictures_of(content):
    """The coded pictures of a recording, as they are."""
    with av.open(io.BytesIO(content)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_a_video_says_how_long_and_large_it_is_and_how_it_was_coded():
    facts = examined(recorded.VIDEO).facts

    assert facts.duration == pytest.approx(2.4)
    assert (facts.width, facts.height, facts.rotation, facts.frame_rate) == (320, 240, 0, 25.0)
    assert (facts.video_codec, facts.audio_codec, facts.sample_rate, facts.channels) == (
        "h264",
        "aac",
        48_000,
        1,
    )


def test_a_video_of_an_iphone_says_where_when_and_with_what_it_was_made():
    facts = examined(recorded.IPHONE).facts

    assert (facts.latitude, facts.longitude, facts.altitude) == (35.49, 112.41, 812.5)
    assert facts.captured_at == datetime(2026, 2, 6, 8, 30, tzinfo=UTC)
    assert (facts.device_make, facts.device_model) == ("Apple", "iPhone 15")


def test_a_video_of_an_android_phone_says_where_and_when():
    facts = examined(recorded.ANDROID).facts

    assert (facts.latitude, facts.longitude, facts.altitude) == (35.49, 112.41, None)
    assert facts.captured_at == datetime(2026, 2, 6, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "place",
    ["+00.0000+000.0000/", "+95.0000+112.4100/", "+35.49", "35.49,112.41", "+3529.4+11224.6/", "", "x" * 500],
)
def test_a_place_that_makes_no_sense_is_left_out(place):
    facts = examined(recorded.recording("mp4", "libx264", frames=2, said=(("location", place),))).facts

    assert (facts.latitude, facts.longitude) == (None, None)


@pytest.mark.parametrize("moment", ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_clock_that_was_never_set_says_nothing(moment):
    content = recorded.recording("mp4", "libx264", frames=2, said=(("creation_time", moment),))

    assert examined(content).facts.captured_at is None


@pytest.mark.parametrize("moment", ["2026-02-06T16:30:00", "yesterday", "9999-12-31T23:59:59-2359"])
def test_a_clock_without_a_zone_is_no_moment(moment):
    content = recorded.recording(
        "mov",
        "libx264",
        frames=2,
        options=(("movflags", "use_metadata_tags"),),
        said=(("com.apple.quicktime.creationdate", moment),),
    )

    assert examined(content).facts.captured_at is None


def test_a_video_held_upright_is_measured_and_shown_upright():
    turned = examined(recorded.turned_by_90(recorded.VIDEO, 240))

    assert (turned.facts.width, turned.facts.height, turned.facts.rotation) == (240, 320, 90)
    assert turned.poster.size == (240, 320)


def test_the_poster_is_a_picture_a_second_after_the_beginning():
    poster = examined(recorded.recording("mp4", "libx264", frames=75)).poster

    assert poster.size == (320, 240)
    assert ImageStat.Stat(poster).mean == pytest.approx([25 * 3, 80, 160], abs=12)


@pytest.mark.parametrize(
    ("content", "codec", "hertz"),
    [
        (recorded.AMR, "amr_nb", 8000),
        (recorded.amr_wb(), "amr_wb", 16_000),
        (recorded.recording("adts", None, "aac"), "aac", 48_000),
        (recorded.recording("ogg", None, "libopus"), "opus", 48_000),
        (recorded.recording("mp3", None, "libmp3lame"), "mp3", 48_000),
        (recorded.recording("wav", None, "pcm_s16le", hertz=8000), "pcm_s16le", 8000),
        (recorded.recording("caf", None, "pcm_s16le", hertz=8000), "pcm_s16le", 8000),
        (recorded.recording("flac", None, "flac"), "flac", 48_000),
        (recorded.recording("mp4", None, "aac"), "aac", 48_000),
    ],
    ids=["amr", "amr-wb", "aac", "opus", "mp3", "wav", "caf", "flac", "sound in an mp4"],
)
def test_a_sound_says_how_long_it_is_and_has_a_shape(content, codec, hertz):
    found = examined(content)

    assert found.facts.duration == pytest.approx(1.0, abs=0.06)
    assert (found.facts.audio_codec, found.facts.sample_rate, found.facts.width) == (codec, hertz, None)
    assert len(found.waveform.peaks) == 256
    assert all(0 <= peak <= 255 for peak in found.waveform.peaks)
    assert found.poster is None


def test_the_shape_of_a_tone_is_as_loud_as_the_tone():
    peaks = examined(recorded.recording("wav", None, "pcm_s16le", hertz=8000)).waveform.peaks

    assert set(peaks[2:-2]) <= {91, 92, 93}


def test_a_duration_that_cannot_be_true_is_left_out():
    content = recorded.recording("matroska", "libx264")
    assert examined(recorded.matroska_lasting(content, 3_600_000.0)).facts.duration == 3600
    for absurd in (1e15, -5.0, 0.0):
        facts = examined(recorded.matroska_lasting(content, absurd)).facts
        assert facts.duration is None or facts.duration == pytest.approx(0.8)
        assert (facts.width, facts.height) == (320, 240)


def test_an_mp4_whose_headers_claim_days_lasts_as_long_as_its_pictures():
    assert examined(recorded.lasting(recorded.HEVC, 0xFFFFFFF0)).facts.duration == pytest.approx(0.8)


@pytest.mark.parametrize(
    "content",
    [
        b"ffconcat version 1.0\nfile 'sibling.mp4'\n",
        b"",
        b"\x00" * 2000,
        recorded.VIDEO[:3000],
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00\x00\x00\x00mdat" + b"\xff" * 500,
    ],
    ids=["a list of other files", "nothing", "zeroes", "cut before its index", "no index"],
)
def test_what_is_no_sound_video_is_found_out(content, tmp_path, monkeypatch):
    (tmp_path / "sibling.mp4").write_bytes(recorded.VIDEO)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnreadableMedia, match="录音或录像"):
        examine_recording(io.BytesIO(content), MP4)


def test_amr_that_is_garbage_after_its_name_is_heard_or_found_out_and_nothing_else():
    for number in range(40):
        garbage = b"#!AMR\n" + bytes((at * number * 31 + at // 7) % 256 for at in range(400))
        with suppress(UnreadableMedia):
            assert 0 < examine_recording(io.BytesIO(garbage), AMR).facts.duration < 60


def test_a_sound_that_was_cut_has_the_shape_of_what_is_there():
    long = recorded.recording("amr", None, "libopencore_amrnb", hertz=8000, seconds=4.0)

    assert examined(long[: len(long) // 2]).facts.duration == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    "content",
    [recorded.AMR, recorded.amr_wb(), recorded.recording("caf", None, "pcm_s16le", hertz=8000)],
    ids=["amr", "amr-wb", "caf"],
)
def test_sound_that_only_phones_play_is_copied_as_aac(content):
    found = examined(content)
    assert needed_copy(found.facts, sniff(content)) == "playable.m4a"

    copy = copied(content)

    assert sniff(copy) is M4A
    again = examined(copy)
    assert (again.facts.audio_codec, needed_copy(again.facts, M4A)) == ("aac", None)
    assert again.facts.duration == pytest.approx(found.facts.duration, abs=0.1)


@pytest.mark.parametrize(
    "content",
    [
        recorded.HEVC,
        recorded.OLD_PHONE,
        recorded.recording("mov", "mpeg4"),
        recorded.IPHONE,
        recorded.recording("matroska", "libx264", "libopus"),
    ],
    ids=["hevc", "3gp", "mpeg-4", "quicktime", "matroska"],
)
def test_video_that_only_some_browsers_play_is_copied_as_h264_in_mp4(content):
    found = examined(content)
    assert needed_copy(found.facts, sniff(content)) == "playable.mp4"

    copy = copied(content)

    assert sniff(copy) is MP4
    again = examined(copy)
    assert (again.facts.video_codec, needed_copy(again.facts, MP4)) == ("h264", None)
    assert (again.facts.width, again.facts.height) == (found.facts.width, found.facts.height)
    assert again.facts.duration == pytest.approx(found.facts.duration, abs=0.1)
    assert (again.facts.audio_codec is None) == (found.facts.audio_codec is None)


def test_a_copy_says_nothing_of_where_it_was_recorded():
    copy = copied(recorded.IPHONE)

    assert b"+35.49" not in copy
    assert b"iPhone" not in copy


def test_pictures_that_browsers_know_are_taken_over_bit_by_bit():
    assert pictures_of(copied(recorded.IPHONE)) == pictures_of(recorded.IPHONE)


def test_what_is_large_is_coded_anew_rather_than_kept_twice(monkeypatch):
    monkeypatch.setattr(playing, "_LARGEST_TAKEN", len(recorded.IPHONE) - 1)

    copy = copied(recorded.IPHONE)

    assert pictures_of(copy) != pictures_of(recorded.IPHONE)
    assert examined(copy).facts.video_codec == "h264"


@pytest.mark.parametrize("turn", [False, True], ids=["lying", "upright"])
def test_a_large_video_is_copied_small_and_upright(turn):
    content = recorded.recording("mp4", "libx265", size=(1920, 1080), frames=3)
    content = recorded.turned_by_90(content, 1080) if turn else content

    facts = examined(copied(content)).facts

    assert (facts.width, facts.height) == ((720, 1280) if turn else (1280, 720))
    assert facts.rotation == 0


def test_what_browsers_play_needs_no_copy():
    for content in (
        recorded.VIDEO,
        recorded.recording("webm", "libvpx", "libopus"),
        recorded.recording("adts", None, "aac"),
        recorded.recording("mp3", None, "libmp3lame"),
        recorded.recording("ogg", None, "libopus"),
    ):
        assert needed_copy(examined(content).facts, sniff(content)) is None


def test_what_is_too_long_is_not_copied():
    facts = RecordingFacts(duration=LONGEST_VIDEO + 1, width=1920, height=1080, video_codec="hevc")

    with pytest.raises(UnreadableMedia, match="分钟"):
        needed_copy(facts, MP4)


def test_a_broken_piece_in_the_middle_does_not_end_the_copy():
    content = bytearray(recorded.recording("amr", None, "libopencore_amrnb", hertz=8000, seconds=4.0))
    content[3000:3030] = b"\xff" * 30

    facts = examined(copied(bytes(content))).facts

    assert facts.duration > 1.5
