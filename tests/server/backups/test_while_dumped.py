"""While PostgreSQL is dumped, which takes as long as the database is large, the bureau goes on."""

from server import audit
from server.backups import postgres_dump
from server.notary.service import Notary
from tests.actors.uploader import Uploader
from tests.server.backups.conftest import served


def test_uploads_are_promised_and_roots_are_signed_while_the_database_is_dumped(
    on_postgres, tmp_path, place, monkeypatch
):
    done, run = [], postgres_dump._run

    def dumps(program, *arguments, **more):
        if program.endswith("pg_dump"):
            done.append(Uploader(phone).upload(b"a photo"))
            with audit.transaction(bureau.app.sessions) as session:
                done.append(Notary(bureau.app.installation.key, bureau.settings.zone).sign_root(session))
        run(program, *arguments, **more)

    with served(on_postgres, tmp_path) as bureau:
        phone = bureau.cast.phone()
        monkeypatch.setattr(postgres_dump, "_run", dumps)
        bureau.runs("backup", place)
        assert Uploader(phone).status(done[0]) == {done[0]: "stored"}  # it came after the snapshot

    assert len(done) == 2
