"""The console in the same browser, against the same bureau, as the phone."""

from tests.phone.conftest import browser, bureau, playwright  # noqa: F401 - fixtures
