"""Photos as phones make them, and files that only pretend to be photos."""

import io
import struct
import zlib
from datetime import UTC, datetime

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from media import UnreadableMedia, original_file, sniffing
from media.images import THUMBNAIL_EDGE, as_jpeg, examine_image


def exif_of(orientation=None, gps=None, camera=None, **base):
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    for name, value in base.items():
        exif[ExifTags.Base[name]] = value
    for tag, value in (gps or {}).items():
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS[tag]] = value
    for tag, value in (camera or {}).items():
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base[tag]] = value
    return exif


def dms(degrees, minutes, seconds_hundredths):
    return (IFDRational(degrees), IFDRational(minutes), IFDRational(seconds_hundredths, 100))


BEIJING = {
    "GPSLatitudeRef": "N",
    "GPSLatitude": dms(39, 54, 1584),
    "GPSLongitudeRef": "E",
    "GPSLongitude": dms(116, 23, 3024),
    "GPSAltitudeRef": b"\x00",
    "GPSAltitude": IFDRational(435, 10),
    "GPSImgDirection": IFDRational(27050, 100),
    "GPSImgDirectionRef": "T",
}


def facts_of(photo, kind):
    return examine_image(photo, kind).facts


def thumbnail_of(photo, kind):
    return as_jpeg(examine_image(photo, kind).picture, THUMBNAIL_EDGE)


def png_claiming(width, height):
    """A PNG that says it is large; there is next to nothing behind it."""

    def chunk(name, body):
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def jpeg_claiming(content, width, height):
    """The same JPEG with other numbers in its frame header."""
    at = next(at for at in range(len(content)) if content[at : at + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return content[: at + 5] + struct.pack(">HH", height, width) + content[at + 9 :]


def test_a_photo_says_where_when_and_with_what_it_was_taken(picture):
    exif = exif_of(
        gps=BEIJING,
        camera={"DateTimeOriginal": "2026:11:20 09:30:15", "OffsetTimeOriginal": "+08:00"},
        Make="HUAWEI\x00",
        Model=" ALN-AL00 ",
    )
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif)), sniffing.JPEG)
    assert (facts.width, facts.height, facts.orientation) == (640, 480, 1)
    assert facts.captured_at == datetime(2026, 11, 20, 1, 30, 15, tzinfo=UTC)
    assert facts.captured_local == "2026-11-20T09:30:15"
    assert facts.latitude == pytest.approx(39 + 54 / 60 + 15.84 / 3600)
    assert facts.longitude == pytest.approx(116 + 23 / 60 + 30.24 / 3600)
    assert facts.altitude == pytest.approx(43.5)
    assert facts.direction == pytest.approx(270.5)
    assert (facts.device_make, facts.device_model) == ("HUAWEI", "ALN-AL00")


def test_a_camera_without_offset_gives_its_clock_and_no_instant(picture):
    exif = exif_of(camera={"DateTimeOriginal": "2026:11:20 09:30:15"})
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif)), sniffing.JPEG)
    assert facts.captured_at is None
    assert facts.captured_local == "2026-11-20T09:30:15"


def test_south_west_and_below_the_sea_are_negative(picture):
    gps = {**BEIJING, "GPSLatitudeRef": "S", "GPSLongitudeRef": "W", "GPSAltitudeRef": b"\x01"}
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif_of(gps=gps))), sniffing.JPEG)
    assert facts.latitude < 0
    assert facts.longitude < 0
    assert facts.altitude == pytest.approx(-43.5)


