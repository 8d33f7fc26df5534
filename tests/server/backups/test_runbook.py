"""The commands of docs/restore.md, run in their order."""

import re
import shlex
from pathlib import Path
from uuid import UUID

from click.testing import CliRunner

from server.accounts.models import Person
from server.cli import main

PAGE = Path(__file__).parents[3] / "docs" / "restore.md"


def commands():
    """The arguments of every `merestone` in the shell blocks of the page, up to what is about single phones."""
    page = PAGE.read_text()[: PAGE.read_text().index("merestone escrow")]
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("merestone ") for line in lines)
    return [shlex.split(line)[1:] for line in lines]


def test_the_commands_of_the_runbook_bring_a_bureau_back(one_bureau, place):
    one_bureau.cast.organisation()
    done = []
    for arguments in commands():
        if arguments[0] == "restore":
            one_bureau.breaks_down()
        given = [place if each == "/mnt/backup" else each for each in arguments]
        said = CliRunner().invoke(
            main, given, env=one_bureau.environment, input="a new secret\na new secret\n"
        )
        assert said.exit_code == 0, said.output
        done.append(arguments[0])

    assert done == ["backup", "backups", "restore", "add-person"]
    app = one_bureau.starts()
    with app.readers() as session:
        person = session.get_one(Person, UUID(arguments[arguments.index("--id") + 1]))
    assert person.username == arguments[1]
