"""What a view says of itself: to whom it is open, how its transactions run, how much it may take."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.access import Actor

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Open a view to strangers. Everything else answers 401 without a session."""
    vars(view)["public"] = True
    return view


def streaming(view: View) -> View:
    """Run a view outside the request's transaction: it receives slowly and opens short ones itself.

    The actor is identified first. Such a view uses `short_transaction` and may read bodies of any length.
    """
    vars(view)["streaming"] = True
    return view


def untransacted(view: View) -> View:
    """Run a view outside the request's transaction for slow work in its middle; it uses `short_transaction`.

    The actor is identified first; its body is bounded and read before, as everywhere.
    """
    vars(view)["untransacted"] = True
    return view


def keyed(identify: Callable[[Session], Actor]) -> Callable[[View], View]:
    """Tell who asks a view by something else than a session: by what stands in its address, for phones of others.

    `identify` is asked first, in a transaction that reads, and refuses with 403 whom it does not know.
    """

    def mark(view: View) -> View:
        vars(view)["identify"] = identify
        return view

    return mark


def addressed(identify: Callable[[], Actor]) -> Callable[[View], View]:
    """Tell who asks a streaming view by what stands in its address, as `keyed` does, where that mostly suffices.

    No transaction is opened for `identify`, which opens a short one if it has to ask.
    """

    def mark(view: View) -> View:
        vars(view)["identify_apart"] = identify
        return view

    return mark


def hashing(view: View) -> View:
    """Let nobody in who wants a password looked at while threads are scarce: anybody may ask for that, and it is slow."""
    vars(view)["hashing"] = True
    return view


def in_turn(view: View) -> View:
    """Answer one request of a phone to such views at a time; the next one waits, see `server.admission`."""
    vars(view)["in_turn"] = True
    return view


def importing(view: View) -> View:
    """Let a view take a body as large as an imported workbook may be."""
    vars(view)["importing"] = True
    return view
