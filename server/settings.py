"""What an operator can set: read from the environment once, refused if wrong.

Each field names its variable and says what it means; `docs/settings.md` is written from here.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MEBIBYTE = 1024 * 1024

SECOND_COPIES = ("none", "backup", "standby", "archive")

# As a browser writes it: lower case, no path, no port that goes without saying.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


class WrongSettingError(ValueError):
    """A variable holds something that can't be used. Says which and why."""


def setting(variable: str, default: Any, meaning: str, *, secret: bool = False) -> Any:
    """Declare one setting: its variable, its default as text and what it means."""
    return field(metadata={"variable": variable, "default": default, "meaning": meaning, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Every setting of one process. `{data}` in a default stands for the data folder."""

    data: Path = setting("MERESTONE_DATA", "data", "Folder for everything kept on this machine.")
    database_url: str = setting(
        "MERESTONE_DATABASE_URL",
        "sqlite:///{data}/merestone.sqlite3",
        "SQLAlchemy URL: `sqlite:///…` or `postgresql+psycopg://…` (PostgreSQL 14 or newer).",
        secret=True,
    )
    store_url: str = setting(
        "MERESTONE_STORE_URL",
        "file://{data}/media",
        "Where media is kept: `file:///folder` or `s3://key:secret@host:port/bucket?secure=true&region=…`. "
        "Unfinished uploads grow in the bucket (`&spool=/folder` for what one request brings), or, with "
        "`&staging=/folder`, in a folder that all web processes share. See `docs/storage.md`.",
        secret=True,
    )
    keys: Path = setting(
        "MERESTONE_KEYS",
        "{data}/keys",
        "Folder with the server's signing key and token secret; made on first start, mode 0600. "
        "All processes of one installation share it.",
    )
    escrow_key: Path = setting(
        "MERESTONE_ESCROW_KEY",
        "{data}/keys/escrow.pem",
        "The organisation's key (PEM, P-256), which phones wrap their data keys to. Made on first start. With the public "
        "half only, this server opens none: `merestone escrow-open` does, where the private half is kept.",
    )
    lease_hours: int = setting(
        "MERESTONE_LEASE_HOURS",
        "72",
        "Hours that a phone shows its tasks and records without having reached this server; then somebody signs in. "
        "What was captured stays and is sent.",
    )
    epoch_file: Path = setting(
        "MERESTONE_EPOCH_FILE",
        "{data}/epoch.json",
        "The epoch guard. Must not be inside the database's own backup; shared by all processes.",
    )
    host: str = setting("MERESTONE_HOST", "127.0.0.1", "Address that `merestone serve` listens on.")
    port: int = setting("PORT", "8000", "Port that `merestone serve` listens on (1–65535).")
    processes: int = setting(
        "MERESTONE_PROCESSES",
        "1",
        "Web processes that answer requests. Keep 1 on SQLite: it has one writer at a time; on PostgreSQL, one a core.",
    )
    threads: int = setting(
        "MERESTONE_THREADS",
        "32",
        "Threads of each of them, and connections to the database that each web process keeps.",
    )
    upload_processes: int = setting(
        "MERESTONE_UPLOAD_PROCESSES",
        "1",
        "Web processes beside them that receive uploads and submissions of ODK phones, and send media. Keep 1 on SQLite; on "
        "PostgreSQL, one a core.",
    )
    upload_threads: int = setting(
        "MERESTONE_UPLOAD_THREADS", "256", "Threads of each of those; a slow phone holds one while it sends."
    )
    cpu_affinity: str = setting(
        "MERESTONE_CPU_AFFINITY",
        "yes",
        "`yes`: where there are several web processes of a kind, each keeps to its own share of the processors. `no` where other "
        "programs need the same processors most of the time.",
    )
    trusted_proxies: int = setting(
        "MERESTONE_TRUSTED_PROXIES", "0", "How many reverse proxies in front set X-Forwarded-* headers."
    )
    public_a_minute: int = setting(
        "MERESTONE_PUBLIC_A_MINUTE",
        "300",
        "Requests a minute that each process answers one address below `/public/`; 0: any number.",
    )
    site_url: str = setting(
        "MERESTONE_SITE_URL",
        "",
        "Where the public site is for everybody, as `https://host`: what its feed, its site map, its prints and the codes on documents name. "
        "Empty: as it was asked for.",
    )
    site_name: str = setting(
        "MERESTONE_SITE_NAME", "双随机、一公开公示", "Name of the public site, in Chinese."
    )
    site_name_english: str = setting(
        "MERESTONE_SITE_NAME_EN", "Random inspections in the open", "Name of the public site, in English."
    )
    site_bureau: str = setting(
        "MERESTONE_SITE_BUREAU", "", "Whose public site it is (主办单位); empty: it is not said."
    )
    site_office: str = setting("MERESTONE_SITE_OFFICE", "", "The office that looks after it (承办科室).")
    site_address: str = setting("MERESTONE_SITE_ADDRESS", "", "That office's address (办公地址).")
    site_telephone: str = setting("MERESTONE_SITE_TELEPHONE", "", "That office's telephone (联系电话).")
    site_complaints: str = setting(
        "MERESTONE_SITE_COMPLAINTS", "", "Telephone for complaints about inspections (监督投诉电话)."
    )
    site_objections: str = setting(
        "MERESTONE_SITE_OBJECTIONS",
        "",
        "How, where and until when an inspected party objects to a published result (异议); shown beside every result.",
    )
    site_filing: str = setting("MERESTONE_SITE_FILING", "", "Filing number of the web site (备案号).")
    app_filing: str = setting(
        "MERESTONE_APP_FILING", "", "Filing number of the phone's application (备案号), which it shows."
    )
    app_office: str = setting(
        "MERESTONE_APP_OFFICE",
        "",
        "Who takes complaints about the application (投诉受理单位), which the phone shows. Where this and the two below "
        "are empty: what the public site names (office, telephone for complaints, address).",
    )
    app_telephone: str = setting("MERESTONE_APP_TELEPHONE", "", "Telephone for such complaints (投诉电话).")
    app_address: str = setting(
        "MERESTONE_APP_ADDRESS",
        "",
        "Address for such complaints (投诉地址): of a house, an e-mail or a page.",
    )
    site_licence: str = setting(
        "MERESTONE_SITE_LICENCE", "", "Licence of the open data (数据许可), in words or by its name."
    )
    max_body_bytes: int = setting(
        "MERESTONE_MAX_BODY_BYTES", str(2 * MEBIBYTE), "Largest request body outside uploads and imports."
    )
    max_import_bytes: int = setting(
        "MERESTONE_MAX_IMPORT_BYTES", str(16 * MEBIBYTE), "Largest imported workbook."
    )
    max_upload_bytes: int = setting(
        "MERESTONE_MAX_UPLOAD_BYTES", str(4096 * MEBIBYTE), "Largest single media file (Tus-Max-Size)."
    )
    reserve_bytes: int = setting(
        "MERESTONE_RESERVE_BYTES",
        str(512 * MEBIBYTE),
        "Free space that uploads never touch on the disk of the store; below it they get 507.",
    )
    upload_days: int = setting(
        "MERESTONE_UPLOAD_DAYS", "14", "Days after its last byte until an unfinished upload may be swept."
    )
    upload_quota_bytes: int = setting(
        "MERESTONE_UPLOAD_QUOTA_BYTES",
        str(20 * 1024 * MEBIBYTE),
        "Bytes of unfinished uploads one person may have promised at a time; more are told 429.",
    )
    upload_quota_files: int = setting(
        "MERESTONE_UPLOAD_QUOTA_FILES",
        "2000",
        "Unfinished uploads one person may have at a time; more are told 429.",
    )
    upload_origins: str = setting(
        "MERESTONE_UPLOAD_ORIGINS",
        "",
        "Origins whose pages may upload from a browser, as `https://host[:port]` with commas between; "
        "empty: none but our own. Nothing but uploads is opened to them.",
    )
    tombstone_days: int = setting(
        "MERESTONE_TOMBSTONE_DAYS",
        "90",
        "Days for which the feed remembers what left a phone; one that was away for longer reads everything anew. "
        "At least `MERESTONE_REFRESH_DAYS`.",
    )
    conflict_days: int = setting(
        "MERESTONE_CONFLICT_DAYS",
        "3",
        "Working days (工作日) the lead inspector has to bring several versions of a record together before it stands "
        "in the queue of its reviewers.",
    )
    access_minutes: int = setting("MERESTONE_ACCESS_MINUTES", "60", "Minutes an access token is good for.")
    refresh_days: int = setting("MERESTONE_REFRESH_DAYS", "30", "Days a refresh token is good for.")
    time_zone: str = setting("MERESTONE_TIME_ZONE", "Asia/Shanghai", "The bureau's time zone, for dates.")
    maps: Path = setting(
        "MERESTONE_MAPS",
        "{data}/maps",
        "Folder with packs of maps that phones may hold: `{division code}/{name}.pmtiles` (PMTiles 3). Nothing "
        "classified belongs there.",
    )
    tianditu_key: str = setting(
        "MERESTONE_TIANDITU_KEY",
        "",
        "The bureau's own key (tk) for 天地图, told to phones that are signed in; empty: no page asks any other host.",
    )
    platform_url: str = setting(
        "MERESTONE_PLATFORM_URL", "", "Where released results are delivered; empty: they wait in the outbox."
    )
    platform_app_key: str = setting("MERESTONE_PLATFORM_APP_KEY", "", "The platform's app key for us.")
    platform_secret: str = setting(
        "MERESTONE_PLATFORM_SECRET", "", "The secret that signs deliveries.", secret=True
    )
    platform_retry_seconds: int = setting(
        "MERESTONE_PLATFORM_RETRY_SECONDS",
        "10",
        "Seconds after which a delivery that got no answer is tried again; they double with each attempt, up to 6 hours.",
    )
    nudge_streams: int = setting(
        "MERESTONE_NUDGE_STREAMS",
        "32",
        "Streams of nudges (`GET /sync/events`) that each upload process keeps open, a thread each; 0: none.",
    )
    nudge_url: str = setting(
        "MERESTONE_NUDGE_URL",
        "",
        "A push gateway that the worker tells whose phones should pull; empty: none.",
    )
    nudge_app_key: str = setting("MERESTONE_NUDGE_APP_KEY", "", "The gateway's app key for us.")
    nudge_secret: str = setting(
        "MERESTONE_NUDGE_SECRET", "", "The secret that signs what the gateway is told.", secret=True
    )
    tsa_url: str = setting(
        "MERESTONE_TSA_URL",
        "",
        "A time-stamp authority (RFC 3161), `http://…` or `https://…`, that is asked once a day to stamp the root "
        "of the audit log; empty: none is asked.",
    )
    tsa_certificates: str = setting(
        "MERESTONE_TSA_CERTIFICATES",
        "",
        "File with the root certificates (PEM) that the authority's own must lead to. Needed with "
        "`MERESTONE_TSA_URL`.",
    )
    second_copy: str = setting(
        "MERESTONE_SECOND_COPY",
        "none",
        "Where a second copy of the database is known to be, so that phones may delete what it holds: `none`, "
        "`backup` (finished and verified backups), `standby` (what a PostgreSQL standby has on its disk) or `archive` "
        "(archived WAL). See `docs/restore.md`.",
    )
    standby_name: str = setting(
        "MERESTONE_STANDBY_NAME",
        "",
        "With `standby`: its `application_name`; empty: any one that streams.",
    )
    store_durable: str = setting(
        "MERESTONE_STORE_DURABLE",
        "no",
        "`yes` where the store itself keeps every object in a second place (a bucket with replication, or "
        "erasure coding over several machines): stored media is then told to be durable. Else backups make it so.",
    )
    backup_to: str = setting(
        "MERESTONE_BACKUP_TO",
        "",
        "Where the worker makes backups by itself: `/folder`, or `s3://…` as in `MERESTONE_STORE_URL`; empty: it makes none.",
        secret=True,
    )
    backup_minutes: int = setting(
        "MERESTONE_BACKUP_MINUTES", "60", "Minutes from one of the worker's backups to the next."
    )
    backup_keep: int = setting("MERESTONE_BACKUP_KEEP", "14", "How many backups the worker keeps.")
    retention_days: int = setting(
        "MERESTONE_RETENTION_DAYS",
        "30",
        "Days that phones keep what they sent, even when it is safe to delete.",
    )
    log_level: str = setting("MERESTONE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read all settings; raise WrongSettingError naming the first variable that can't be used."""
        data = str(Path(environment.get("MERESTONE_DATA") or "data").resolve())
        values: dict[str, Any] = {}
        for each in fields(cls):
            variable = each.metadata["variable"]
            text = environment.get(variable) or str(each.metadata["default"]).replace("{data}", data)
            try:
                values[each.name] = each.type(text) if isinstance(each.type, type) else text
            except ValueError as error:
                raise WrongSettingError(f"{variable}={text!r}: {error}") from error
        settings = cls(**values)
        settings.refuse_nonsense()
        return settings

    def refuse_nonsense(self) -> None:
        """Raise WrongSettingError where a value can be read but not meant."""
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise WrongSettingError("MERESTONE_DATABASE_URL: sqlite:/// or postgresql+psycopg:// only")
        if not self.store_url.startswith(("file://", "s3://")):
            raise WrongSettingError("MERESTONE_STORE_URL: file:// or s3:// only")
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise WrongSettingError(f"MERESTONE_LOG_LEVEL={self.log_level!r}: no such level")
        if not 1 <= self.port <= 65535:
            raise WrongSettingError(f"PORT={self.port}: not a port")
        if self.database_url.startswith("sqlite") and max(self.processes, self.upload_processes) > 1:
            raise WrongSettingError(
                "MERESTONE_PROCESSES, MERESTONE_UPLOAD_PROCESSES: SQLite wants one of each; use PostgreSQL"
            )
        self._refuse_unsigned()
        self._refuse_wrong_authority()
        self._refuse_wrong_copies()
        for origin in self.upload_origin_set:
            if not _ORIGIN.fullmatch(origin):
                raise WrongSettingError(
                    f"MERESTONE_UPLOAD_ORIGINS: {origin!r} is no origin like https://host"
                )
        if self.site_url and not _ORIGIN.fullmatch(self.site_url):
            raise WrongSettingError(f"MERESTONE_SITE_URL={self.site_url!r}: an origin like https://host")
        self._refuse_small_numbers()
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise WrongSettingError(f"MERESTONE_TIME_ZONE={self.time_zone!r}: unknown") from error

    def _refuse_unsigned(self) -> None:
        for name in ("platform", "nudge"):
            signs = getattr(self, f"{name}_app_key") and getattr(self, f"{name}_secret")
            if getattr(self, f"{name}_url") and not signs:
                variable = f"MERESTONE_{name.upper()}"
                raise WrongSettingError(f"{variable}_URL needs {variable}_APP_KEY and _SECRET")

    def _refuse_wrong_authority(self) -> None:
        if not self.tsa_url:
            return
        if not self.tsa_url.startswith(("http://", "https://")):
            raise WrongSettingError("MERESTONE_TSA_URL: http:// or https:// only")
        if not Path(self.tsa_certificates).is_file():
            raise WrongSettingError(
                "MERESTONE_TSA_URL needs MERESTONE_TSA_CERTIFICATES, a file that is there"
            )

    def _refuse_wrong_copies(self) -> None:
        if self.second_copy not in SECOND_COPIES:
            raise WrongSettingError(
                f"MERESTONE_SECOND_COPY={self.second_copy!r}: one of {', '.join(SECOND_COPIES)}"
            )
        if self.second_copy in {"standby", "archive"} and self.database_url.startswith("sqlite"):
            raise WrongSettingError(f"MERESTONE_SECOND_COPY={self.second_copy}: PostgreSQL only")
        if self.store_durable not in {"no", "yes"}:
            raise WrongSettingError("MERESTONE_STORE_DURABLE: yes or no")
        if self.cpu_affinity not in {"no", "yes"}:
            raise WrongSettingError("MERESTONE_CPU_AFFINITY: yes or no")
        if self.backup_to and not self.backup_to.startswith(("/", "s3://")):
            raise WrongSettingError("MERESTONE_BACKUP_TO: /folder or s3:// only")

    def _refuse_small_numbers(self) -> None:
        may_be_zero = {"trusted_proxies", "reserve_bytes", "nudge_streams", "public_a_minute"}
        for each in fields(self):
            least = 0 if each.name in may_be_zero else 1
            if each.type is int and getattr(self, each.name) < least:
                raise WrongSettingError(f"{each.metadata['variable']}: must be at least {least}")
        if self.tombstone_days < self.refresh_days:
            raise WrongSettingError(
                "MERESTONE_TOMBSTONE_DAYS: at least MERESTONE_REFRESH_DAYS, for which a phone may stay away"
            )

    @property
    def upload_origin_set(self) -> frozenset[str]:
        """The origins whose pages may upload, as browsers write them."""
        return frozenset(each.strip() for each in self.upload_origins.split(",") if each.strip())

    @property
    def about_app(self) -> dict[str, str]:
        """What the phone shows of its filing and of where to complain (备案号、投诉渠道); what is empty is left out."""
        channel = (self.app_office, self.app_telephone, self.app_address)
        if not any(channel):
            channel = (self.site_office, self.site_complaints, self.site_address)
        told = zip(("filing", "office", "telephone", "address"), (self.app_filing, *channel), strict=True)
        return {name: value for name, value in told if value}

    @property
    def is_store_durable(self) -> bool:
        """Whether the store itself promises a second copy of everything."""
        return self.store_durable == "yes"

    @property
    def keeps_to_processors(self) -> bool:
        """Whether each web process keeps to its own share of the processors, where the system knows how."""
        return self.cpu_affinity == "yes" and hasattr(os, "sched_setaffinity")

    @property
    def zone(self) -> ZoneInfo:
        """The bureau's time zone."""
        return ZoneInfo(self.time_zone)


def settings_as_markdown() -> str:
    """Write the table of `docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Read from the environment once, at start; a value that can't be used stops the start and is named.",
        "`make docs` writes this page.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for each in fields(Settings):
        about = each.metadata
        default = f"`{about['default']}`" if about["default"] else "(empty)"
        secret = " Never logged." if about["secret"] else ""
        lines.append(f"| `{about['variable']}` | {default} | {about['meaning']}{secret} |")
    return "\n".join(lines) + "\n"
