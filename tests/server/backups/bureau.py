"""An installation of its own that is served, backed up, lost and brought back, with the cast to work on it."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import text

from server.app import create_app
from server.cli import main
from server.db import open_engine
from server.http import App
from server.serve import prepare_installation
from server.settings import Settings
from tests.actors import Cast
from tests.conftest import settings_for
from tests.postgres import find_binaries
from tests.s3 import S3Service


class Bureau:
    """One installation: it runs, or it is down and a command works on it."""

    def __init__(self, url: str, folder: Path, **more: str) -> None:
        self.folder = folder
        self.environment = {
            "MERESTONE_DATA": str(folder / "data"),
            "MERESTONE_DATABASE_URL": url,
            "MERESTONE_RESERVE_BYTES": "0",
            "PATH": f"{find_binaries()}{os.pathsep}{os.environ['PATH']}",
            **more,
        }
        self.app: App | None = None
        self.media = folder / "data" / "media"
        self.lose_media: Callable[[], None] = partial(shutil.rmtree, self.media)

    @property
    def is_on_postgres(self) -> bool:
        return self.environment["MERESTONE_DATABASE_URL"].startswith("postgresql")

    def moves_media_to(self, service: S3Service, bucket: str) -> None:
        """Keep media in a bucket from now on; nothing is there yet."""
        self.stops()
        self.lose_media = partial(_empty, service, bucket)
        self.environment["MERESTONE_STORE_URL"] = service.url(bucket)
        self.starts()

    @property
    def settings(self) -> Settings:
        return settings_for(
            self.environment["MERESTONE_DATABASE_URL"], self.folder / "data", **self.environment
        )

    def starts(self) -> App:
        """Serve, as `merestone serve` does before it listens."""
        prepare_installation(self.settings)
        self.app = create_app(self.settings)
        self.app.testing = True
        return self.app

    def stops(self) -> None:
        if self.app:
            self.app.close()
        self.app = None

    def runs(self, *arguments: str, expect: int = 0) -> Result:
        """Run a command of `merestone`."""
        result = CliRunner().invoke(main, list(arguments), env=self.environment, catch_exceptions=False)
        assert result.exit_code == expect, result.output
        return result

    def breaks_down(self, *, media_too: bool = False) -> None:
        """Lose the database, and with `media_too` the store; keys and the epoch's file are kept elsewhere."""
        self.stops()
        url = self.environment["MERESTONE_DATABASE_URL"]
        if not self.is_on_postgres:
            for path in Path(url.removeprefix("sqlite:///")).parent.glob("*.sqlite3*"):
                path.unlink()
        else:
            engine = open_engine(url, pool_size=1)
            with engine.begin() as connection:
                connection.execute(text("drop schema public cascade"))
                connection.execute(text("create schema public"))
            engine.dispose()
        if media_too:
            self.lose_media()

    def head_of(self, aside: str) -> int:
        """The newest entry of a database that was set aside."""
        if self.is_on_postgres:
            engine = open_engine(self.environment["MERESTONE_DATABASE_URL"], pool_size=1)
            table = f"{aside.removeprefix('schema ')}.audit"
        else:
            engine, table = open_engine(f"sqlite:///{aside}", pool_size=1), "audit"
        with engine.connect() as connection:
            found: int = connection.execute(text(f"select max(seq) from {table}")).scalar_one()
        engine.dispose()
        return found

    @property
    def cast(self) -> Cast:
        assert self.app is not None
        return Cast(self.app)


def _empty(service: S3Service, bucket: str) -> None:
    for each in service.client().list_objects(bucket, recursive=True):
        service.client().remove_object(bucket, each.object_name)
