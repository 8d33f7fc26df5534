"""Looking into files that mean harm: what becomes of the child, of the helper, and of the next file."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from contextlib import contextmanager
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from media import Likeness, Limits, Looker, LookingInterrupted, Stamp, UnreadableMedia, sniff
from media import looker as looker_module
from tests.media import recorded
from tests.media.test_images import exif_of, jpeg_claiming, png_claiming

#: An hour of sound, that takes seconds to be decoded.
AN_HOUR = recorded.AMR + recorded.AMR[6:] * 3600


@pytest.fixture(scope="module")
def looker(tmp_path_factory):
    with Looker(tmp_path_factory.mktemp("looking")) as looker:
        yield looker


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """One with tight limits: on the clock for looks, on the processor for copies, on bytes for stamps."""
    limits = {"look": Limits(clock=1), "copy": Limits(processor=1), "stamp": Limits(written=1000)}
    with Looker(tmp_path_factory.mktemp("hasty"), limits) as looker:
        yield looker


@contextmanager
def on_disk(content):
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file


def look(looker, content, *, derive=True, kind=None):
    with on_disk(content) as file:
        return looker.look(file, kind or sniff(content[:4096]), derive)


def a_photo(image_format="JPEG", size=(640, 480), **options):
    if image_format == "HEIF":
        pillow_heif.register_heif_opener()
    content = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(content, image_format, **options)
    return content.getvalue()


def size_of(content):
    with Image.open(io.BytesIO(content)) as image:
        return image.format, image.size


def png_bomb(edge=9000):
    """81 million white pixels in a few kilobytes."""
    content = io.BytesIO()
    Image.new("1", (edge, edge)).save(content, "PNG")
    return content.getvalue()


def test_a_photo_gives_facts_preview_and_thumbnail(looker):
    found = look(looker, a_photo(size=(2000, 1500), exif=exif_of(6, Make="HUAWEI")))

    assert Likeness.read(found.facts.pop("likeness"))
    assert found.facts == {"width": 1500, "height": 2000, "orientation": 6, "device_make": "HUAWEI"}
    assert {name: size_of(content) for name, content in found.made.items()} == {
        "preview.jpg": ("JPEG", (960, 1280)),
        "thumbnail.jpg": ("JPEG", (240, 320)),
    }
    assert found.needs_copy is None


@pytest.mark.parametrize("image_format", ["HEIF", "AVIF", "WEBP", "PNG", "GIF"])
def test_photos_that_not_every_browser_shows_have_a_preview_that_does(looker, image_format):
    found = look(looker, a_photo(image_format))

    assert size_of(found.made["preview.jpg"]) == ("JPEG", (640, 480))


def test_a_video_gives_poster_and_thumbnail_and_tells_that_it_needs_a_copy(looker):
    found = look(looker, recorded.HEVC)

    assert size_of(found.made["poster.jpg"]) == ("JPEG", (320, 240))
    assert set(found.made) == {"poster.jpg", "thumbnail.jpg"}
    assert found.needs_copy == "playable.mp4"


def test_a_sound_gives_its_shape(looker):
    found = look(looker, recorded.AMR)

    assert set(found.made) == {"waveform.json"}
    assert (found.facts["audio_codec"], found.needs_copy) == ("amr_nb", "playable.m4a")


def test_a_copy_is_written_where_it_is_wanted(looker):
    with on_disk(recorded.AMR) as file, looker.draft() as target:
        assert looker.copy(file, sniff(recorded.AMR), target) == "playable.m4a"
        assert sniff(target.read()).mime == "audio/mp4"


def test_nothing_is_made_where_nothing_may_be_kept(looker):
    found = look(looker, recorded.HEVC, derive=False)

    assert (found.made, found.needs_copy) == ({}, None)
    assert found.facts["video_codec"] == "hevc"


HOSTILE = {
    "a cut jpeg": a_photo()[:5000],
    "a cut png": a_photo("PNG")[:5000],
    "a cut heic": a_photo("HEIF")[:1000],
    "a cut mp4": recorded.VIDEO[:4000],
    "a png bomb": png_bomb(),
    "a png of four billion pixels": png_claiming(2**16, 2**16),
    "a jpeg of 400 megapixels": jpeg_claiming(a_photo(), 20_000, 20_000),
    "a progressive jpeg of 200 megapixels": jpeg_claiming(a_photo(progressive=True), 20_000, 10_000),
    "a list of other files": b"\x00\x00\x00\x18ftypmp42\nffconcat version 1.0\nfile '/etc/passwd'\n",
    "garbage after ftyp": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 40,
    "a wave without samples": b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\x00" * 16,
    "an mp3 that never begins": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + b"\x00" * 5000,
    "webm of nothing": b"\x1a\x45\xdf\xa3\x8b\x42\x82\x84webm" + b"\xff" * 3000,
    "a broken png chunk": a_photo("PNG")[:40] + zlib.compress(b"x" * 10**6) + a_photo("PNG")[40:],
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_file_that_means_harm_is_found_out_and_the_next_one_is_looked_into(looker, name):
    helper = looker._helper

    with pytest.raises(UnreadableMedia, match=r"[\u4e00-\u9fff].*[a-z]"):
        look(looker, HOSTILE[name])

    assert look(looker, a_photo()).facts["width"] == 640
    assert looker._helper is helper or helper is None


def test_a_jpeg_header_of_200_megapixels_with_little_behind_it_is_unpacked_small(looker):
    found = look(looker, jpeg_claiming(a_photo(), 20_000, 10_000))

    assert (found.facts["width"], found.facts["height"]) == (20_000, 10_000)
    assert size_of(found.made["preview.jpg"]) == ("JPEG", (1280, 640))


def test_amr_wb_that_is_garbage_after_its_name_is_at_most_a_short_noise(looker):
    assert look(looker, b"#!AMR-WB\n" + b"\xff" * 5000).facts["duration"] < 200


def test_a_photo_with_a_script_behind_it_is_a_photo_and_loses_the_script(looker):
    found = look(looker, a_photo() + b"<script>alert(1)</script>")

    assert not any(b"<script>" in content for content in found.made.values())


def test_a_recording_that_takes_too_long_is_given_up(hasty):
    with pytest.raises(UnreadableMedia, match="处理时间超过限制"):
        look(hasty, AN_HOUR)
    assert look(hasty, recorded.AMR).facts["audio_codec"] == "amr_nb"


def test_a_recording_that_takes_too_much_of_the_processor_is_given_up(hasty):
    with on_disk(AN_HOUR) as file, hasty.draft() as target, pytest.raises(UnreadableMedia, match="处理时间"):
        hasty.copy(file, sniff(AN_HOUR[:4096]), target)


def test_more_than_may_be_written_is_not_written(hasty):
    photo = a_photo()
    with on_disk(photo) as file, pytest.raises(UnreadableMedia, match="过大"):
        hasty.stamp(file, sniff(photo), Stamp("1", "2", "3", "4", "5", "6", "7"))


def test_a_photo_that_takes_too_much_memory_is_given_up(looker, tmp_path):
    assert look(looker, png_bomb(7700)).facts["width"] == 7700
    pages = int(Path(f"/proc/{looker._helper.pid}/statm").read_text().split()[0])
    limit = Limits(memory=pages * os.sysconf("SC_PAGESIZE") + 40 * 1024 * 1024)

    with Looker(tmp_path, {"look": limit}) as tight:
        with pytest.raises(UnreadableMedia):
            look(tight, png_bomb(7700))
        assert look(tight, a_photo()).facts["width"] == 640


def children_of(pid):
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def strike(looker, number, *, at_helper=False):
    """Wait until a child is at work, and send a signal."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        helper = looker._helper
        children = children_of(helper.pid) if helper is not None and helper.poll() is None else []
        if children:
            os.kill(helper.pid if at_helper else children[0], number)
            return
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "at_helper", "refusal"),
    [
        (signal.SIGKILL, False, LookingInterrupted),
        (signal.SIGSEGV, False, UnreadableMedia),
        (signal.SIGKILL, True, LookingInterrupted),
    ],
    ids=["killed for want of memory", "crashed", "the helper is killed"],
)
def test_a_look_that_dies_is_told_and_the_next_file_is_looked_into(looker, number, at_helper, refusal):
    thread = threading.Thread(target=strike, args=(looker, number), kwargs={"at_helper": at_helper})
    thread.start()

    with pytest.raises(refusal):
        look(looker, AN_HOUR)

    thread.join()
    assert look(looker, a_photo()).facts["width"] == 640


