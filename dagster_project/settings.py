"""Every setting of the project, typed, read from the environment (prefix ``EQUITY_``) or ``.env``."""

import datetime as dt
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSettingError

from dagster_project.lib.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Mode(StrEnum):
    """Where open data comes from."""

    RECORDED = "recorded"  # answers bundled in sample_data/, served on loopback
    LIVE = "live"  # the agencies' own addresses


def _four_digits(code: str) -> str:
    if len(code) != 4 or not code.isdigit():
        raise ValueError("a municipality code has four digits, for example 0380 for Uppsala")
    return code


def _safe_address(address: str) -> str:
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("an address starts with https://")
    if parts.username is not None:
        raise ValueError("user name and password do not belong in an address; use the settings for them")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("other machines are asked over https only")
    return address.rstrip("/")


SafeAddress = Annotated[str, AfterValidator(_safe_address)]
SOURCE_NAMES = (
    "siris",
    "underlag_for_analys",
    "planned_educations",
    "skolenhetsregistret",
    "kolada",
    "scb",
)


def _known_sources(addresses: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(addresses) - set(SOURCE_NAMES))
    if unknown:
        raise ValueError(f"there is no source {unknown[0]!r}; there are {', '.join(SOURCE_NAMES)}")
    return addresses


SourceAddresses = Annotated[dict[str, SafeAddress], AfterValidator(_known_sources)]


class Settings(BaseSettings):
    """Settings of one installation.

    Attributes:
        mode: ``recorded`` (default) or ``live``.
        municipality: four-digit municipality code shown in summaries; all municipalities are built.
        data_dir: where raw extracts, the warehouse and releases lie.
        keep_releases: how many releases to keep; none means all of them.
        csv_decimal_comma: decimal comma in the CSV files of a release, as Swedish Excel reads them.
        memory_limit: DuckDB memory limit of the build.
        threads: DuckDB and dbt threads of the build.
        contact: e-mail or address put in the User-Agent towards the agencies in live mode.
        source_addresses: addresses of mirrors or gateways that are asked in the place of an agency in live
            mode, by the source's name.
        demo: the made-up municipality's server and files stand in while neither of your own is set.
        person_keys: keys behind the pseudonyms, hexadecimal, comma separated, the latest last; when empty, a
            key file below ``data_dir`` is used.
        deliveries_dir: folder with the municipality's own files.
        ss12000_url: base address of the municipality's SS 12000 server, version included.
        ss12000_token: a bearer token that does not expire, or
        ss12000_token_url, ss12000_client_id, ss12000_client_secret, ss12000_scope: OAuth2 client credentials.
        ss12000_certificate, ss12000_certificate_key: client certificate and its key, PEM files (mTLS).
        ss12000_page_size: entities asked for per page; the server may give fewer.
        ss12000_from: first day that attendance is fetched for; three school years back when not set.
        ss12000_months_back: months of attendance that are fetched again once a week, for late corrections.
    """

    model_config = SettingsConfigDict(
        env_prefix="EQUITY_", env_file=PROJECT_ROOT / ".env", extra="forbid", frozen=True
    )

    mode: Mode = Mode.RECORDED
    municipality: Annotated[str, AfterValidator(_four_digits)] = "0380"
    data_dir: Path = PROJECT_ROOT / "data"
    keep_releases: Annotated[int, Field(ge=2)] | None = None
    csv_decimal_comma: bool = True
    memory_limit: str = "640MB"
    threads: Annotated[int, Field(ge=1, le=2)] = 2
    contact: str = ""
    source_addresses: SourceAddresses = {}
    demo: bool = True
    person_keys: SecretStr = SecretStr("")
    deliveries_dir: Path | None = None
    ss12000_url: SafeAddress = ""
    ss12000_token: SecretStr = SecretStr("")
    ss12000_token_url: SafeAddress = ""
    ss12000_client_id: str = ""
    ss12000_client_secret: SecretStr = SecretStr("")
    ss12000_scope: str = ""
    ss12000_certificate: Path | None = None
    ss12000_certificate_key: Path | None = None
    ss12000_page_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    ss12000_from: dt.date | None = None
    ss12000_months_back: Annotated[int, Field(ge=2, le=36)] = 12

    @model_validator(mode="after")
    def _whole_credentials(self) -> Self:
        oauth = {
            "EQUITY_SS12000_TOKEN_URL": self.ss12000_token_url,
            "EQUITY_SS12000_CLIENT_ID": self.ss12000_client_id,
            "EQUITY_SS12000_CLIENT_SECRET": self.ss12000_client_secret.get_secret_value(),
        }
        missing = [name for name, value in oauth.items() if not value]
        if missing and len(missing) < len(oauth):
            raise ValueError(f"client credentials are not whole: {', '.join(missing)} missing")
        if not missing and self.ss12000_token.get_secret_value():
            raise ValueError("set EQUITY_SS12000_TOKEN or client credentials, not both")
        if self.ss12000_certificate_key is not None and self.ss12000_certificate is None:
            raise ValueError("EQUITY_SS12000_CERTIFICATE_KEY without EQUITY_SS12000_CERTIFICATE")
        return self

    @property
    def demo_stands_in(self) -> bool:
        """Whether the made-up municipality takes the place of one's own server and files."""
        return self.demo and not self.ss12000_url and self.deliveries_dir is None

    @property
    def warehouse_path(self) -> Path:
        """The build file; one writer, no readers."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def raw_dir(self) -> Path:
        """Extracts as received."""
        return self.data_dir / "raw"

    @property
    def internal_dir(self) -> Path:
        """Releases for the administration, apart from those that everybody may read."""
        return self.data_dir / "internal"

    @property
    def keys_dir(self) -> Path:
        """Keys behind the pseudonyms and the log of their rotation; for the operator's eyes alone."""
        return self.data_dir / "keys"

    @property
    def dagster_home(self) -> Path:
        """Run and event storage shared by the UI and the command line."""
        return self.data_dir / "dagster_home"

    @property
    def sample_data_dir(self) -> Path:
        """Recorded answers of the agencies, part of the project."""
        return PROJECT_ROOT / "sample_data"


@cache
def load() -> Settings:
    """Settings of this process.

    Raises:
        SettingsError: naming the variable, what is wrong with it and what is allowed.
    """
    try:
        return Settings()
    except UnreadableSettingError as error:
        raise SettingsError(
            'settings cannot be read: EQUITY_SOURCE_ADDRESSES is written as {"kolada": "https://…"}'
        ) from error
    except ValidationError as error:
        problems = "; ".join(
            "_".join(["EQUITY", *(str(part) for part in problem["loc"])]).upper() + f": {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"settings cannot be read: {problems}") from error
