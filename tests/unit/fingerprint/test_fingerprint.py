"""A build's fingerprint changes with everything that can change a release, and with nothing else."""

import pytest

from dagster_project.lib import fingerprint, raw_tables
from dagster_project.lib.warehouse import open_warehouse

FILES = {
    "models/marts/a.sql": "select 1",
    "seeds/b.csv": "a;b",
    "expectations/published/c.yml": "table: c",
    "tests/dbt/d.sql": "select 1",
    "dbt_project/dbt_project.yml": "name: x",
    "dbt_project/macros/e.sql": "{% macro e() %}{% endmacro %}",
    "dagster_project/lib/f.py": "F = 1",
    "requirements.lock": "dagster==1",
}


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def connection(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", memory_limit="200MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield connection


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_changes_the_fingerprint(project, name):
    before = fingerprint.of_files(project)
    (project / name).write_text(FILES[name] + " ")
    assert fingerprint.of_files(project) != before


@pytest.mark.parametrize("name", FILES)
def test_a_renamed_file_changes_the_fingerprint(project, name):
    before = fingerprint.of_files(project)
    path = project / name
    path.rename(path.with_name("z" + path.name))
    assert fingerprint.of_files(project) != before


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "data/warehouse.duckdb",
        "dbt_project/target/manifest.json",
        "dbt_project/logs/dbt.log",
        "dagster_project/lib/__pycache__/f.cpython-311.pyc",
        "tests/unit/test_x.py",
    ],
)
def test_what_a_run_itself_writes_does_not_change_it(project, name):
    before = fingerprint.of_files(project)
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("new")
    assert fingerprint.of_files(project) == before


def test_moving_text_from_one_file_to_the_next_changes_it(tmp_path):
    for folder, first, second in (("one", "ab", "c"), ("two", "a", "bc")):
        (tmp_path / folder / "models").mkdir(parents=True)
        (tmp_path / folder / "models" / "a.sql").write_text(first)
        (tmp_path / folder / "models" / "b.sql").write_text(second)
    assert fingerprint.of_files(tmp_path / "one") != fingerprint.of_files(tmp_path / "two")


def extract(connection, extract_id="siris/pupils/2024/aa", period="2024", reader="r1"):
    connection.execute(
        """
        insert into raw.extracts values (
            ?, 'siris', 'pupils', ?, 'siris_pupils', 'a.csv', 1, now(), now(), 'aa', 1, [], 1, 1, 0, 0, 'x', ?
        )
        """,
        [extract_id, period, reader],
    )


def problem(connection, rule="truncated"):
    connection.execute(
        "insert into raw.delivery_problems values"
        " ('siris', 'pupils', '2025', 'siris_pupils', 'a.csv', null, now(), ?, 'message')",
        [rule],
    )


def test_asking_again_without_news_does_not_change_it(connection):
    extract(connection)
    before = fingerprint.of_deliveries(connection)
    connection.execute("update raw.extracts set checked_at = now() + interval 1 day")
    assert fingerprint.of_deliveries(connection) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda c: extract(c, "siris/pupils/2025/bb", "2025"),
        lambda c: c.execute("update raw.extracts set extract_id = 'siris/pupils/2024/bb'"),
        lambda c: c.execute("update raw.extracts set reader_fingerprint = 'r2'"),
        lambda c: c.execute("delete from raw.extracts"),
        problem,
    ],
    ids=["another period", "other bytes", "another reader", "a delivery gone", "a delivery failed"],
)
def test_every_change_of_what_is_loaded_changes_it(connection, change):
    extract(connection)
    before = fingerprint.of_deliveries(connection)
    change(connection)
    assert fingerprint.of_deliveries(connection) != before


def test_another_reason_for_a_failed_delivery_changes_it(connection):
    problem(connection)
    before = fingerprint.of_deliveries(connection)
    connection.execute("update raw.delivery_problems set rule = 'not_this_file'")
    assert fingerprint.of_deliveries(connection) != before


def test_the_order_of_loading_does_not_matter(connection):
    extract(connection, "siris/pupils/2024/aa", "2024")
    extract(connection, "siris/pupils/2025/bb", "2025")
    before = fingerprint.of_deliveries(connection)
    connection.execute("delete from raw.extracts")
    extract(connection, "siris/pupils/2025/bb", "2025")
    extract(connection, "siris/pupils/2024/aa", "2024")
    assert fingerprint.of_deliveries(connection) == before


def test_code_and_deliveries_both_count(project, connection):
    before = fingerprint.of_build(project, connection)
    extract(connection)
    with_delivery = fingerprint.of_build(project, connection)
    (project / "seeds/b.csv").write_text("a;c")
    assert len({before, with_delivery, fingerprint.of_build(project, connection)}) == 3