def test_closing_ends_what_is_under_way(looker):
    thread = threading.Thread(target=lambda: (strike(looker, signal.SIGCONT), looker.close()))
    thread.start()

    with pytest.raises(LookingInterrupted):
        look(looker, AN_HOUR)
    thread.join()


def test_the_helper_ends_with_who_started_it():
    program = (
        "import sys, tempfile; from pathlib import Path; from media import Looker, sniff\n"
        "looker = Looker(Path(tempfile.gettempdir())); file = open(sys.argv[1], 'rb')\n"
        "looker.look(file, sniff(file.read(4096))); print(looker._helper.pid, flush=True)\n"
        "import os; os._exit(0)"
    )
    with tempfile.NamedTemporaryFile() as photo:
        photo.write(a_photo())
        photo.flush()
        told = subprocess.run([sys.executable, "-c", program, photo.name], capture_output=True, check=True)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{int(told.stdout)}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{int(told.stdout)}").exists()


def test_the_helper_knows_none_of_our_secrets(looker, monkeypatch):
    monkeypatch.setenv("MERESTONE_PLATFORM_SECRET", "hush")
    look(looker, a_photo())

    folder = Path(f"/proc/{looker._helper.pid}")
    names = {each.split(b"=")[0] for each in (folder / "environ").read_bytes().split(b"\0")}
    opened = [str(each.readlink()) for each in (folder / "fd").iterdir()]
    assert names <= {b"LANG", b"PYTHONDONTWRITEBYTECODE", b""}
    assert sorted(each.split(":")[0] for each in opened) == ["/dev/null"] * 3 + ["socket"]


