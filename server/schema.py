"""What every schema of the API is: marshmallow's, made once for the views that name it."""

from typing import Any, ClassVar, Self

import marshmallow


class Schema(marshmallow.Schema):
    """A schema that is never changed once it is made, so that a copy of it is itself.

    flask-smorest copies what a view says of itself with every decorator and with every application, deeply: with
    all fields of all schemas it names that was a third of the time that a process took to start.
    """

    is_repeated: ClassVar[bool] = False
    """Whether a query is mostly asked again with the same words, and says the same whenever it is read."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self
