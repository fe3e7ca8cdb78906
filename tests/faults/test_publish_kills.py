"""Kills, full disks, competitors: readers see the old release or the new one whole; the next run works."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

KIT = Path(__file__).parents[1] / "unit" / "release" / "release_kit.py"
sys.path.insert(0, str(KIT.parent))

from release_kit import KEYS, PARTS, TABLES, audited  # noqa: E402

from dagster_project.lib.release.disclosed import read_register  # noqa: E402
from dagster_project.lib.release.publish import PHASES, PublishOptions, publish  # noqa: E402
from dagster_project.lib.release.reader import connect  # noqa: E402
from dagster_project.lib.release.store import ReleaseStore  # noqa: E402
from dagster_project.lib.release.sweep import sweep  # noqa: E402

pytestmark = pytest.mark.faults

MOVED = PHASES.index("repointed")


# What the children import: this project, and the kit.
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(KIT.parents[3]), str(KIT.parent)])}


def command(data_dir: Path, build_id: str, phase: str = "never", keep: str = "") -> list[str]:
    return [sys.executable, str(KIT), str(data_dir), build_id, phase, keep]


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, check=False, capture_output=True, text=True, env=ENVIRONMENT)


def whole(store: ReleaseStore) -> str:
    """Id of the current release, after checking every file of it and that its tables are of one version.

    The register knows what it made known, and all that releases before it did.
    """
    release = store.current()
    assert release is not None
    release.check(store.manifest_sha256(release.id))
    with connect(store.current_link / "equity.duckdb") as connection:
        versions = {connection.execute(f"select max(version) from {table}").fetchone() for table in TABLES}
    assert len(versions) == 1
    if release.manifest.disclosed is not None:
        register = read_register(store.register_dir, store.disclosed())
        assert f"A|not reached#{release.id[-1]}" in set(register["cell_id"])
        assert {"R000001", "R000002", "R000003"} <= set(register["release_id"])
    return release.id


@pytest.fixture(scope="module")
def _three_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("three_releases")
    for number in (1, 2, 3):
        candidate = audited(data_dir, f"b{number}", version=number, disclosing=True)
        publish(ReleaseStore(data_dir), candidate, PARTS, PublishOptions(key_columns=KEYS))
    return data_dir


@pytest.fixture
def store(_three_releases: Path, tmp_path: Path) -> ReleaseStore:
    """Three releases, so that retention has something to remove."""
    shutil.copytree(_three_releases, tmp_path, symlinks=True, dirs_exist_ok=True)
    return ReleaseStore(tmp_path)


@pytest.mark.parametrize("phase", PHASES)
def test_a_publication_killed_in_any_phase_leaves_a_whole_release_and_can_be_finished(
    store: ReleaseStore, phase: str
) -> None:
    audited(store.data_dir, "b4", version=4, disclosing=True)
    killed = run(command(store.data_dir, "b4", phase, keep="2"))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert whole(store) == ("R000003" if PHASES.index(phase) < MOVED else "R000004")

    # The same publication again, as a scheduler would retry it.
    again = run(command(store.data_dir, "b4", keep="2"))
    assert again.stdout == "R000004\n", again.stderr
    assert whole(store) == "R000004"
    published = [event.release_id for event in store.log.moves()]
    assert published == ["R000001", "R000002", "R000003", "R000004"]
    assert sweep(store) == []


@pytest.mark.parametrize("phase", PHASES)
def test_after_a_kill_in_any_phase_another_build_can_be_published(store: ReleaseStore, phase: str) -> None:
    audited(store.data_dir, "b4", version=4, disclosing=True)
    killed = run(command(store.data_dir, "b4", phase, keep="2"))
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    candidate = audited(store.data_dir, "b5", version=5, disclosing=True)
    release = publish(store, candidate, PARTS, PublishOptions(keep=2))
    assert whole(store) == release.id == "R000005"
    assert release.manifest.previous == ("R000003" if PHASES.index(phase) < MOVED else "R000004")
    assert sweep(store) == []


STEADY = """
import sys
from pathlib import Path
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore
from release_kit import PARTS, audited

data_dir, attempt = Path(sys.argv[1]), sys.argv[2]
for round_ in range(1000):
    store = ReleaseStore(data_dir)
    candidate = audited(data_dir, f"a{attempt}-{round_}", version=round_ + 10)
    publish(store, candidate, PARTS, PublishOptions(keep=3))
    store.rollback(candidate.release_id, "already there")
    print(candidate.release_id, flush=True)
"""


def test_a_kill_at_any_moment_of_building_and_publishing_needs_no_repair(store: ReleaseStore) -> None:
    moments = Random(20261122)
    acknowledged = "R000003"
    for attempt in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", STEADY, str(store.data_dir), str(attempt)],
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        assert child.stdout is not None
        first = child.stdout.readline().strip()  # it is at work
        time.sleep(moments.uniform(0, 0.6))
        child.kill()
        acknowledged = [acknowledged, first, *child.communicate()[0].split()][-1]
        # What was reported as published is published, and never something older.
        assert whole(store) >= acknowledged
    sweep(store)
    assert sweep(store) == []
    moves = [event.release_id for event in store.log.moves()]
    assert moves == sorted(set(moves))


def test_of_two_publishers_at_once_none_spoils_the_other(store: ReleaseStore) -> None:
    builds = [audited(store.data_dir, f"b{number}", version=number).build_id for number in (4, 5)]
    processes = [
        subprocess.Popen(
            command(store.data_dir, each),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for each in builds
    ]
    outcomes = [process.communicate(timeout=120) for process in processes]
    # Whoever is first, the newer build is current in the end: the older one comes before it or is refused.
    assert outcomes[1][0] == "R000005\n", outcomes[1][1]
    assert outcomes[0][0] == "R000004\n" or "R000004 is older than R000005" in outcomes[0][1]
    assert whole(store) == "R000005"
    moves = [event.release_id for event in store.log.moves()]
    assert moves == sorted(set(moves))


READER = """
import sys
from pathlib import Path
from dagster_project.lib.release.reader import connect

