"""One bit of any of ten thousand items."""

import io
import random
import zipfile

import pytest

from sync import verifier
from tests.server.packages.making import Maker
from tests.server.packages.packaging import checked, codes, flipped, members, told, zipped

SEED = 20261126
PACKAGES, RECORDS, REVISIONS, PHOTOS = 5, 4, 4, 130


class Swapped:
    """An archive in which every member reads as the given bytes; no checksum of the zip stands in the way."""

    def __init__(self, content):
        self.content = content

    def open(self, _):
        return io.BytesIO(self.content)

    def read(self, _):
        return self.content


def view_of(content, listed, name):
    """A package as the verifier sees it, of one item alone."""
    info = zipfile.ZipInfo(name)
    info.file_size = len(content)
    return verifier.Package(Swapped(content), {name: info}, {"files": [listed[name]]})


@pytest.fixture(scope="module")
def packages():
    chance = random.Random(SEED)
    return [Maker(chance).case(RECORDS, REVISIONS, PHOTOS) for _ in range(PACKAGES)]


def test_one_flipped_bit_in_any_of_ten_thousand_items_is_seen(packages):
    """Each item of five packages in turn, one random bit of it (seeded), against the verifier's own functions.

    Run in full: each package as a whole, which has to hold; then for every single member that the manifest lists
    (revisions, signatures, photos, chain, receipts, pages: over ten thousand) the step that compares members with
    the manifest, over a view of that one item with one bit flipped. The step compares item by item, so that what it
    says of one does not depend on the others; and the view gives the bytes directly, so that SHA-256 has to see it,
    not the zip's CRC. The manifest and its signature, which nothing lists, go through the step that checks those.
    What is not run ten thousand times is the opening of a whole zip: the next test does that for some.
    """
    chance = random.Random(SEED + 1)
    items = 0
    for data in packages:
        report = checked(data)
        assert report.holds, report.as_text()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            package = verifier.Package(archive, {info.filename: info for info in archive.infolist()})
            verifier._check_manifest(package, verifier.Report(), None)
            listed = {each["path"]: each for each in package.manifest["files"]}
            for name in listed:
                content = archive.read(name)
                verifier._check_files(view_of(content, listed, name), verifier.Report())
                changed = flipped(content, chance.randrange(len(content) * 8))
                with pytest.raises(verifier.Broken) as seen:
                    verifier._check_files(view_of(changed, listed, name), verifier.Report())
                assert seen.value.line.code == "member.changed"
                assert seen.value.line.english == f"{name} was changed."
                items += 1
    assert items > 10_000


def test_a_flipped_bit_in_a_whole_zip_is_named_wherever_it_is():
    """Every item of a small package through the whole verifier: flipped in the file as it lies, and CRC set right."""
    chance = random.Random(SEED + 2)
    data = Maker(chance).case(2, 2, 3)
    files = members(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        begins = {info.filename: info.header_offset for info in archive.infolist()}

    for name, content in files.items():
        bit = chance.randrange(len(content) * 8)
        place = data.index(content, begins[name])
        for changed in (flipped(data, place * 8 + bit), zipped(files | {name: flipped(content, bit)})):
            report = checked(changed)
            if name.startswith("manifest"):
                assert report.broken, name
            else:
                assert codes(report.broken) == ["member.changed"]
                assert f"{name} was changed" in told(report.broken)


def test_revisions_and_photos_keep_their_names_even_when_the_manifest_is_written_anew(packages):
    """Whoever holds the server's key can list a changed item; but revisions and photos are named by their bytes."""
    chance = random.Random(SEED + 3)
    for data in packages:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            package = verifier.Package(archive, {info.filename: info for info in archive.infolist()})
            verifier._check_manifest(package, verifier.Report(), None)
            for record in package.records:
                for rev in record["revisions"]:
                    name = f"revisions/{rev[7:]}.json"
                    content = archive.read(name)
                    changed = view_of(flipped(content, chance.randrange(len(content) * 8)), {name: {}}, name)
                    with pytest.raises(verifier.Broken, match="not named by its bytes"):
                        verifier._check_revision(changed, record, rev)
