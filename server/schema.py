"""What every schema of the API is: marshmallow's, made once for the views that name it."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

import marshmallow

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


class Schema(marshmallow.Schema):
    """A schema that is never changed once it is made, so that a copy of it is itself.

    flask-smorest copies what a view says of itself with every decorator and with every application, deeply: with
    all fields of all schemas it names that was a third of the time that a process took to start.
    """

    is_repeated: ClassVar[bool] = False
    """Whether a query is mostly asked again with the same words, and says the same whenever it is read."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class Day(marshmallow.fields.Date):
    """A day that is reckoned with: the one before and the one behind it are days, too, and so are its midnights in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **more)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise marshmallow.ValidationError(f"a day from {FIRST_DAY} to {LAST_DAY}")
        return day


class Moment(marshmallow.fields.AwareDateTime):
    """A moment that is asked of a database: it is one in UTC, too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **more)
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            raise marshmallow.ValidationError(f"a moment from {FIRST_DAY} to {LAST_DAY}")
        return moment
