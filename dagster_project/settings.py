"""Every setting of the project, typed, read from the environment (prefix ``EQUITY_``) or ``.env``."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    """

    model_config = SettingsConfigDict(
        env_prefix="EQUITY_", env_file=PROJECT_ROOT / ".env", extra="forbid", frozen=True
    )

    mode: Mode = Mode.RECORDED
    municipality: Annotated[str, AfterValidator(_four_digits)] = "0380"
    data_dir: Path = PROJECT_ROOT / "data"
    keep_releases: Annotated[int, Field(ge=2)] | None = None
    csv_decimal_comma: bool = True
    memory_limit: str = "1GB"
    threads: Annotated[int, Field(ge=1, le=2)] = 2
    contact: str = ""

    @property
    def warehouse_path(self) -> Path:
        """The build file; one writer, no readers."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def raw_dir(self) -> Path:
        """Extracts as received."""
        return self.data_dir / "raw"

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
    except ValidationError as error:
        problems = "; ".join(
            f"EQUITY_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"settings cannot be read: {problems}") from error
