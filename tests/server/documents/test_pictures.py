"""Pictures for paper whose previews, or originals, the store has lost."""

from pathlib import Path

import pytest

from server.access import Role
from server.documents import pictures
from server.problems import StoreUnavailable
from tests.actors.uploader import Uploader, sha256_of
from tests.server.evidence.conftest import a_photo, inspect_all


def test_a_preview_that_is_lost_is_made_anew_and_one_whose_original_is_lost_holds_up_no_paper(app, cast):
    uploader = Uploader(cast.signed_in(Role.INSPECTOR))
    there, lost, gone = (a_photo(shade) for shade in (20, 120, 220))
    shas = [uploader.upload(photo) for photo in (there, lost, gone)]
    inspect_all(app)
    for photo in (lost, gone):
        app.store.discard_derivative(sha256_of(photo), "preview.jpg")
    with app.store.open_file(sha256_of(gone)) as file:
        Path(file.name).unlink()
    asked = []

    with pytest.raises(StoreUnavailable):
        pictures.fetch(app.store, shas, asked.extend)
    assert asked == [sha256_of(lost)]

    app.store.put_derivative(sha256_of(lost), "preview.jpg", lost)
    assert pictures.fetch(app.store, shas, asked.extend).keys() == {sha256_of(there), sha256_of(lost)}
