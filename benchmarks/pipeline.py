"""The pipeline's speed: whole run, its parts, dbt against DuckDB alone, the second run, peak memory."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_environment, dbt_executable
from dagster_project.settings import load

ROOT = Path(__file__).resolve().parent.parent


def run_once(data_dir: Path) -> dict[str, object]:
    """One run in a process of its own: seconds per step, and the peak memory of it and all its children."""
    log = data_dir / "stderr.log"
    started = time.perf_counter()
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, __file__, "--one-run"],
            env={**os.environ, "EQUITY_DATA_DIR": str(data_dir)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
        ) as process,
        peak_of_family(process.pid) as peak,
    ):
        output, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"the measured run failed:\n{log.read_text()}")
    measured: dict[str, object] = json.loads(output.splitlines()[-1])
    return {"wall": time.perf_counter() - started, "peak_mib": peak, **measured}


@contextmanager
def peak_of_family(pid: int) -> Iterator[dict[str, float]]:
    """Highest sum at one moment of the memory of a process and its descendants, in MiB.

    Resident (shared pages counted once per process), looked at ten times a second; and proportional (shared
    pages shared out), looked at when the resident sum is at a new peak: to share out the pages of two
    gigabytes takes the kernel so long that ten times a second would slow down what is measured.
    """
    peak = {"resident": 0.0, "proportional": 0.0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            members = _family(pid)
            resident = sum(_mebibytes(member, "status", "VmRSS") for member in members)
            if resident > 1.01 * peak["resident"]:
                shared_out = sum(_mebibytes(member, "smaps_rollup", "Pss") for member in members)
                peak["proportional"] = max(peak["proportional"], shared_out)
            peak["resident"] = max(peak["resident"], resident)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _mebibytes(pid: int, file: str, line: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:  # it ended between being listed and being looked at
        return 0.0
    return next((int(text.split()[1]) / 1024 for text in lines if text.startswith(f"{line}:")), 0.0)


def _family(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # ended
        return []
    return [pid, *(member for child in text.split() for member in _family(int(child)))]


def one_run() -> None:
    """Body of the measured process."""
    started = time.perf_counter()
    import dagster as dg  # noqa: PLC0415

    from dagster_project.definitions import build_defs  # noqa: PLC0415

    definitions = build_defs()
    loaded = time.perf_counter() - started
    with dg.DagsterInstance.ephemeral() as instance:
        run = definitions.resolve_job_def("daily").execute_in_process(instance=instance)
        steps = {
            event.step_key: event.step_success_data.duration_ms / 1000
            for event in run.all_events
            if event.event_type_value == "STEP_SUCCESS"
        }
        skipped = [e.step_key for e in run.all_events if e.event_type_value == "STEP_SKIPPED"]
    print(
        json.dumps(
            {
                "definitions": loaded,
                "steps": steps,
                "skipped": skipped,
            }
        )
    )


def duckdb_alone(data_dir: Path) -> dict[str, float]:
    """The SQL dbt compiled, run in order of dependency by one DuckDB connection on copied raw tables."""
    manifest = json.loads((data_dir / "dbt_target" / "manifest.json").read_text())
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "test")
    }
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(
            str(Path(folder) / "warehouse.duckdb"), config={"threads": "2", "memory_limit": "640MB"}
        )
        connection.execute(f"attach '{data_dir / 'warehouse.duckdb'}' as built (read_only)")
        for schema in ("raw", *{node["schema"] for node in nodes.values()}):
            connection.execute(f'create schema if not exists "{schema}"')
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'raw'"
        ).fetchall():
            connection.execute(f'create table raw."{table}" as from built.raw."{table}"')
        for node in nodes.values():
            # A Python model is no SQL to compare with: what it made stands as it is, for those that read it.
            if node["resource_type"] == "seed" or _is_python(node):
                connection.execute(
                    f'create table "{node["schema"]}"."{node["name"]}" as'
                    f' from built."{node["schema"]}"."{node["name"]}"'
                )
        connection.execute("detach built")
        seconds = {"model": 0.0, "test": 0.0}
        for kind in ("model", "test"):
            for key in _in_order({k: n for k, n in nodes.items() if n["resource_type"] == kind}):
                node = nodes[key]
                if _is_python(node):
                    continue
                sql = node["compiled_code"].replace('"warehouse".', "")
                if kind == "model":
                    form = "view" if node["config"]["materialized"] == "view" else "table"
                    sql = f'create {form} "{node["schema"]}"."{node["name"]}" as {sql}'
                else:
                    sql = f"select count(*) from ({sql})"  # noqa: S608 - the SQL is dbt's own
                started = time.perf_counter()
                connection.execute(sql).fetchall()
                seconds[kind] += time.perf_counter() - started
        connection.close()
    return seconds


def _is_python(node: dict[str, object]) -> bool:
    return node["resource_type"] == "model" and node["language"] == "python"


def _in_order(nodes: dict[str, dict[str, object]]) -> list[str]:
    done: list[str] = []

    def visit(key: str) -> None:
        if key in done or key not in nodes:
            return
        for parent in nodes[key]["depends_on"]["nodes"]:  # type: ignore[index]
            visit(parent)
        done.append(key)

    for key in nodes:
        visit(key)
    return done


def dbt_parts(data_dir: Path, warehouse_step: float) -> dict[str, float]:
    """Wall seconds of dbt's models (Python apart) and tests, and what is left: start-up, parse, compile."""
    target = data_dir / "dbt_target"
    results = json.loads((target / "run_results.json").read_text())
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    spent = {"seed": 0.0, "model": 0.0, "python model": 0.0, "test": 0.0, "unit_test": 0.0}
    for result in results["results"]:
        kind = result["unique_id"].split(".")[0]
        if result["unique_id"] in nodes and _is_python(nodes[result["unique_id"]]):
            kind = "python model"
        if kind in spent:
            spent[kind] += result["execution_time"]
    # Two threads work side by side: the wall time is shared out by the time each kind was worked on.
    share = results["elapsed_time"] / sum(spent.values())
    return {
        "start-up and parse": warehouse_step - results["elapsed_time"],
        **{kind: seconds * share for kind, seconds in spent.items()},
    }


