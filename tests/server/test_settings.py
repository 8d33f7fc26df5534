"""Settings are read once, and refused if wrong."""

import pytest

from server.settings import Settings, WrongSettingError


def test_an_empty_environment_gives_a_small_installation_in_the_data_folder(tmp_path):
    settings = Settings.from_environment({"MERESTONE_DATA": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path}/merestone.sqlite3"
    assert settings.store_url == f"file://{tmp_path}/media"
    assert settings.port == 8000
    assert str(settings.zone) == "Asia/Shanghai"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("MERESTONE_THREADS", "0"),
        ("MERESTONE_MAX_BODY_BYTES", "-1"),
        ("MERESTONE_RESERVE_BYTES", "-1"),
        ("MERESTONE_DATABASE_URL", "mysql://x"),
        ("MERESTONE_STORE_URL", "ftp://x"),
        ("MERESTONE_TIME_ZONE", "Asia/Nowhere"),
        ("MERESTONE_LOG_LEVEL", "LOUD"),
        ("MERESTONE_PROCESSES", "2"),
        ("MERESTONE_UPLOAD_PROCESSES", "2"),
        ("MERESTONE_PLATFORM_URL", "http://platform"),
        ("MERESTONE_NUDGE_URL", "http://gateway"),
        ("MERESTONE_NUDGE_STREAMS", "-1"),
        ("MERESTONE_UPLOAD_ORIGINS", "*"),
        ("MERESTONE_UPLOAD_ORIGINS", "console.example"),
        ("MERESTONE_UPLOAD_ORIGINS", "https://console.example/"),
        ("MERESTONE_UPLOAD_ORIGINS", "https://console.example https://other.example"),
        ("MERESTONE_UPLOAD_ORIGINS", "null"),
        ("MERESTONE_SECOND_COPY", "the moon"),
        ("MERESTONE_SECOND_COPY", "standby"),  # of SQLite
        ("MERESTONE_STORE_DURABLE", "perhaps"),
        ("MERESTONE_CPU_AFFINITY", "0-3"),
        ("MERESTONE_BACKUP_TO", "backup"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused_and_its_variable_named(tmp_path, variable, value):
    with pytest.raises(WrongSettingError, match=variable):
        Settings.from_environment({"MERESTONE_DATA": str(tmp_path), variable: value})


def test_origins_of_pages_that_may_upload_are_read_with_commas_between(tmp_path):
    origins = "https://console.example, http://localhost:5173,"
    settings = Settings.from_environment(
        {"MERESTONE_DATA": str(tmp_path), "MERESTONE_UPLOAD_ORIGINS": origins}
    )

    assert settings.upload_origin_set == {"https://console.example", "http://localhost:5173"}


def test_where_to_complain_about_the_application_is_what_the_site_names_until_it_has_an_office_of_its_own(
    tmp_path,
):
    site = {"MERESTONE_DATA": str(tmp_path), "MERESTONE_SITE_COMPLAINTS": "0356-1"}
    own = {"MERESTONE_APP_OFFICE": "信息中心", "MERESTONE_APP_FILING": "晋政务应用备〔2026〕7号"}

    assert Settings.from_environment({"MERESTONE_DATA": str(tmp_path)}).about_app == {}
    assert Settings.from_environment(site).about_app == {"telephone": "0356-1"}
    assert Settings.from_environment(site | own).about_app == {
        "filing": "晋政务应用备〔2026〕7号",
        "office": "信息中心",
    }
