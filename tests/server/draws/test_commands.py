"""The ceremony at a terminal, and the file that anybody checks with a program of their own."""

import json
import subprocess
import sys

from click.testing import CliRunner

from server.app import create_app
from server.cli import main
from server.installation import guard_epoch
from tests.actors import Cast
from tests.conftest import settings_for
from tests.server.draws.drawing import place
from tests.server.draws.paper import VERIFIER


def test_a_draw_is_held_at_a_terminal_and_checked_by_another_program(on_sqlite, tmp_path):
    url = on_sqlite.fresh_url(tmp_path)
    settings = settings_for(url, tmp_path)
    app = create_app(settings)
    with app.readers() as session:
        guard_epoch(app.installation, session)
    here = place(Cast(app))
    app.close()
    environment = {
        "MERESTONE_DATA": str(settings.data),
        "MERESTONE_DATABASE_URL": url,
        "MERESTONE_RESERVE_BYTES": "0",
    }

    def draw(step, *arguments, expect=0, as_somebody=True):
        who = ("--as", here.planner.username) if as_somebody else ()
        done = CliRunner().invoke(main, ["draw", step, *who, *arguments], env=environment)
        assert done.exit_code == expect, done.output
        return done.output if expect else done.stdout

    days = ("--opens", "2026-03-02", "--due", "2026-03-31")
    its = json.loads(draw("announce", "--planned", str(here.planned_id), *days))["id"]
    assert json.loads(draw("freeze", its))["frame_digest"]
    assert "抽取步骤的次序不对" in draw("freeze", its, expect=1)
    revealed = json.loads(draw("reveal", its))
    assert (revealed["drawn"], revealed["visits"], revealed["unmatched"]) == (3, 3, 0)
    assert json.loads(draw("publish", its))["state"] == "published"

    file = tmp_path / "draw.json"
    file.write_text(draw("file", its, as_somebody=False), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", VERIFIER, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith("相符 HOLDS: 3 objects, 3 visits")) == (0, True), done

    again = ("--planned", str(here.planned_id), *days, "--supersedes", its)
    assert "reason" in draw("announce", *again, expect=1)
    assert json.loads(draw("announce", *again, "--reason", "底册有误"))["number"].endswith("抽2")
    strange = tmp_path / "selection.json"
    strange.write_text('{"size": 1}', encoding="utf-8")
    assert "size" in draw("freeze", its, "--selection", str(strange), expect=1)
