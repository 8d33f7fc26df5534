"""Libraries from and to workbooks on the command line."""

from server.access import Role
from server.app import create_app
from tests.actors import Cast
from tests.conftest import settings_for
from tests.server.registry.makers import objects_workbook
from tests.server.test_commands import run


def test_a_library_is_imported_told_and_taken_away_again(database, tmp_path):
    url = database.fresh_url(tmp_path)
    app = create_app(settings_for(url, tmp_path))
    planner = Cast(app).person(Role.PLANNER, username="planner")
    app.close()
    workbook, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    workbook.write_bytes(objects_workbook(("甲", None, None), (None, "91140522MA0K000230", None)))

    def command(*arguments):
        return run(database, tmp_path, *arguments, "--as", planner.username, url=url)

    refused = command("import-library", "objects", str(workbook))
    assert (refused.exit_code, "refused" in refused.output) == (1, True)
    assert "检查对象 3 名称: 不能为空 / must not be empty" in refused.output
    taken = command("import-library", "objects", str(workbook), "--take-good-rows")
    assert (taken.exit_code, "新增 added 1" in taken.output) == (0, True)
    assert command("export-library", "objects", str(out)).exit_code == 0
    again = command("import-library", "objects", str(out))
    assert "未变 unchanged 1" in again.output
    assert command("export-library", "inspectors", str(out)).exit_code == 1
    nobody = run(database, tmp_path, "export-library", "objects", str(out), "--as", "nobody", url=url)
    assert (nobody.exit_code, "nobody is called nobody" in nobody.output) == (1, True)