@pytest.mark.parametrize(
    "gps",
    [
        {**BEIJING, "GPSLatitude": dms(91, 0, 0)},
        {**BEIJING, "GPSLatitude": (IFDRational(0, 0), IFDRational(0, 0), IFDRational(0, 0))},
        {**BEIJING, "GPSLatitudeRef": "X"},
        {key: value for key, value in BEIJING.items() if key != "GPSLongitude"},
        {key: value for key, value in BEIJING.items() if key != "GPSLatitudeRef"},
    ],
)
def test_a_position_that_makes_no_sense_is_left_out_whole(picture, gps):
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif_of(gps=gps))), sniffing.JPEG)
    assert facts.latitude is None
    assert facts.longitude is None
    assert facts.altitude == pytest.approx(43.5)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2026-11-20", "", "    :  :     :  :  "])
def test_a_time_that_makes_no_sense_is_left_out(picture, text):
    exif = exif_of(camera={"DateTimeOriginal": text, "OffsetTimeOriginal": "+08:00"})
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif)), sniffing.JPEG)
    assert (facts.captured_at, facts.captured_local) == (None, None)


def test_broken_exif_leaves_a_sound_photo_that_says_nothing(picture):
    content = picture("JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xee" * 40)
    with pytest.warns(UserWarning, match="Corrupt EXIF"):
        facts = facts_of(io.BytesIO(content), sniffing.JPEG)
    assert (facts.width, facts.latitude, facts.device_make) == (640, None, None)


@pytest.mark.parametrize(
    ("orientation", "size"),
    [(1, (640, 480)), (3, (640, 480)), (6, (480, 640)), (8, (480, 640)), (99, (640, 480))],
)
def test_the_size_is_that_of_the_upright_photo(picture, orientation, size):
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif_of(orientation))), sniffing.JPEG)
    assert (facts.width, facts.height) == size
    assert facts.orientation == (orientation if orientation < 9 else 1)


def test_a_turned_photo_of_an_iphone_is_turned_once(picture):
    import pillow_heif

    pillow_heif.register_heif_opener()
    content = picture("HEIF", exif=exif_of(6, gps=BEIJING).tobytes())
    assert b"irot" in content
    facts = facts_of(io.BytesIO(content), sniffing.HEIC)
    assert (facts.width, facts.height, facts.orientation) == (480, 640, 6)
    assert facts.latitude == pytest.approx(39.9044)
    thumbnail = Image.open(io.BytesIO(thumbnail_of(io.BytesIO(content), sniffing.HEIC)))
    assert thumbnail.size == (240, 320)


