"""Settings come from the environment, and a wrong one is named with what is allowed."""

import pytest

from dagster_project import settings as settings_module
from dagster_project.lib.errors import SettingsError
from dagster_project.settings import Mode


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch, tmp_path):
    """No setting of the machine, and nothing remembered before or after."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("EQUITY_"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(settings_module.Settings.model_config, "env_file", tmp_path / ".env")
    settings_module.load.cache_clear()
    yield
    settings_module.load.cache_clear()


def test_without_any_setting_the_bundled_recording_is_used_for_uppsala():
    settings = settings_module.load()
    assert settings.mode is Mode.RECORDED
    assert settings.municipality == "0380"
    assert settings.data_dir == settings_module.PROJECT_ROOT / "data"
    assert (settings.sample_data_dir / "index.json").is_file()


def test_everything_lies_below_the_data_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("EQUITY_DATA_DIR", str(tmp_path / "elsewhere"))
    settings = settings_module.load()
    for path in (settings.warehouse_path, settings.raw_dir, settings.dagster_home):
        assert path.is_relative_to(tmp_path / "elsewhere")


def test_the_environment_wins_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("EQUITY_MUNICIPALITY=0114\nEQUITY_THREADS=1\n")
    monkeypatch.setenv("EQUITY_MUNICIPALITY", "0180")
    settings = settings_module.load()
    assert (settings.municipality, settings.threads) == ("0180", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EQUITY_MUNICIPALITY", "380"),
        ("EQUITY_MUNICIPALITY", "Uppsala"),
        ("EQUITY_MUNICIPALITY", "03800"),
        ("EQUITY_MODE", "real"),
        ("EQUITY_THREADS", "0"),
        ("EQUITY_THREADS", "many"),
        ("EQUITY_KEEP_RELEASES", "1"),
        ("EQUITY_CSV_DECIMAL_COMMA", "perhaps"),
        ("EQUITY_DEMO", "perhaps"),
        ("EQUITY_SOURCE_ADDRESSES", "https://gateway.example"),
        ("EQUITY_SOURCE_ADDRESSES", '{"kolda": "https://gateway.example"}'),
        ("EQUITY_SOURCE_ADDRESSES", '{"kolada": "http://gateway.example"}'),
        ("EQUITY_SS12000_URL", "ss12000.example/v2.0"),
        ("EQUITY_SS12000_URL", "http://ss12000.example/v2.0"),
        ("EQUITY_SS12000_URL", "https://us:secret@ss12000.example/v2.0"),
        ("EQUITY_SS12000_TOKEN_URL", "http://ss12000.example/token"),
        ("EQUITY_SS12000_PAGE_SIZE", "0"),
        ("EQUITY_SS12000_FROM", "last year"),
        ("EQUITY_SS12000_MONTHS_BACK", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        settings_module.load()
    assert name in str(caught.value)


def test_a_misspelt_variable_in_the_env_file_is_refused_not_ignored(tmp_path):
    (tmp_path / ".env").write_text("EQUITY_MUNICIPALTY=0114\n")
    with pytest.raises(SettingsError, match="MUNICIPALTY"):
        settings_module.load()


def test_a_refusal_does_not_repeat_the_value(monkeypatch):
    monkeypatch.setenv("EQUITY_MODE", "hunter2-secret")
    with pytest.raises(SettingsError) as caught:
        settings_module.load()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"EQUITY_SS12000_TOKEN_URL": "https://x/token"}, "EQUITY_SS12000_CLIENT_ID"),
        ({"EQUITY_SS12000_CLIENT_ID": "us"}, "EQUITY_SS12000_CLIENT_SECRET"),
        (
            {
                "EQUITY_SS12000_TOKEN_URL": "https://x/token",
                "EQUITY_SS12000_CLIENT_ID": "us",
                "EQUITY_SS12000_CLIENT_SECRET": "hunter2-secret",
                "EQUITY_SS12000_TOKEN": "hunter2-token",
            },
            "not both",
        ),
        ({"EQUITY_SS12000_CERTIFICATE_KEY": "client.key"}, "EQUITY_SS12000_CERTIFICATE"),
    ],
)
def test_half_of_what_a_server_wants_is_refused_by_name(monkeypatch, variables, named):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=named) as caught:
        settings_module.load()
    assert "hunter2" not in str(caught.value)


def test_secrets_do_not_show(monkeypatch):
    for name in ("PERSON_KEYS", "SS12000_TOKEN"):
        monkeypatch.setenv(f"EQUITY_{name}", "hunter2-secret")
    settings = settings_module.load()
    assert "hunter2" not in repr(settings) + str(settings.model_dump())
    assert settings.ss12000_token.get_secret_value() == "hunter2-secret"


def test_a_stand_in_on_this_machine_may_do_without_tls(monkeypatch):
    monkeypatch.setenv("EQUITY_SS12000_URL", "http://127.0.0.1:8123/v2.0/")
    assert settings_module.load().ss12000_url == "http://127.0.0.1:8123/v2.0"
