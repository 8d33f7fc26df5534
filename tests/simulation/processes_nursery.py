"""Where server processes come from: a process that has read all of the program, and forks one for every line it reads.

A new `merestone web` needs seconds to read the program, and is to be killed several times a second. What is
forked here goes the same way from there on: `serve_web` with its settings from the environment, in a process
group of its own. Each line read is a port; the answer is the process id.

MERESTONE_SIMULATION_MUTANT names a bug of `handlers_mutants` to put in first. Only these tests start a server so.
"""

import gc
import os
import signal
import sys
from contextlib import ExitStack

from server.serve import serve_web
from server.settings import Settings
from tests.simulation.handlers_mutants import MUTANTS


def main() -> None:
    with ExitStack() as stack:
        for mutant in MUTANTS:
            if mutant.name == os.environ.get("MERESTONE_SIMULATION_MUTANT"):
                stack.enter_context(mutant.patch())
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
        gc.freeze()
        for line in sys.stdin:
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setsid()
                os.dup2(os.open(os.devnull, os.O_RDWR), 1)
                serve_web(Settings.from_environment(os.environ | {"PORT": line.strip()}))
                os._exit(0)
            print(child, flush=True)


if __name__ == "__main__":
    main()
