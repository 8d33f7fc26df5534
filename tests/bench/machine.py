"""On what, of which version and when something was measured: said in every JSON of a bench by itself."""

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Final

from server import clock

HERE = Path(__file__).parent

_STEPS: Final = 100_000


def this_machine() -> dict[str, int | str]:
    """Tell the machine, the commit that is checked out, with a `+` where files differ from it, and the day in China."""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    commit = subprocess.run(asked, cwd=HERE, capture_output=True, text=True, check=True).stdout.strip()
    return {
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
        "commit": commit,
        "day": clock.today().isoformat(),
    }


def pace() -> float:
    """Milliseconds of the processor for a piece of Python that is always the same.

    A machine that is shared computes twice as fast in one minute as in the next, by the same clock: figures of different
    hours can be compared only beside this.
    """
    began = time.thread_time()
    sum(each * each % 7 for each in range(_STEPS))
    return (time.thread_time() - began) * 1000
