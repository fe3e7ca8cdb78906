"""SS 12000: one step talks to the server, one asset per raw table takes what is of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import dagster as dg
import duckdb

from dagster_project.defs.constants import OWNER_ENGINEERING, WAREHOUSE_POOL
from dagster_project.defs.extracts.assets import DELIVERED_WHOLE, period_table
from dagster_project.defs.extracts.session import USER_AGENT
from dagster_project.defs.resources import EquityResource
from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.key_rotation import Place, open_pseudonymiser
from dagster_project.lib.ss12000 import state
from dagster_project.lib.ss12000.connect import Server, connected
from dagster_project.lib.ss12000.sync import Sync, TableReport
from dagster_project.lib.ss12000.tables import ENDPOINTS, TABLES, As, Endpoint, Table
from dagster_project.settings import Settings

GROUP = "own_data"
#: The made-up municipality's server is another one every time; what it says is known by this address.
DEMO_ADDRESS = "https://ss12000.exempelstad.example/v2.0"
LEFT_OUT = (
    "No SS 12000 server: set EQUITY_SS12000_URL. A made-up one stands in with EQUITY_DEMO=on"
    " where no folder of deliveries is set either."
)
_NOT_OFFERED = "The server does not offer this list."


class Ss12000Config(dg.Config):
    """What to ask for.

    Attributes:
        reload: fetch every list whole, whatever was fetched before.
    """

    reload: bool = False


def asset_key(raw_table: str) -> dg.AssetKey:
    """The key dbt gives the same source table."""
    return dg.AssetKey([state.SOURCE, raw_table])


@contextmanager
def server_of(settings: Settings) -> Iterator[Server | None]:
    """The installation's own server, else a made-up one for as long as the block lasts, else none."""
    if settings.ss12000_url:
        yield Server(
            url=settings.ss12000_url,
            token=settings.ss12000_token.get_secret_value(),
            token_url=settings.ss12000_token_url,
            client_id=settings.ss12000_client_id,
            client_secret=settings.ss12000_client_secret.get_secret_value(),
            scope=settings.ss12000_scope,
            certificate=settings.ss12000_certificate,
            certificate_key=settings.ss12000_certificate_key,
            page_size=settings.ss12000_page_size,
        )
    elif settings.demo_stands_in:
        import demo  # noqa: PLC0415
        from demo.server import running  # noqa: PLC0415

        with running(demo.generate()) as stand_in:
            yield Server(
                url=stand_in.url,
                known_as=DEMO_ADDRESS,
                token_url=stand_in.token_url,
                client_id=stand_in.client_id,
                client_secret=stand_in.client_secret,
                page_size=settings.ss12000_page_size,
                is_local=True,
            )
    else:
        yield None


_KEPT_AS: Final = {
    As.PERSON: "as a pseudonym",
    As.CIVIC_NUMBER: "as a pseudonym",
    As.MONTH: "year and month",
    As.LIST: "joined with commas",
    As.IS_FILLED: "whether there is any; the text is not kept",
}


def _columns(table: Table) -> dg.TableSchema:
    """Columns of a raw table, each with the attribute it comes from and what became of it."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                field.column,
                "varchar",
                description=", ".join(
                    [f"`{'.'.join(field.path)}`", *([_KEPT_AS[field.kind]] if field.kind in _KEPT_AS else [])]
                ),
            )
            for field in table.fields
        ]
    )


def _specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            asset_key(table.name),
            group_name=GROUP,
            kinds={"http", "duckdb"},
            owners=[OWNER_ENGINEERING],
            description=(
                f"{table.description}\n\nFrom the list `{endpoint.name}` of the municipality's SS 12000 "
                "server. Text as delivered; of persons there are pseudonyms, and no name or identity number."
            ),
            tags={"source": state.SOURCE},
            metadata={"dagster/column_schema": _columns(table)},
        )
        for endpoint in ENDPOINTS
        for table in endpoint.tables
    ]


def _checks() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            DELIVERED_WHOLE,
            asset=spec.key,
            description="The list was fetched to its end, and every entity of it could be taken over.",
        )
        for spec in _specs()
    ]


def _result(raw_table: str, found: Sequence[TableReport], row_count: int, left_out: str | None = None) -> Any:
    key = asset_key(raw_table)
    reports = [one.report for one in found if one.is_offered]
    problems = [report.problem for report in reports if report.problem]
    rejected = sum(report.rejected for report in reports if not report.unchanged)
    if rejected:
        problems.append(f"{rejected} entities were set aside; raw.rejected_rows says which and why")
    metadata: dict[str, Any] = {
        "dagster/row_count": row_count,
        "loaded": sum(report.loaded for report in reports if not report.unchanged),
        "rejected": rejected,
        "periods": period_table(reports),
    }
    if left_out is None and any(not one.is_offered for one in found):
        left_out = _NOT_OFFERED
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


def _row_count(connection: duckdb.DuckDBPyConnection, raw_table: str) -> int:
    (rows,) = connection.execute(f'select count(*) from raw."{raw_table}"').fetchone() or (0,)  # noqa: S608
    return int(rows)


def _is_wanted(endpoint: Endpoint, selected: set[dg.AssetKey]) -> bool:
    return any(asset_key(table.name) in selected for table in endpoint.tables)


@dg.multi_asset(
    name="ss12000",
    specs=_specs(),
    check_specs=_checks(),
    pool=WAREHOUSE_POOL,
    can_subset=True,
    description="Asks the SS 12000 server for what is new, list by list; persons become pseudonyms.",
)
def ss12000(
    context: dg.AssetExecutionContext, config: Ss12000Config, equity: EquityResource
) -> Iterator[Any]:
    """Materialises the raw tables of the lists that are selected."""
    settings = equity.settings
    selected = set(context.selected_asset_keys)
    with server_of(settings) as server, equity.warehouse() as connection:
        raw_tables.create_tables(connection)
        if server is None:
            # Made-up rows do not stay behind when the made-up municipality is switched off.
            state.forget_server(connection, DEMO_ADDRESS)
            for name in TABLES:
                if asset_key(name) in selected:
                    yield _result(name, (), _row_count(connection, name), LEFT_OUT)
            return
        store = ExtractStore(settings.raw_dir)
        pseudonymiser = open_pseudonymiser(
            Place(settings.keys_dir, store, connection), settings.person_keys.get_secret_value()
        )
        contact = f" ({settings.contact})" if settings.contact else ""
        with connected(server, user_agent=USER_AGENT + contact) as client:
            sync = Sync(
                connection,
                store,
                client,
                pseudonymiser,
                first_day=settings.ss12000_from,
                months_back=settings.ss12000_months_back,
                reload=config.reload,
            )
            for endpoint in ENDPOINTS:
                if not _is_wanted(endpoint, selected):
                    continue
                found = sync.bring_up_to_date(endpoint)
                for name in (table.name for table in endpoint.tables):
                    if asset_key(name) in selected:
                        own = [one for one in found if one.raw_table == name]
                        yield _result(name, own, _row_count(connection, name))


SS12000_ASSETS = [ss12000]