link, stop = Path(sys.argv[1]) / "current" / "equity.duckdb", Path(sys.argv[3])
tables = sys.argv[2].split(",")
rounds, last, seen = 0, "", set()
print("ready", flush=True)
stopping = False
while not stopping:
    stopping = stop.exists()  # asked before the round: the last round begins after the last publication
    with connect(link) as connection:
        found = set()
        for table in tables:
            found |= set(connection.execute(f"select distinct release_id, version from {table}").fetchall())
    assert len(found) == 1, f"torn: {found}"
    ((release_id, version),) = found
    assert int(release_id[1:]) == version, f"{release_id} shows the data of version {version}"
    assert release_id >= last, f"{release_id} after {last}"
    rounds, last = rounds + 1, release_id
    seen.add(release_id)
print(rounds, len(seen), last)
"""


def test_readers_never_see_a_mixture_while_releases_are_published(store: ReleaseStore) -> None:
    stop = store.data_dir / "stop"
    arguments = [sys.executable, "-c", READER, str(store.data_dir), ",".join(TABLES), str(stop)]
    readers = [
        subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for number in range(4, 14):
            publish(
                store, audited(store.data_dir, f"b{number}", version=number), PARTS, PublishOptions(keep=3)
            )
    finally:
        stop.touch()
        outcomes = [reader.communicate(timeout=60) for reader in readers]
    for reader, (out, err) in zip(readers, outcomes, strict=True):
        assert reader.returncode == 0, err
        rounds, releases_seen, last = out.split()
        assert int(rounds) >= int(releases_seen) > 1
        assert last == "R000013"


def test_a_rollback_under_readers_is_whole_too(store: ReleaseStore) -> None:
    with connect(store.current_link / "equity.duckdb") as reader:
        store.rollback("R000001", "R000003 is wrong")
        assert reader.execute("select distinct version from pub_unit_results").fetchall() == [(3,)]
        assert whole(store) == "R000001"


# A disk that is full. A limit on file size meets DuckDB and Python in the same calls as a full disk, needs no
# privilege, and cuts at the byte we choose; it is set in a child, as it cannot be taken back.

CHILD = """
import resource, sys
from pathlib import Path
from dagster_project.lib.errors import StorageFailedError
from dagster_project.lib.release.candidate import build_candidate, load_candidate
from dagster_project.lib.release.publish import publish
from dagster_project.lib.release.store import ReleaseStore
from release_kit import PARTS, TABLES

step, store, folder, limit = sys.argv[1], ReleaseStore(Path(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if step == "build":
        build_candidate(warehouse=store.data_dir / "warehouse-b4.duckdb", schema="published", tables=TABLES,
                        candidates_dir=folder, build_id="b9", release_id="R000009")
    else:
        publish(store, load_candidate(store.candidates_dir, "b4"), PARTS)
except StorageFailedError as failure:
    print(failure)
print("left:", sorted(path.name for path in folder.iterdir()))
"""


def said_by_child(step: str, store: ReleaseStore, folder: Path, limit: int, *around: str) -> str:
    ended = run([*around, sys.executable, "-c", CHILD, step, str(store.data_dir), str(folder), str(limit)])
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("limit", [20_000, 300_000])
def test_a_build_on_a_full_disk_leaves_nothing_and_says_so(store: ReleaseStore, limit: int) -> None:
    audited(store.data_dir, "b4", version=4, units=100_000)
    before = sorted(path.name for path in store.candidates_dir.iterdir())
    said = said_by_child("build", store, store.candidates_dir, limit)
    assert said.startswith("Building the candidate of build b9 failed: ")
    assert "Free disk space" in said
    assert said.endswith(f"left: {before}\n")
    assert whole(store) == "R000003"


@pytest.mark.parametrize("limit", [20_000, 300_000, 2_500_000])
def test_a_publication_on_a_full_disk_leaves_nothing_and_works_once_there_is_room(
    store: ReleaseStore, limit: int
) -> None:
    candidate = audited(store.data_dir, "b4", version=4, units=100_000)
    assert candidate.file.stat().st_size > 2_000_000, "the limits must cut the database or its exports"
    said = said_by_child("publish", store, store.releases_dir, limit)
    assert said.startswith("The publication of R000004 failed: ")
    assert "the current release stands" in said
    assert ".new-" not in said.splitlines()[-1]
    assert whole(store) == "R000003"
    assert publish(store, candidate, PARTS).id == "R000004"


def test_a_build_on_a_small_file_system_gives_all_its_space_back(store: ReleaseStore, tmp_path: Path) -> None:
    """On a real file system of 1 MB where this user may mount one, else under the limit on file size."""
    audited(store.data_dir, "b4", version=4, units=100_000)
    small = tmp_path / "small"
    small.mkdir()
    mount = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    mount += [f"mount -t tmpfs -o size=1m none '{small}' && exec \"$@\"", "sh"]
    permitted = shutil.which("unshare") and subprocess.run([*mount, "true"], check=False).returncode == 0
    if permitted:
        said = said_by_child("build", store, small, 0, *mount)
        assert "No space left on device" in said
    else:
        said = said_by_child("build", store, small, 1_000_000)
    assert said.startswith("Building the candidate of build b9 failed: ")
    assert said.endswith("left: []\n")
