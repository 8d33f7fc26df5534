"""On what, of which version and when something was measured: said in every JSON of a bench by itself."""

import os
import platform
import subprocess
from pathlib import Path

from server import clock

HERE = Path(__file__).parent


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