def test_a_child_can_open_no_file_start_no_program_and_reach_nobody():
    program = """
import os, socket, subprocess
from media.looking import confine
confine({"memory": 2**31, "processor": 10, "written": 100})
os.close(0)  # a place that is free again is no way out
for attempt in (
    lambda: open("/etc/passwd"), lambda: os.open("/tmp/x", os.O_CREAT | os.O_WRONLY), socket.socket,
    lambda: subprocess.run(["/bin/true"]), os.pipe,
):
    try:
        attempt()
    except OSError as error:
        os.write(1, f"{error.errno}\\n".encode())
    else:
        os.write(1, b"done\\n")
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["24"] * 5  # EMFILE: no descriptor is left


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b"[" * 20_000,
        b'{"facts": {"width": NaN}, "made": {}, "unmade": {}, "needs_copy": null}',
        b'{"facts": {}, "made": {"preview.jpg": [0, 99999]}, "unmade": {}, "needs_copy": null}',
        b'{"facts": {}, "made": {"preview.jpg": [-5, 2]}, "unmade": {}, "needs_copy": null}',
        b'{"facts": {}, "made": {"preview.jpg": "all"}, "unmade": {}, "needs_copy": null}',
        b'{"facts": 7, "made": {}, "unmade": {}, "needs_copy": null}',
        b'{"facts": {}, "made": {}, "unmade": {}, "needs_copy": []}',
        b'{"ended": []}',
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(looker, monkeypatch, answer):
    looked = looker_module._receive_line
    monkeypatch.setattr(looker_module, "_receive_line", lambda line: looked(line) and answer)

    with pytest.raises(UnreadableMedia, match="无效"):
        look(looker, a_photo())


def test_names_and_texts_that_nobody_can_keep_are_left_out_of_an_answer(looker, monkeypatch):
    answer = (
        b'{"facts": {"device_make": "a\\u0000b\\ud800c"}, "made": {"../../passwd": [0, 1]}, '
        b'"unmade": {}, "needs_copy": "../x"}'
    )
    looked = looker_module._receive_line
    monkeypatch.setattr(looker_module, "_receive_line", lambda line: looked(line) and answer)

    found = look(looker, a_photo())

    assert (found.facts, found.made, found.needs_copy) == ({"device_make": "abc"}, {}, None)


def test_a_child_cannot_answer_for_the_next_file():
    program = """
import os, stat, sys
from media import looking

def two_answers(order, file, target):
    pipe = next(each for each in range(64) if is_pipe(each))
    os.write(pipe, b'{"facts": 1}\\n{"facts": 2}\\n')
    os._exit(0)

def is_pipe(descriptor):
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False

looking.TASKS["look"] = two_answers
looking.main()
"""
    ours, theirs = socket.socketpair()
    limits = {"memory": 2**31, "processor": 10, "clock": 10, "written": 1000}
    order = json.dumps({"task": "look", "limits": limits}).encode() + b"\n"
    with ours, theirs, tempfile.TemporaryFile() as file:
        command = [sys.executable, "-c", program, str(theirs.fileno())]
        with subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL) as helper:
            socket.send_fds(ours, [order], [file.fileno(), file.fileno()])
            assert json.loads(ours.recv(1000)) == {"ended": "exit"}
            ours.shutdown(socket.SHUT_WR)
            assert helper.wait(20) == 0


def test_two_threads_take_turns(looker):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(look(looker, a_photo()).facts["width"]))
        for _ in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [640] * 6


@pytest.mark.parametrize("image_format", ["JPEG", "MPO", "PNG", "WEBP", "HEIF", "AVIF"])
def test_all_that_a_camera_writes_is_read_by_a_process_that_has_read_nothing_yet(tmp_path, image_format):
    """A child can open no file, so whatever a library loads when it is first used must be there before."""
    written = exif_of(
        Make="HUAWEI",
        Model="界石 1",
        Software="1.2",
        camera={"DateTimeOriginal": "2026:02:06 08:30:12", "OffsetTimeOriginal": "+08:00"},
        gps={"GPSLatitudeRef": "N", "GPSLatitude": (35.0, 29.0, 24.0), "GPSLongitudeRef": "E",
             "GPSLongitude": (112.0, 24.0, 36.0)},
    )  # fmt: skip
    with Looker(tmp_path) as fresh:
        found = look(fresh, a_photo(image_format, (640, 480), exif=written))

    told = ("captured_at", "captured_local", "latitude", "longitude", "device_make", "software")
    assert [found.facts[name] for name in told] == [
        "2026-02-06T00:30:12+00:00",
        "2026-02-06T08:30:12",
        pytest.approx(35.49),
        pytest.approx(112.41),
        "HUAWEI",
        "1.2",
    ]
