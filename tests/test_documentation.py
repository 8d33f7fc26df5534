"""What is written about the project is true of it."""

import json
import re
from pathlib import Path

import pytest

from server.cli import documented, main
from server.demo.people import DEMO_PASSWORD, PEOPLE
from server.problems import CATALOGUE
from sync import Outcome

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README, README_ZH = ROOT / "README.md", ROOT / "README.zh-CN.md"
GENERATED = {**{name: DOCS / name for name in documented()}, "openapi.json": DOCS / "openapi.json"}
WRITTEN = [
    page
    for page in [README, README_ZH, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
    if page not in GENERATED.values()
]
PAGES = {str(page.relative_to(ROOT)): page.read_text() for page in WRITTEN}
FOLDERS = {"server", "sync", "forms", "media", "web", "tests", "docker", "docs", ".ci"}
SKIPPED = {".git", ".venv", "node_modules", "data", "build", "dist", "__pycache__", "bench-results"}
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PROTOCOL = PAGES["docs/protocol.md"]


def everything_written():
    """Every text file of the repository."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part in SKIPPED or part.endswith((".egg-info", "_cache")) for part in parts)
        if hidden or parts[0] == ".hypothesis" or not path.is_file():
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("name", sorted(documented()))
def test_a_page_made_from_the_code_is_up_to_date(name):
    assert (DOCS / name).read_text(encoding="utf-8") == documented()[name], "run `make docs`"


def test_the_kept_description_of_the_api_is_what_the_application_gives(app):
    given = app.test_client().get("/api/openapi.json").get_json()
    assert json.loads((DOCS / "openapi.json").read_text(encoding="utf-8")) == given, "run `make docs`"


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_link_leads_somewhere_inside_the_repository(page):
    for target in LINK.findall(PAGES[page]):
        if target.startswith(("http://", "https://", "#")):
            continue
        path = ((ROOT / page).parent / target.split("#")[0]).resolve()
        assert path.is_relative_to(ROOT), target
        assert path.exists() or path in GENERATED.values(), target


def heading_anchors(text):
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_link_to_a_heading_meets_one(page):
    for target in LINK.findall(PAGES[page]):
        file, _, anchor = target.partition("#")
        if anchor and not target.startswith("http"):
            text = ((ROOT / page).parent / file).read_text() if file else PAGES[page]
            assert anchor in heading_anchors(text), target


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_path_that_is_named_exists(page):
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for code in code_of(PAGES[page]):
        if re.fullmatch(r"[\w./*-]+", code) and "/" in code and code.split("/")[0] in FOLDERS:
            path = ROOT / code
            found = list(ROOT.glob(code.rstrip("/"))) if "*" in code else path.exists() and [path]
            assert found or path in GENERATED.values() or f"/{code}" in ignored, code


def code_of(text):
    """Code spans, and the blocks that are commands (not JSON, not drawings)."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [*CODE.findall(prose), *(block for language, block in blocks if language == "sh")]


def commands_named(text, program):
    """The words behind `make` or `merestone` wherever they stand as a command."""
    lines = [line.split(" #")[0] for code in code_of(text) for line in code.splitlines()]
    found = (re.search(rf"(?:^|/){program} ([a-z][a-z-]*)", line) for line in lines)
    return {match[1] for match in found if match}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_command_that_is_named_exists(page):
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert commands_named(PAGES[page], "make") <= targets
    assert commands_named(PAGES[page], "merestone") <= set(main.commands)
    assert commands_named(PAGES[page], "python -m server") <= set(main.commands)


def test_both_readmes_say_the_same_commands_and_lead_to_the_same_pages():
    english, chinese = README.read_text(), README_ZH.read_text()
    for program in ("make", "merestone"):
        assert commands_named(english, program) == commands_named(chinese, program)
    assert set(LINK.findall(english)) - {"README.zh-CN.md"} == set(LINK.findall(chinese)) - {"README.md"}
    assert {"run", "test"} <= commands_named(english, "make")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_a_readme_names_everyone_of_the_demo_and_the_password(page):
    accounts = set(re.findall(r"`([a-z]+[0-9])`", PAGES[page]))
    assert accounts == {person.username for person in PEOPLE}
    assert f"`{DEMO_PASSWORD}`" in PAGES[page]


def codes_named(text):
    """Codes of the form `noun.reason`; names of files and fields look alike and are told by their ends."""
    codes = set(re.findall(r"`([a-z][a-z-]*\.[a-z][a-z-]*)`", text))
    return {code for code in codes if code.rsplit(".", 1)[1] not in {"py", "md", "json", "csv", "xlsx"}}


def test_every_code_of_the_protocol_is_one_that_the_code_can_give():
    folders = ("sync/*.py", "forms/*.py", "server/**/*.py")
    source = "".join(path.read_text() for folder in folders for path in ROOT.glob(folder))
    for code in codes_named(PROTOCOL):
        assert code in CATALOGUE or f'"{code}"' in source, code


def test_every_refusal_of_the_protocol_has_the_status_that_is_written():
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+\.[a-z-]+)` \|", PROTOCOL, re.MULTILINE)
    assert len(rows) > 10
    for status, code in rows:
        assert code in CATALOGUE, code
        assert CATALOGUE[code].status == int(status), code


def test_every_address_of_the_protocol_is_one_that_is_served(app):
    served = {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods
    }
    planned = re.search(r"^## \d+\. Planned", PROTOCOL, re.MULTILINE).start()
    named = re.findall(r"`(GET|POST|PATCH|HEAD|DELETE|OPTIONS) (/[^`\s?]*)[^`]*`", PROTOCOL[:planned])
    assert len(named) > 15
    for method, path in named:
        path = re.sub(r"\{[^}]+\}", "{}", path)
        assert (method, path) in served or (method, f"/api/v1{path}") in served, f"{method} {path}"


def test_the_answer_to_a_push_is_described_field_by_field():
    section = PROTOCOL[PROTOCOL.index("### The answer") : PROTOCOL.index("### Revision bytes")]
    fields = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert fields == set(Outcome.__dataclass_fields__)


def test_decisions_are_numbered_without_a_gap_and_say_why_what_and_what_follows():
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], page
        assert page.name in (DOCS / "architecture.md").read_text(), f"{page.name} is not listed"


def test_no_file_names_a_package_registry():
    hosts = [
        "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "npmmirror" + ".com",
        "anaconda" + ".org", "crates" + ".io", "proxy.golang" + ".org", "tuna.tsinghua" + ".edu.cn",
        "mirrors.aliyun" + ".com", "mirrors.cloud" + ".tencent.com", "mirrors.ustc" + ".edu.cn",
    ]  # fmt: skip
    found = [
        (path.name, host) for path, text in everything_written() for host in hosts if host in text.lower()
    ]
    assert not found


def test_no_file_still_holds_both_sides_of_a_merge():
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    found = [
        path.name for path, text in everything_written() if any(f"\n{mark}" in f"\n{text}" for mark in marks)
    ]
    assert not found


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-app.lock"])
def test_a_lock_names_versions_and_no_addresses(name):
    for line in (ROOT / name).read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+(?: ; .+)?", line), line
        assert "://" not in line


def test_the_licence_is_the_whole_apache_licence():
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith("Apache License\n                           Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text) == 11357


def test_the_changelog_begins_with_what_is_not_released():
    assert re.search(r"^## \[(\w+)", PAGES["CHANGELOG.md"], re.MULTILINE)[1] == "Unreleased"


REQUIREMENT = re.compile(r"^\| R(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
REQUIREMENTS = {
    int(number): (state, where)
    for number, _, _, state, where in REQUIREMENT.findall(PAGES["docs/requirements.md"])
}


def test_every_requirement_stands_once_in_its_order():
    numbers = [int(number) for number, *_ in REQUIREMENT.findall(PAGES["docs/requirements.md"])]
    assert numbers == list(range(1, 123))


@pytest.mark.parametrize("number", sorted(REQUIREMENTS))
def test_a_requirement_names_files_and_endpoints_that_exist_or_says_why_there_are_none(number):
    described = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))["paths"]
    served = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1")))
        for path, methods in described.items()
        for method in methods
    }
    state, where = REQUIREMENTS[number]
    named = CODE.findall(where)
    endpoints = [span.split(" ", 1) for span in named if re.match(r"(GET|PUT|POST|PATCH|DELETE) /", span)]
    missing = [
        (method, path) for method, path in endpoints if (method, re.sub(r"\{\w+\}", "{}", path)) not in served
    ]
    assert missing == []
    files = [span for span in named if "/" in span and span.split("/")[0] in FOLDERS]
    assert all((ROOT / span).exists() for span in files)
    assert state in {"there", "partly", "missing", "no software"}
    if state == "there":
        assert any(span.startswith("tests/") for span in files), "what is there is held by a test"
    else:
        assert re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", where), "what is not there says why"
