"""A short form for the tests of syncing, how an inspector fills it in, and what the server must hold of it."""

import base64
import gzip
import hashlib
import json
import re

from playwright.sync_api import expect

from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from server.inspections.models import Revision
from tests.phone.bureau import is_installed

FORM = """
| survey | | | | | | | |
| | type | name | label | hint | required | parameters | appearance |
| | text | note | 情况 | | true() | | |
| | image | photo | 照片 | 证明现场情况 | | max-pixels=3072 | |
| | file | film | 附件 | 证明现场情况 | | | |
{signing}
| settings | | | |
| | form_title | form_id | version |
| | 同步抽查 / Sync check | {name} | 1 |
"""
COSIGNED = """
| | begin_group | sign | 签名 | | | | |
| | image | inspector2 | 协检 | | | max-pixels=1600 | signature |
| | end_group | | | | | | |
""".strip()


def publish(bureau, name, signing=""):
    """Publish the form under a name; `signing` are the rows of its group `sign`."""
    text = "\n".join(line for line in FORM.format(name=name, signing=signing).splitlines() if line.strip())
    with audit.transaction(bureau.app.sessions) as session:
        checklists.publish(session, SYSTEM, text.encode(), ".md")


def is_ready(page):
    """Wait until the phone may leave the network: installed, and all that was told of has come."""
    is_installed(page)
    expect(page.get_by_role("button", name="立即同步")).to_be_visible(timeout=30_000)


def opens(page, path):
    page.goto(f"{page.url.split('#')[0]}#{path}")


def fill(page, task, note, **files):
    """Fill in a visit's form and seal it; files are (name, type, bytes)."""
    opens(page, f"/tasks/{task}")
    page.get_by_role("button", name="开始检查").click()
    page.locator("textarea, input[type=text]").first.fill(note)
    pickers = page.locator("input[type=file]")
    for name, place in (("photo", 0), ("film", 1)):
        if name in files:
            kept = page.locator("figure.kept").count()
            title, kind, data = files[name]
            pickers.nth(place).set_input_files({"name": title, "mimeType": kind, "buffer": data})
            expect(page.locator("figure.kept")).to_have_count(kept + 1, timeout=30_000)
    page.get_by_role("button", name="签署并提交").click()
    page.locator(".van-dialog__confirm").click()
    expect(page).to_have_url(re.compile(f"/tasks/{task}$"), timeout=20_000)


def pushed(context):
    """Collect what a phone pushes from now on: the bytes of each revision by its id."""
    revs = {}

    def heard(request):
        if request.url.endswith("/sync/push"):
            for item in json.loads(gzip.decompress(request.post_data_buffer))["items"]:
                revs.setdefault(item["rev"], []).append(base64.b64decode(item["bytes"]))

    context.on("request", heard)
    return revs


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_whole(bureau, revs, *files):
    """Check that the server holds each revision that was pushed, once, and the bytes of each file."""
    assert revs
    with bureau.app.sessions() as session:
        for rev, sent in revs.items():
            assert [rev] * len(sent) == [f"sha256:{sha256(each)}" for each in sent]
            assert session.get_one(Revision, rev).data == sent[0]
    for file in files:
        with bureau.app.store.open_file(sha256(file)) as kept:
            assert kept.read() == file
