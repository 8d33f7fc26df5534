"""`make defects`: plant every kind of defect among 300 records, and tell which a reviewer is shown, and what is asked in vain.

Each kind is in one record of its own; all others are honest. JSON goes to bench-results/defects.json.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.conftest import sqlite_database
from tests.defects.kinds import DEFECTS
from tests.defects.planting import Planted, hand_in, reviewed, rounds, spread
from tests.phone.bureau import running_bureau

RESULTS = Path("bench-results")


def counted(planted: list[Planted]) -> dict[str, Any]:
    """What was shown and what was not, and what was asked about records in which nothing was planted."""
    holding = [each for each in planted if each.defects]
    honest = [each for each in planted if not each.defects and not each.beside]
    missed = {str(each.record): each.missed() for each in holding if each.missed()}
    in_vain = Counter(question.split(" /")[0] for each in honest for question in each.questions)
    return {
        "records": len(planted),
        "planted": sum(len(each.defects) for each in holding),
        "shown": sum(len(each.defects) - len(each.missed()) for each in holding),
        "missed": missed,
        "used_by_a_planted_one": sum(each.beside for each in planted),
        "honest": len(honest),
        "honest_with_a_question": sum(bool(each.questions) for each in honest),
        "questions_in_vain": dict(in_vain.most_common()),
        "kinds": {each.defects[0].name: each.questions for each in holding if len(each.defects) == 1},
    }


def main() -> int:
    """Make the records in a bureau of their own."""
    parser = argparse.ArgumentParser(prog="make defects", description=__doc__)
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if given.records < 3 * len(DEFECTS):
        parser.error(f"{len(DEFECTS)} kinds want to lie among honest records: {3 * len(DEFECTS)} at least")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_bureau(sqlite_database(folder).fresh_url(folder), folder, None) as bureau:
            planted: list[Planted] = []
            for made in hand_in(bureau, rounds(spread(given.records, given.seed)), given.seed):
                planted += made
                print(f"{len(planted)} records are handed in", file=sys.stderr)
            reviewed(bureau, planted)
    told = counted(planted) | {"seed": given.seed}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "defects.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + os.linesep)
    print(
        f"{told['shown']} of {told['planted']} planted defects are shown; "
        f"{told['honest_with_a_question']} of {told['honest']} honest records raise a question: "
        f"{told['questions_in_vain']}; missed: {told['missed']}"
    )
    return 1 if told["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
