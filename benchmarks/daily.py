"""A daily run of own data: what it costs to build what one day changed, against building everything."""

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent


def run_once(data_dir: Path, *, days_later: int, everything: bool = False) -> dict[str, Any]:
    """One run in a process of its own, on the made-up municipality as it is some days later.

    Returns:
        Seconds of the steps, and of dbt: elapsed time, and how many models, tests and seeds it took.
    """
    command = [sys.executable, __file__, "--one-run", str(days_later), *(["--everything"] * everything)]
    environment = {**os.environ, "EQUITY_DATA_DIR": str(data_dir), "EQUITY_DEMO": "on"}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if found.returncode != 0:
        raise SystemExit(f"the measured run failed:\n{found.stderr[-5000:]}")
    steps = json.loads(found.stdout.splitlines()[-1])
    results = json.loads((data_dir / "dbt_target" / "run_results.json").read_text())
    nodes = Counter(result["unique_id"].split(".")[0] for result in results["results"])
    return {
        "ss12000 step": steps["ss12000"],
        "deliveries step": steps["deliveries"],
        "warehouse step": steps["warehouse"],
        "dbt elapsed": results["elapsed_time"],
        "dbt nodes": dict(nodes),
        "all steps": sum(steps.values()),
    }


def one_run(days_later: int, *, everything: bool) -> None:
    """Body of the measured process."""
    import dagster as dg  # noqa: PLC0415

    import demo  # noqa: PLC0415
    from dagster_project.definitions import build_defs  # noqa: PLC0415
    from demo.calendar import TODAY  # noqa: PLC0415

    demo.generate = partial(demo.generate, as_of=TODAY + dt.timedelta(days=days_later))
    config = {"ops": {"warehouse": {"config": {"even_if_unchanged": everything}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        run = build_defs().resolve_job_def("daily").execute_in_process(instance=instance, run_config=config)
    print(
        json.dumps(
            {
                event.step_key: event.step_success_data.duration_ms / 1000
                for event in run.all_events
                if event.event_type_value == "STEP_SUCCESS"
            }
        )
    )


def main() -> None:
    """Run the benchmark and print its table."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as folder:
        data_dir = Path(folder)
        first = run_once(data_dir, days_later=0)
        # The first build after a first release compares with it for the first time, as no later day does.
        run_once(data_dir, days_later=1)
        daily = run_once(data_dir, days_later=2)
        everything = run_once(data_dir, days_later=2, everything=True)
    report = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "duckdb": duckdb.__version__,
        "first run": first,
        "daily run": daily,
        "everything again": everything,
        "ratio of dbt's elapsed time, daily to everything": daily["dbt elapsed"] / everything["dbt elapsed"],
        "ratio of the warehouse step, daily to everything": (
            daily["warehouse step"] / everything["warehouse step"]
        ),
        "ratio of all steps, daily to first": daily["all steps"] / first["all steps"],
    }
    print(json.dumps(report, indent=2, default=lambda value: round(value, 2)))
    target = ROOT / "data" / "benchmarks"
    target.mkdir(parents=True, exist_ok=True)
    (target / "daily.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one-run", type=int, metavar="DAYS_LATER")
    parser.add_argument("--everything", action="store_true")
    arguments = parser.parse_args()
    if arguments.one_run is None:
        main()
    else:
        one_run(arguments.one_run, everything=arguments.everything)
