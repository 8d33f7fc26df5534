"""What a store could not do, as one small tree of exceptions."""


class StoreError(Exception):
    """Anything a store could not do."""


class StoreFull(StoreError):
    """There is no room; whatever was written before is still there, and nothing was called stored."""


class StoreUnavailable(StoreError):
    """The disk or the service did not do what was asked; asking again later may help."""


class UploadUnknown(StoreError):
    """No upload grows under this id, or its bytes are lost: it has to begin again."""


class WrongOffset(StoreError):
    """Bytes were to be written past the end of what is there; `size` is what is there."""

    def __init__(self, offset: int, size: int) -> None:
        super().__init__(f"cannot write at {offset}: {size} bytes are there")
        self.size = size


class DigestMismatch(StoreError):
    """The bytes are not those that were promised; they are kept as an upload."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"the bytes hash to {actual}, {expected} was promised")
        self.expected = expected
        self.actual = actual


class ObjectUnknown(StoreError):
    """No finished object (or no derivative of it) has this name."""


class WrongRange(StoreError):
    """The range does not lie within the object, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the range does not lie within the {size} bytes of the object")
        self.size = size
