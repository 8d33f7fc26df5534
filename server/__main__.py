"""`python -m server` is `merestone`: the image runs the code from its folder, without a script."""

from server.cli import main

main()
