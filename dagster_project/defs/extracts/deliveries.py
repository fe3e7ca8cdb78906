"""The municipality's own files: one step reads the folder, one asset per kind takes what is of it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_project.defs.constants import OWNER_ENGINEERING, WAREHOUSE_POOL
from dagster_project.defs.extracts.assets import DELIVERED_WHOLE, period_table
from dagster_project.defs.resources import EquityResource
from dagster_project.lib import raw_tables
from dagster_project.lib.deliveries import inbox, origin
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.intake import UNKNOWN, Intake
from dagster_project.lib.deliveries.kinds import SOURCE, Kind
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.key_rotation import Place, open_pseudonymiser
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.settings import Settings

GROUP = "own_data"
LOG_ASSET = "delivery_files"
LEFT_OUT = (
    "No folder of deliveries: set EQUITY_DELIVERIES_DIR. Made-up ones stand in with EQUITY_DEMO=on"
    " where no SS 12000 server is set either."
)
OWN_FILES_STAY = (
    "Files of your own are loaded, and made-up ones never stand beside them: set EQUITY_DELIVERIES_DIR"
    " again, or EQUITY_DEMO=off. `equity deliver withdraw` takes a file back."
)


def asset_key(raw_table: str) -> dg.AssetKey:
    """The key dbt gives the same source table; the log stands with the loader's own accounts."""
    return dg.AssetKey(["raw" if raw_table == LOG_ASSET else SOURCE, raw_table])


@dataclass(frozen=True)
class Folder:
    """A folder to read.

    Attributes:
        path: where it is.
        municipality_code: whose files lie in it.
        is_made_up: whether it is the made-up municipality's; nobody would read reports written there.
    """

    path: Path
    municipality_code: str
    is_made_up: bool


@contextmanager
def folder_of(settings: Settings) -> Iterator[Folder | None]:
    """The installation's own folder, else a made-up one that is gone afterwards, else none."""
    if settings.deliveries_dir is not None:
        yield Folder(settings.deliveries_dir, settings.municipality, is_made_up=False)
    elif settings.demo_stands_in:
        import demo  # noqa: PLC0415
        from demo import deliveries, units  # noqa: PLC0415

        with tempfile.TemporaryDirectory() as path:
            deliveries.write(demo.generate(), Path(path))
            yield Folder(Path(path), units.MUNICIPALITY_CODE, is_made_up=True)
    else:
        yield None


def take_in(
    settings: Settings, folder: Folder, connection: duckdb.DuckDBPyConnection
) -> dict[str, list[LoadReport]]:
    """Read the folder; load reports by dataset, those of files of no known kind under ``unknown``.

    Raises:
        SettingsError: there are no usable keys, or not those of the stored pseudonyms.
    """
    store = ExtractStore(settings.raw_dir)
    pseudonymiser = open_pseudonymiser(
        Place(settings.keys_dir, store, connection), settings.person_keys.get_secret_value()
    )
    intake = Intake(
        connection=connection,
        store=store,
        pseudonym_of=pseudonymiser.of_civic_number,
        municipality_code=folder.municipality_code,
        reports=not folder.is_made_up,
    )
    loaded: dict[str, list[LoadReport]] = {}
    try:
        files = inbox.find(folder.path)
    except DeliveryProblem as problem:
        return {UNKNOWN: [_folder_missing(connection, problem)]}
    for dataset, report in intake.take(files):
        loaded.setdefault(dataset, []).append(report)
    return loaded


def _folder_missing(connection: duckdb.DuckDBPyConnection, problem: DeliveryProblem) -> LoadReport:
    return raw_tables.record_failed_fetch(
        connection, source=SOURCE, dataset=UNKNOWN, period="all", raw_table=LOG_ASSET, problem=problem
    )


def _described(kind: Kind) -> str:
    made_of = f"Delivery **{kind.title_sv}** (template `{kind.name}`), sent by: {kind.responsible_sv}."
    persons = (
        "\n\nOf persons there are pseudonyms, and no name or identity number." if kind.is_personal else ""
    )
    return f"{kind.description}\n\n{made_of} {kind.description_sv}{persons}"


def _columns(kind: Kind) -> dg.TableSchema:
    """Columns of a raw table, in the words of the template."""
    described = {
        name: f"{column.header_sv}: {column.description_sv}" for name, column in kind.by_name.items()
    }
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, "varchar", description=described.get(name)) for name in kind.raw_columns
        ]
    )


def _specs() -> list[dg.AssetSpec]:
    common: dict[str, Any] = {
        "group_name": GROUP,
        "kinds": {"file", "duckdb"},
        "owners": [OWNER_ENGINEERING],
    }
    tags = {"source": SOURCE}
    log = dg.AssetSpec(
        asset_key(LOG_ASSET),
        description="The log of deliveries: what became of every file, one row per file and content.",
        tags=tags,
        **common,
    )
    kinds = [
        dg.AssetSpec(
            asset_key(kind.raw_table),
            description=_described(kind),
            tags=tags,
            metadata={"dagster/column_schema": _columns(kind)},
            **common,
        )
        for kind in KINDS.values()
    ]
    return [*kinds, log]


def _checks() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            DELIVERED_WHOLE,
            asset=spec.key,
            description="Every file in the folder could be read as a whole, and no row stands in quarantine.",
        )
        for spec in _specs()
    ]


def _result(key: dg.AssetKey, reports: Sequence[LoadReport], left_out: str | None) -> Any:
    problems = [report.problem for report in reports if report.problem]
    quarantined = sum(report.rejected for report in reports)
    if quarantined:
        problems.append(f"{quarantined} rows stand in quarantine; the reports beside the files name them")
    metadata: dict[str, Any] = {
        "dagster/row_count": sum(report.loaded for report in reports),
        "rejected": quarantined,
        "periods": period_table(reports),
    }
    return dg.MaterializeResult(
        asset_key=key,
        metadata=metadata | ({"left_out": left_out} if left_out else {}),
        check_results=[
            dg.AssetCheckResult(
                passed=not problems,
                check_name=DELIVERED_WHOLE,
                asset_key=key,
                severity=dg.AssetCheckSeverity.WARN,
                description="\n".join(problems) or None,
            )
        ],
    )


@dg.multi_asset(
    name="deliveries",
    specs=_specs(),
    check_specs=_checks(),
    pool=WAREHOUSE_POOL,
    description="Reads every new or changed file in the folder of deliveries.",
)
def deliveries(equity: EquityResource) -> Iterator[Any]:
    """Materialises the raw tables of all kinds and the log."""
    settings = equity.settings
    with folder_of(settings) as folder, equity.warehouse() as connection:
        raw_tables.create_tables(connection)
        may_be_read = origin.make_way(connection, for_made_up=None if folder is None else folder.is_made_up)
        if folder is None or not may_be_read:
            loaded, left_out = {}, LEFT_OUT if folder is None else OWN_FILES_STAY
        else:
            loaded, left_out = take_in(settings, folder, connection), None
    for kind in KINDS.values():
        yield _result(asset_key(kind.raw_table), loaded.get(kind.name, ()), left_out)
    yield _result(asset_key(LOG_ASSET), loaded.get(UNKNOWN, ()), left_out)


DELIVERY_ASSETS = [deliveries]