def dbt_alone(data_dir: Path) -> dict[str, float]:
    """dbt's elapsed seconds for the SQL that :func:`duckdb_alone` runs, and nothing beside it.

    The pipeline's build has Python models and tests in its other thread: what its SQL models take there is
    also what they wait for.
    """
    nodes = json.loads((data_dir / "dbt_target" / "manifest.json").read_text())["nodes"]
    left_out = [node["name"] for node in nodes.values() if _is_python(node)]
    with tempfile.TemporaryDirectory() as folder:
        warehouse, target = Path(folder) / "warehouse.duckdb", Path(folder) / "target"
        own_files = {"EQUITY_WAREHOUSE_PATH": str(warehouse), "EQUITY_TEMP_DIR": folder}
        shutil.copyfile(data_dir / "warehouse.duckdb", warehouse)
        elapsed = {}
        for kind, command in {
            "models": ["run"],
            "models and tests": ["build", "--exclude-resource-type", "seed", "unit_test"],
        }.items():
            settings = ["--profiles-dir", str(DBT_PROJECT_DIR), "--target-path", str(target)]
            subprocess.run(
                [dbt_executable(), "--quiet", *command, "--exclude", *left_out, "--full-refresh", *settings],
                env={**os.environ, **dbt_environment(load()), **own_files},
                cwd=DBT_PROJECT_DIR,
                check=True,
            )
            elapsed[kind] = float(json.loads((target / "run_results.json").read_text())["elapsed_time"])
    return elapsed


def main() -> None:
    """Run the benchmark and print its table."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as folder:
        data_dir = Path(folder)
        first = run_once(data_dir)
        steps: dict[str, float] = first["steps"]  # type: ignore[assignment]
        extract = sum(seconds for step, seconds in steps.items() if "__" in step)
        dbt = dbt_parts(data_dir, steps["warehouse"])
        dbt_sql, alone = dbt_alone(data_dir), duckdb_alone(data_dir)
        second = run_once(data_dir)
        report = {
            "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
            "duckdb": duckdb.__version__,
            "first run": first["wall"],
            "definitions": first["definitions"],
            "extract": extract,
            "dbt": dbt,
            "candidate": steps["candidate"],
            "gate": steps["gate"],
            "publication": steps["release"],
            "duckdb alone": alone,
            "the same SQL through dbt": dbt_sql,
            "ratio models, dbt to duckdb alone": dbt_sql["models"] / alone["model"],
            "ratio models and tests, dbt to duckdb alone": dbt_sql["models and tests"] / sum(alone.values()),
            "ratio models, share of the pipeline's build to duckdb alone": dbt["model"] / alone["model"],
            "ratio whole dbt step to duckdb alone": steps["warehouse"] / sum(alone.values()),
            "second run": second["wall"],
            "ratio second to first": float(second["wall"]) / float(first["wall"]),  # type: ignore[arg-type]
            "skipped in second run": second["skipped"],
            "peak MiB at one moment, with children": first["peak_mib"],
        }
    print(json.dumps(report, indent=2, default=lambda value: round(value, 2)))
    target = ROOT / "data" / "benchmarks"
    target.mkdir(parents=True, exist_ok=True)
    (target / "pipeline.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if "--one-run" in sys.argv:
        one_run()
    else:
        main()
