"""The command line: what an operator does before and beside the web."""

from click.testing import CliRunner
from sqlalchemy import text

from server.app import create_app
from server.cli import main
from server.db import open_engine
from tests.conftest import settings_for

WEAK = "The password is too simple. At least 10 characters, not the user name, not one character repeated."


def run(database, folder, *arguments, url=None, **options):
    settings = settings_for(url or database.empty_url(folder), folder)
    environment = {
        "MERESTONE_DATA": str(settings.data),
        "MERESTONE_DATABASE_URL": settings.database_url,
        "MERESTONE_RESERVE_BYTES": "0",
    }
    return CliRunner().invoke(main, list(arguments), env=environment, **options)


def test_a_bureau_is_set_up_from_nothing_and_someone_signs_in(database, tmp_path):
    url = database.empty_url(tmp_path)
    bureau, person, password = "许昌市自然资源和规划局", "zhangsan", "first-secret"
    notice = tmp_path / "notice.json"
    notice.write_text(
        '{"year": 2027, "version": "国办发明电〔2026〕9号", "days_off": ["2027-01-01"]}', encoding="utf-8"
    )
    for arguments in (
        ("migrate",),
        ("add-organisation", bureau, "--region", "411000", "--region-name", "许昌市"),
        ("add-person", person, "张三", "--organisation", bureau, "--role", "admin", "--password", password),
        ("set-password", person, "--password", "second-secret"),
        ("add-organisation", "河南省自然资源厅", "--region", "410000"),
        ("move-region", "411000", "--parent", "410000"),
        ("enter-calendar", str(notice), "--by", person),
        ("disclose-earlier",),
    ):
        outcome = run(database, tmp_path, *arguments, url=url)
        assert outcome.exit_code == 0, outcome.output
    refused = run(database, tmp_path, "move-region", "410000", "--parent", "411000", url=url)
    assert (refused.exit_code, "A region can't lie in itself." in refused.output) == (1, True)

    notice.write_text('{"year": 2027, "version": "9", "days_off": ["2026-01-01"]}')
    refused = run(database, tmp_path, "enter-calendar", str(notice), "--by", person, url=url)
    assert (refused.exit_code, "days of another year" in refused.output) == (1, True)
    notice.write_text("[2027]")
    refused = run(database, tmp_path, "enter-calendar", str(notice), "--by", person, url=url)
    assert (refused.exit_code, refused.output.startswith("Error: ")) == (1, True)

    app = create_app(settings_for(url, tmp_path))
    client = app.test_client()
    old = client.post("/api/v1/session", json={"username": person, "password": password})
    new = client.post("/api/v1/session", json={"username": person, "password": "second-secret"})
    assert old.status_code == 401
    assert new.status_code == 201
    forms = client.get(
        "/api/v1/forms", headers={"Authorization": f"Bearer {new.get_json()['token']}"}
    ).get_json()
    app.close()
    assert {form["form_id"] for form in forms} >= {"mine_overstep", "survey_quality"}


def test_migrating_twice_publishes_nothing_twice(database, tmp_path):
    url = database.empty_url(tmp_path)
    assert run(database, tmp_path, "migrate", url=url).exit_code == 0
    first = run(database, tmp_path, "verify-audit", url=url).output

    assert run(database, tmp_path, "migrate", url=url).exit_code == 0
    assert run(database, tmp_path, "verify-audit", url=url).output == first


def test_a_broken_chain_is_told_with_exit_1(database, tmp_path):
    url = database.empty_url(tmp_path)
    run(database, tmp_path, "migrate", url=url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update audit set actor = 'somebody else' where seq = 2"))
    engine.dispose()

    outcome = run(database, tmp_path, "verify-audit", url=url)

    assert outcome.exit_code == 1
    assert "entry 2" in outcome.output


def test_a_wrong_setting_is_named_and_nothing_starts():
    outcome = CliRunner().invoke(main, ["migrate"], env={"PORT": "many"})

    assert outcome.exit_code == 1
    assert "PORT" in outcome.output


def test_an_unknown_bureau_and_a_wrong_region_are_refused(database, tmp_path):
    url = database.empty_url(tmp_path)
    run(database, tmp_path, "migrate", url=url)

    nobody = run(
        database,
        tmp_path,
        "add-person",
        "somebody",
        "某",
        "--organisation",
        "无",
        "--role",
        "admin",
        "--password",
        "first-secret",
        url=url,
    )
    region = run(database, tmp_path, "add-organisation", "某局", "--region", "41", url=url)

    wide = run(database, tmp_path, "add-organisation", "某局", "--region", "１４０５２２", url=url)

    assert nobody.exit_code == 1
    assert "no organisation" in nobody.output
    assert region.exit_code == wide.exit_code == 1
    assert wide.output == "Error: a division code has six digits\n"


def test_who_can_sign_in_first_is_told_while_there_is_nobody_and_what_is_taken_is_said_in_a_sentence(
    database, tmp_path
):
    url, bureau = database.empty_url(tmp_path), "某县自然资源局"

    def runs(*arguments):
        return run(database, tmp_path, *arguments, url=url)

    def adds(username, password="first-secret"):
        given = ("--organisation", bureau, "--role", "admin", "--password", password)
        return runs("add-person", username, "某", *given)

    assert "merestone add-person" in runs("migrate").output
    assert runs("add-organisation", bureau, "--region", "140522").exit_code == 0
    assert "merestone add-person" in runs("migrate").output
    assert adds("admin").exit_code == 0
    assert "merestone add-person" not in runs("migrate").output

    refusals = [
        (runs("add-organisation", bureau, "--region", "140522"), "An organisation of this name exists."),
        (adds("admin"), "This user name is taken."),
        (runs("set-password", "nobody", "--password", "second-secret"), "No such person."),
        (runs("set-password", "admin", "--password", "x1"), WEAK),
        (adds("second", "x1"), WEAK),
        (adds("a b"), "a user name has 2 to 60 letters, digits, dots, hyphens and underscores"),
    ]
    for outcome, said in refusals:
        assert (outcome.exit_code, outcome.output.startswith("Error: ")) == (1, True), outcome.output
        assert said in outcome.output
