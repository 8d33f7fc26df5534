"""The rules of the house (docs/architecture.md), held."""

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["server", "sync", "forms", "media"]

# Each line may import the lines above it and itself, never those below.
GROUND = [
    {"calendar", "clock", "description", "problems", "schema", "settings"},
    {"logs", "workbook"},
    {"db"},
    {"terms"},
    {"bundles", "conditions", "locks", "rows", "written"},
    {"access", "feed"},
    {"audit"},
    {"jobs", "messages", "tombstones"},
    {"admission", "installation", "together"},
    {"nudges"},
    {"answered", "bodies", "refusals", "routes", "view_marks"},
    {"blueprint"},
    {"http", "migrate"},
    {"paging"},
]
LIFE = [
    "notary", "accounts", "registry", "checklists", "planning", "draws", "evidence", "maps", "inspections",
    "review", "results", "publicity", "platform", "documents", "reports", "board",
]  # fmt: skip
TOP = [
    {"complaints", "exchange"},
    {"openrosa"},
    {"packages", "quarantine", "noticeboard", "trail"},
    {"backups"},
    {"health"},
    {"tables"},
    {"duties", "gateway", "reactions"},
    {"worker"},
    {"house", "web"},
    {"app", "migrations"},
    {"demo", "lanes"},
    {"serve", "rehearsal"},
    {"handed_in", "starting"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
LAYERS = [*GROUND, *({room} for room in LIFE), *TOP]
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
ROOMS = {
    *LIFE,
    "complaints",
    "exchange",
    "openrosa",
    "packages",
    "quarantine",
    "noticeboard",
    "trail",
    "backups",
    "health",
}

# The engines' field libraries; everything else they use is the standard library.
FIELD = {
    "sync": {"cryptography"},
    "forms": {"lxml", "pyxform", "re2", "pyproj", "shapely"},
    "media": {"PIL", "pillow_heif", "av", "minio", "urllib3", "cryptography", "noto_cjk_sans_otc"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "util", "misc"}


def modules():
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" in path.parts:
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = path
    return found


MODULES = modules()


def imported(module):
    """Every absolute import of a module: (dotted name, inside a function?)."""
    tree = ast.parse(MODULES[module].read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: import by full name"
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}"
                yield dotted if dotted in MODULES else node.module, id(node) in inside


def part(name):
    """The room or ground module that a module of `server` belongs to."""
    pieces = name.split(".")
    return pieces[1] if pieces[0] == "server" and len(pieces) > 1 else None


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("server")])
def test_an_engine_knows_only_its_field(module):
    package = module.split(".")[0]
    allowed = FIELD[package] | {package} | set(sys.stdlib_module_names)
    strange = {name.split(".")[0] for name, _ in imported(module)} - allowed
    assert not strange, f"{module} may not import {sorted(strange)}"


@pytest.mark.parametrize("module", [name for name in MODULES if part(name)])
def test_imports_point_down(module):
    mine = part(module)
    assert mine in HEIGHT, f"{module}: give {mine} its place in the drawing"
    theirs = {part(name) for name, _ in imported(module)} - {None, mine}
    upward = {name for name in theirs if HEIGHT[name] >= HEIGHT[mine]}
    assert not upward, f"{module} may not import {sorted(upward)}"


@pytest.mark.parametrize("module", [name for name in MODULES if part(name)])
def test_no_import_hides_in_a_function_to_dodge_a_circle(module):
    hidden = {name for name, inside in imported(module) if inside and name.split(".")[0] in PACKAGES}
    assert not hidden, f"{module} hides {sorted(hidden)}"


ORDER = {"models": 0, "service": 2, "schemas": 3, "api": 4}


@pytest.mark.parametrize("module", [name for name in MODULES if part(name) in ROOMS])
def test_inside_a_room_models_service_schemas_api_point_one_way(module):
    _, room, *rest = module.split(".")
    mine = ORDER.get(rest[0] if rest else "", 1)
    if not rest:
        return
    for name, _ in imported(module):
        pieces = name.split(".")
        if pieces[:2] != ["server", room] or len(pieces) < 3 or pieces[2] == rest[0]:
            continue
        theirs = ORDER.get(pieces[2], 1)
        free = 1 in (mine, theirs) and mine != 0 and theirs < 3
        assert theirs < mine or free, f"{module} may not import {name}"


@pytest.mark.parametrize("module", [name for name in MODULES if part(name)])
def test_nobody_imports_another_rooms_api_and_few_its_schemas(module):
    mine = part(module)
    for name, _ in imported(module):
        pieces = name.split(".")
        if pieces[0] != "server" or len(pieces) < 3 or pieces[1] == mine:
            continue
        if pieces[2] == "api":
            assert mine == "app", f"{module} may not import {name}"
        if pieces[2] == "schemas":
            assert mine in {"exchange", "openrosa", "cli", "commands"}, f"{module} may not import {name}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith(".models")])
def test_no_relationship_points_between_rooms(module):
    text = MODULES[module].read_text()
    assert "back_populates" not in text
    assert "backref" not in text


def test_no_room_is_a_drawer():
    for module in MODULES:
        assert not FORBIDDEN_NAMES & set(module.split(".")), module


def test_only_the_ground_commits():
    for module, path in MODULES.items():
        if module in {"server.audit", "server.migrate"}:
            continue
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ]
        assert not calls, f"{module} commits; only the transaction in server.audit does"


def test_time_comes_from_one_place():
    for module, path in MODULES.items():
        # The rehearsal is a phone: its clock is not ours.
        if module.startswith(("server.clock", "server.rehearsal")) or not module.startswith("server"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"utcnow", "now", "today"}:
                owner = ast.unparse(node.value)
                assert owner in {"clock", "func"}, f"{module}: {owner}.{node.attr}; use server.clock"


@pytest.mark.parametrize("name", PACKAGES)
def test_no_dependency_ships_a_package_of_our_name(name):
    assert set(packages_distributions().get(name, [])) <= {"merestone"}


def test_every_public_name_of_an_engine_is_there():
    for package in ("sync", "forms", "media"):
        module = __import__(package)
        assert module.__doc__
        for name in module.__all__:
            assert hasattr(module, name), f"{package}.{name}"