@pytest.mark.parametrize(
    ("image_format", "kind"),
    [
        ("JPEG", sniffing.JPEG),
        ("PNG", sniffing.PNG),
        ("WEBP", sniffing.WEBP),
        ("GIF", sniffing.GIF),
        ("AVIF", sniffing.AVIF),
    ],
)
def test_every_kind_of_photo_is_inspected_and_made_small(picture, image_format, kind, tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(picture(image_format))
    with path.open("rb") as photo:
        assert facts_of(photo, kind).width == 640
        with Image.open(io.BytesIO(thumbnail_of(photo, kind))) as thumbnail:
            assert thumbnail.format == "JPEG"
            assert thumbnail.size == (320, 240)
    assert path.read_bytes() == picture(image_format)


@pytest.mark.parametrize(
    ("image_format", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
    ],
)
def test_every_colour_mode_is_made_small(picture, image_format, mode):
    if mode == "I;16":
        content = io.BytesIO()
        Image.new("I;16", (640, 480), 40_000).save(content, "PNG")
    else:
        content = io.BytesIO(picture(image_format, mode=mode))
    kind = sniffing.sniff(content.getvalue())
    assert Image.open(io.BytesIO(thumbnail_of(content, kind))).size == (320, 240)


def test_what_is_transparent_becomes_white():
    content = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(content, "PNG")
    with Image.open(io.BytesIO(thumbnail_of(content, sniffing.PNG))) as thumbnail:
        assert thumbnail.getpixel((50, 50)) == (255, 255, 255)


def test_a_thumbnail_says_nothing_about_place_and_device(picture):
    content = picture("JPEG", exif=exif_of(6, gps=BEIJING, Make="HUAWEI"), comment=b"at home")
    thumbnail = thumbnail_of(io.BytesIO(content), sniffing.JPEG)
    assert b"HUAWEI" not in thumbnail
    assert b"at home" not in thumbnail
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert not image.getexif()
        assert image.size == (240, 320)


def test_a_small_photo_is_not_made_larger(picture):
    with Image.open(
        io.BytesIO(thumbnail_of(io.BytesIO(picture("JPEG", size=(40, 30))), sniffing.JPEG))
    ) as image:
        assert image.size == (40, 30)


def test_a_photo_is_read_out_of_any_store(store, stored, picture, tmp_path):
    sha256 = stored(picture("JPEG"))
    with original_file(store, sha256, tmp_path / "copies") as photo:
        assert facts_of(photo, sniffing.JPEG).height == 480
        store.put_derivative(sha256, "thumbnail.jpg", thumbnail_of(photo, sniffing.JPEG))
    thumbnail = b"".join(store.open_derivative(sha256, "thumbnail.jpg"))
    assert sniffing.sniff(thumbnail) is sniffing.JPEG
    assert list(tmp_path.glob("copies/*")) == []


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_a_cut_photo_is_found_out(picture, image_format, share):
    if image_format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    content = picture(image_format)
    kind = sniffing.sniff(content)
    cut = io.BytesIO(content[: int(len(content) * share)])
    with pytest.raises(UnreadableMedia):
        facts_of(cut, kind)


@pytest.mark.parametrize(
    "kind", [sniffing.JPEG, sniffing.PNG, sniffing.WEBP, sniffing.GIF, sniffing.HEIC, sniffing.AVIF]
)
@pytest.mark.parametrize(
    "content", [b"", b"<html><script>alert(1)</script></html>", b"\xff\xd8\xff\xe0" + b"x" * 100]
)
def test_what_is_no_photo_is_found_out(kind, content):
    with pytest.raises(UnreadableMedia) as refusal:
        facts_of(io.BytesIO(content), kind)
    assert "照片" in refusal.value.reason


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><script>alert(1)</script>", b"<svg onload='alert(1)'/>"])
def test_a_web_page_named_like_a_photo_is_found_out(page):
    assert sniffing.sniff(page) is None
    with pytest.raises(UnreadableMedia):
        thumbnail_of(io.BytesIO(page), sniffing.JPEG)


def test_only_the_announced_format_is_tried(picture):
    with pytest.raises(UnreadableMedia):
        facts_of(io.BytesIO(picture("PNG")), sniffing.JPEG)


def test_a_video_is_no_photo():
    with pytest.raises(UnreadableMedia):
        facts_of(io.BytesIO(b""), sniffing.MP4)


@pytest.mark.parametrize("size", [(60_001, 1000), (9000, 9000), (40_000, 40_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked(size):
    for read in (facts_of, thumbnail_of):
        with pytest.raises(UnreadableMedia, match="pixels"):
            read(io.BytesIO(png_claiming(*size)), sniffing.PNG)


@pytest.mark.parametrize(
    ("progressive", "size"), [(False, (16_000, 16_000)), (True, (9000, 9000)), (False, (65_000, 65_000))]
)
def test_a_jpeg_may_be_larger_unless_it_is_progressive(picture, progressive, size):
    content = jpeg_claiming(picture("JPEG", progressive=progressive), *size)
    with pytest.raises(UnreadableMedia, match="pixels"):
        facts_of(io.BytesIO(content), sniffing.JPEG)


def test_a_photo_of_108_megapixels_is_taken():
    content = io.BytesIO()
    Image.new("L", (12_000, 9000), 127).save(content, "JPEG")
    assert facts_of(content, sniffing.JPEG).width == 12_000
    assert len(thumbnail_of(content, sniffing.JPEG)) < 20_000


def test_a_phone_without_a_fix_that_writes_zero_degrees_was_nowhere(picture):
    gps = {**BEIJING, "GPSLatitude": dms(0, 0, 0), "GPSLongitude": dms(0, 0, 0)}
    facts = facts_of(io.BytesIO(picture("JPEG", exif=exif_of(gps=gps))), sniffing.JPEG)
    assert (facts.latitude, facts.longitude) == (None, None)


def tiff(*directories):
    """TIFF with directories one behind the other; an entry is (tag, type, count, four bytes of value)."""
    content = b"MM\0*" + struct.pack(">I", 8)
    for entries in directories:
        content += struct.pack(">H", len(entries))
        content += b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries) + b"\0\0\0\0"
    return b"Exif\0\0" + content


def test_exif_with_values_of_wrong_types_says_nothing_and_spoils_nothing(picture):
    text, number, fraction = 2, 4, 5
    second = 8 + 2 + 4 * 12 + 4
    wrong = tiff(
        [
            (ExifTags.Base.Make, number, 1, b"\0\0\0\7"),
            (ExifTags.Base.Orientation, text, 4, b"top\0"),
            (ExifTags.Base.Model, fraction, 1, b"\xff\xff\xff\xf0"),
            (ExifTags.IFD.GPSInfo, number, 1, struct.pack(">I", second)),
        ],
        [
            (ExifTags.GPS.GPSLatitudeRef, text, 2, b"N\0\0\0"),
            (ExifTags.GPS.GPSLatitude, text, 4, b"far\0"),
            (ExifTags.GPS.GPSLongitude, number, 1, b"\0\0\0\7"),
            (ExifTags.GPS.GPSAltitude, text, 4, b"up!\0"),
        ],
    )
    with pytest.warns(UserWarning, match="Truncated File Read"):
        facts = facts_of(io.BytesIO(picture("JPEG", exif=wrong)), sniffing.JPEG)
    assert (facts.width, facts.height, facts.orientation) == (640, 480, 1)
    assert (facts.latitude, facts.altitude, facts.device_make, facts.device_model) == (None,) * 4


def test_a_gif_is_unpacked_no_further_than_its_first_picture():
    frames = [Image.new("P", (16, 16), shade % 256) for shade in range(2000)]
    content = io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    examined = examine_image(content, sniffing.GIF)
    assert (examined.facts.width, examined.picture.size) == (16, (16, 16))


def test_a_photo_in_two_pictures_is_read_as_its_first(picture):
    content = io.BytesIO()
    first = Image.open(io.BytesIO(picture("JPEG")))
    first.save(content, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    assert sniffing.sniff(content.getvalue()) is sniffing.JPEG
    facts = facts_of(content, sniffing.JPEG)
    assert (facts.width, facts.height) == (640, 480)


def test_preview_and_thumbnail_come_from_one_unpacking_and_keep_the_proportions(picture):
    content = io.BytesIO(picture("JPEG", size=(4000, 3000), exif=exif_of(6)))
    examined = examine_image(content, sniffing.JPEG)
    assert (examined.facts.width, examined.facts.height) == (3000, 4000)
    assert examined.picture.size == (960, 1280)
    assert Image.open(io.BytesIO(as_jpeg(examined.picture, THUMBNAIL_EDGE))).size == (240, 320)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright_however_the_camera_was_held(orientation):
    scene = Image.new("RGB", (64, 32), "black")
    scene.paste("red", (0, 0, 16, 16))  # where the sun stands: above left
    turns = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's names of what undoes each
    held = scene if turns[orientation] is None else scene.transpose(Image.Transpose(turns[orientation]))
    content = io.BytesIO()
    held.save(content, "JPEG", exif=exif_of(orientation), quality=95)
    examined = examine_image(content, sniffing.JPEG)
    assert examined.picture.size == (64, 32) == (examined.facts.width, examined.facts.height)
    red, green, _ = examined.picture.getpixel((8, 8))
    assert (red > 200, green < 60) == (True, True)
