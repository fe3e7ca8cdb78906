"""SS 12000's speed: the edge beside parsing alone, the whole fetch beside the server's own time, memory."""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson

import demo
from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.ss12000.connect import Server, connected
from dagster_project.lib.ss12000.edge import Projection
from dagster_project.lib.ss12000.rows import RowFile
from dagster_project.lib.ss12000.sync import Sync
from dagster_project.lib.ss12000.tables import AGGREGATED, ENDPOINTS
from dagster_project.lib.warehouse import open_warehouse
from demo.server import Running, running

ROOT = Path(__file__).resolve().parent.parent
PAGE = 1000
FIRST_DAY = dt.date(2023, 7, 1)
MORNING = dt.date(2026, 11, 20)
TIMES = 3


def best(work: Callable[[], object]) -> float:
    """Shortest of three."""
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def pages_of_attendance() -> list[bytes]:
    """Summed attendance of a school year, as pages."""
    attendance = demo.generate(as_of=MORNING).attendance
    rows = [
        row
        for month in (9, 10, 11)
        for row in attendance.aggregated(dt.date(2025, month, 1), dt.date(2025, month, 30))
    ]
    return [
        b'{"data":[' + b",".join(rows[start : start + PAGE]) + b'],"pageToken":null}'
        for start in range(0, len(rows), PAGE)
    ]


def edge() -> dict[str, float]:
    """Parsing, whitelist, pseudonyms and file: rows a second, and how many times parsing alone."""
    pages = pages_of_attendance()
    (table,) = AGGREGATED.tables
    rows = sum(len(orjson.loads(page)["data"]) for page in pages)

    def through_the_edge() -> None:
        projection = Projection(table, Pseudonymiser([b"k" * 32]))
        with tempfile.TemporaryDirectory() as folder, RowFile(Path(folder) / "rows", table) as file:
            for page in pages:
                file.write(projection.rows(orjson.loads(page)["data"]))

    whole = best(through_the_edge)
    fast = best(lambda: [orjson.loads(page) for page in pages])
    standard = best(lambda: [json.loads(page) for page in pages])
    return {
        "rows": rows,
        "rows a second": rows / whole,
        "times orjson alone": whole / fast,
        "times json alone": whole / standard,
    }


def drain(up: Running) -> float:
    """Seconds to ask for every page of every list and throw the answers away: the server's own time."""
    started = time.perf_counter()
    with httpx.Client(headers={"Authorization": f"Bearer {up.token}"}, trust_env=False) as http:
        for endpoint in ENDPOINTS:
            if endpoint is not AGGREGATED:
                _drain(http, f"{up.url}/{endpoint.name}", {})
        first = FIRST_DAY
        while first < MORNING:
            following = (first + dt.timedelta(days=32)).replace(day=1)
            last = min(following, MORNING) - dt.timedelta(days=1)
            _drain(http, f"{up.url}/{AGGREGATED.name}", {"startDate": f"{first}", "endDate": f"{last}"})
            first = following
    return time.perf_counter() - started


def _drain(http: httpx.Client, url: str, query: dict[str, str]) -> None:
    query = {**query, "limit": str(PAGE)}
    while True:
        # The token stands last: nothing before it has to be read.
        answer = http.get(url, params=query).content
        token = answer.rpartition(b'"pageToken":')[2].strip(b'"} ').decode()
        if token == "null":
            return
        query = {"limit": str(PAGE), "pageToken": token}


def fetch(up: Running, data_dir: Path) -> dict[str, float]:
    """Seconds of a run over every list, and how many requests and rows it took."""
    server = Server(up.url, known_as="https://demo.example", token=up.token, page_size=PAGE, is_local=True)
    before = sum(up.requests.values())
    started = time.perf_counter()
    rows = 0
    with (
        open_warehouse(data_dir / "warehouse.duckdb", memory_limit="1GB", threads=2) as connection,
        connected(server, user_agent="benchmark") as client,
    ):
        raw_tables.create_tables(connection)
        sync = Sync(connection, ExtractStore(data_dir / "raw"), client, Pseudonymiser([b"k" * 32]))
        for endpoint in ENDPOINTS:
            for one in sync.bring_up_to_date(endpoint):
                if one.report.problem is not None:
                    raise SystemExit(one.report.problem)
                rows += 0 if one.report.unchanged else one.report.loaded
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": rows, "requests": sum(up.requests.values()) - before}


def peak_of_edge(folder: Path, repeats: int) -> float:
    """Body of a child process: peak memory (MiB) after sending pages through the edge so many times."""
    (table,) = AGGREGATED.tables
    projection = Projection(table, Pseudonymiser([b"k" * 32]))
    with RowFile(folder / "rows", table) as file:
        for _ in range(repeats):
            for page in sorted(folder.glob("*.json")):
                file.write(projection.rows(orjson.loads(page.read_bytes())["data"]))
    # Not ru_maxrss: a child starts with its parent's.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def peaks() -> dict[str, float]:
    """Peak memory of the edge over ten pages and over two thousand."""
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(pages_of_attendance()[:10]):
            (Path(folder) / f"{number}.json").write_bytes(page)
        return {f"{10 * repeats} pages": _child(folder, repeats) for repeats in (1, 200)}


def _child(folder: str, repeats: int) -> float:
    command = [sys.executable, __file__, "--peak", folder, str(repeats)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return float(found.stdout)


def main() -> None:
    """Run the benchmark and print its table."""
    if sys.argv[1:2] == ["--peak"]:
        print(peak_of_edge(Path(sys.argv[2]), int(sys.argv[3])))
        return
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as folder:
        with running(demo.generate(as_of=MORNING)) as up:
            alone = min(drain(up), drain(up))
            first = fetch(up, Path(folder))
            second = fetch(up, Path(folder))
        stored = sum(path.stat().st_size for path in Path(folder, "raw").rglob("*") if path.is_file())
    report = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "edge": edge(),
        "edge, peak MiB": peaks(),
        "server alone, seconds": alone,
        "first run": first,
        "ratio first run to server alone": first["seconds"] / alone,
        "second run": second,
        "stored MiB": stored / 1024**2,
    }
    print(json.dumps(report, indent=2, default=lambda value: round(value, 2)))
    target = ROOT / "data" / "benchmarks"
    target.mkdir(parents=True, exist_ok=True)
    (target / "ss12000.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
