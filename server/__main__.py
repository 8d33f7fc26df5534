"""`python -m server` is `merestone`: the image runs the code from its folder, without a script."""

import gc

gc.disable()  # what is loaded stays: looking through it for garbage meanwhile is a sixth of the time to start

from server.cli import main  # noqa: E402

gc.freeze()
gc.enable()
main()
