"""The gate: what it refuses stays refused, whoever asks and however; readers keep what they had."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.defs.publication.disclosure import SUITE as ATTACK
from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.approval import approve, candidate_of
from dagster_project.lib.release.reader import connect

# Shows every figure that is hidden only to protect others: what a configuration without secondary suppression
# would publish.
_WITHOUT_SECONDARIES = """
    update published.pub_indicators as shown
    set value = levels.value, numerator = levels.numerator, denominator = levels.denominator,
        status = 'ok', suppression = null
    from indicators.ind_own_levels_in_force as levels
    inner join indicators.ind_disclosure_rows as leaving
        on
            leaving.audience = 'public'
            and leaving.entity_type = levels.entity_type and leaving.entity_key = levels.entity_key
            and leaving.school_year = levels.school_year and leaving.indicator_id = levels.indicator_id
            and leaving.group_id = levels.group_id
    inner join indicators.ind_disclosure_pattern as pattern
        on
            pattern.audience = 'public' and pattern.state = 'secondary'
            and pattern.cell_id = leaving.figure_cell_id
    where
        shown.entity_type = levels.entity_type and shown.entity_key = levels.entity_key
        and shown.school_year = levels.school_year and shown.indicator_id = levels.indicator_id
        and shown.group_id = levels.group_id
"""
# Shows what one of our rules hides: {figures} has every value, hidden or not.
_WITHOUT_A_RULE = """
    update published.pub_indicators as shown
    set value = figures.value, status = 'ok', suppression = null
    from indicators.{figures} as figures
    where
        shown.suppression {hidden} and figures.value is not null
        and shown.entity_type = figures.entity_type and shown.entity_key = figures.entity_key
        and shown.school_year = figures.school_year and shown.indicator_id = figures.indicator_id
        and shown.group_id = figures.group_id
"""
# How the published tables are damaged, one way per critical rule: (suite, expectation, statements).
DAMAGES = [
    (
        "published/pub_unit_measures",
        "shares_in_range",
        """
        update published.pub_unit_measures set value = 130 where rowid = (
            select min(rowid) from published.pub_unit_measures
            where measure_id = 'certified_teachers_share' and value is not null
        )
        """,
    ),
    (
        "published/pub_unit_measures",
        "hidden_is_hidden",
        """
        update published.pub_unit_measures set value = 50 where rowid = (
            select min(rowid) from published.pub_unit_measures
            where measure_id = 'passed_all_subjects_y9' and suppression = 'agency'
        )
        """,
    ),
    (
        "published/pub_unit_measures",
        "few_pupils_are_hidden",
        """
        update published.pub_unit_measures set base_count = 9 where rowid = (
            select min(rowid) from published.pub_unit_measures
            where measure_id = 'merit_value_y9' and value is not null
        )
        """,
    ),
    (
        "published/pub_municipality_measures",
        "columns_are_these",
        "alter table published.pub_municipality_measures add column rank_in_county integer",
    ),
    (
        "published/pub_organisers",
        "columns_are_these",
        "alter table published.pub_organisers drop column organiser_name",
    ),
    (
        "published/pub_units",
        "one_row_per_key",
        "insert into published.pub_units select * from published.pub_units limit 1",
    ),
    ("published/pub_value_statuses", "rows_are_there", "delete from published.pub_value_statuses"),
    (
        "published/pub_indicators",
        "ok_has_a_value",
        """
        update published.pub_indicators set value = null where rowid = (
            select min(rowid) from published.pub_indicators where status = 'ok'
        )
        """,
    ),
    (
        "quality/dq_extract_accounting",
        "nothing_is_lost",
        "update quality.dq_extract_accounting set delivered = delivered + 1 where dataset = 'pupils'",
    ),
    (ATTACK, "nobody_can_be_computed", _WITHOUT_SECONDARIES),
    (
        ATTACK,
        "no_hidden_unit_is_told_by_what_is_pooled",
        _WITHOUT_A_RULE.format(figures="ind_indicators", hidden="= 'hidden_units'"),
    ),
    (
        ATTACK,
        "statistics_are_made_of_what_is_shown",
        _WITHOUT_A_RULE.format(figures="ind_own_statistics_in_force", hidden="is not null"),
    ),
]


def damage(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(warehouse) as connection:
        for statement in statements:
            (changed,) = connection.execute(statement).fetchone() or (1,)
            assert changed != 0, f"nothing was damaged by {statement}"


def newest_folder(data) -> Path:
    return max(
        (path.parent for path in data.store.candidates_dir.glob("*/candidate.json")),
        key=lambda folder: json.loads((folder / "candidate.json").read_text())["release_id"],
    )


def assert_readers_keep_the_first_release(data) -> None:
    assert data.store.pointer() == "R000001"
    assert [path.name for path in data.store.folders()] == ["R000001"]
    data.store.get("R000001").check(data.store.manifest_sha256("R000001"))
    with connect(data.database) as connection:
        assert connection.sql("select distinct release_id from pub_indicators").fetchall() == [("R000001",)]


@pytest.fixture(scope="module")
def refused(release, using, run_steps, tmp_path_factory):
    """A run whose tables are damaged in every way at once, and the data directory it leaves."""
    data_dir = tmp_path_factory.mktemp("refused") / "data"
    shutil.copytree(release.data_dir, data_dir, symlinks=True)
    with using(data_dir) as data:
        damage(data.warehouse, *(statement for _, _, statement in DAMAGES))
        yield run_steps("candidate", "release"), data


# What a group shares takes a run of the gate: made once, by one worker.
@pytest.mark.xdist_group("refused_candidate")
class TestDamagedTables:
    @pytest.mark.parametrize(("suite", "expectation"), [damaged[:2] for damaged in DAMAGES])
    def test_every_damage_is_named_with_its_owner_and_what_to_do(self, refused, words_of, suite, expectation):
        result, _ = refused
        (sentence,) = {
            line
            for line in words_of(result).splitlines()
            if line.startswith(f"Suite {suite}, expectation {expectation} ")
        }
        assert "Owner: " in sentence
        assert "What to do: " in sentence
        assert "Why it matters: " in sentence

    def test_the_run_is_red_and_readers_keep_what_they_had(self, refused, words_of):
        result, data = refused
        assert not result.success
        assert "Release refused. Current release: R000001." in words_of(result)
        assert_readers_keep_the_first_release(data)

    def test_the_checks_show_it_as_errors(self, refused):
        result, _ = refused
        failed = {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}
        damaged = {suite for suite, _, _ in DAMAGES}
        assert {f"expectations_{suite.split('/')[1]}" for suite in damaged - {ATTACK}} <= failed
        assert "attacker_audit" in failed

    def test_the_reasons_are_kept_beside_the_candidate_and_in_the_log(self, refused):
        _, data = refused
        assert "hidden_is_hidden" in (newest_folder(data) / "refusal.txt").read_text(encoding="utf-8")
        assert [event.event for event in data.store.log.events()][:2] == ["publish", "refused"]

    def test_a_click_on_release_alone_meets_the_same_refusal(self, refused, run_steps, words_of):
        _, data = refused
        clicked = run_steps("release")
        assert not clicked.success
        assert "hidden_is_hidden" in words_of(clicked)
        assert_readers_keep_the_first_release(data)

    def test_no_cell_is_quoted(self, refused, words_of):
        result, _ = refused
        assert "130" not in words_of(result).replace("observed", "")


def test_a_click_on_release_with_a_newer_candidate_nobody_audited_is_refused(
    release_copy, run_steps, words_of
):
    release_copy.unaudited()
    clicked = run_steps("release")
    assert not clicked.success
    assert "has not been audited" in words_of(clicked)
    assert_readers_keep_the_first_release(release_copy)


@pytest.fixture(scope="module")
def audited(release, using, run_steps, tmp_path_factory) -> Path:
    """A data directory whose newest candidate, with one figure changed, has passed the gate and waits.

    In the tables of the administration a figure is changed too; of those there is no candidate yet.
    """
    data_dir = tmp_path_factory.mktemp("audited") / "data"
    shutil.copytree(release.data_dir, data_dir, symlinks=True)
    with using(data_dir) as data:
        damage(
            data.warehouse,
            """
            update published.pub_organiser_measures set value = 77.8
            where organiser_number = '2120003005' and school_year = '2024/25'
                and measure_id = 'certified_teachers_share' and group_id = 'all'
            """,
            """
            update published_internal.pub_internal_indicators set value = value + 0.1 where rowid = (
                select min(rowid) from published_internal.pub_internal_indicators
                where entity_type = 'municipality' and group_id = 'all'
                    and numerator is null and value is not null
            )
            """,
        )
        assert run_steps("candidate").success
        assert (newest_folder(data) / "audit.json").is_file()
    return data_dir


@pytest.fixture
def waiting(audited: Path, tmp_path: Path, using) -> Iterator[object]:
    """A copy of the audited candidate and the releases; publishing needs no warehouse."""
    for part in ("candidates", "releases"):
        shutil.copytree(audited / part, tmp_path / "data" / part)
    (tmp_path / "data" / "current").symlink_to((audited / "current").readlink())
    with using(tmp_path / "data") as data:
        yield data


def _truncate_audit(folder: Path) -> None:
    path = folder / "audit.json"
    path.write_bytes(path.read_bytes()[:-200])


def _edit_audit(folder: Path, **changes: object) -> None:
    path = folder / "audit.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def _audit_of_another_build(folder: Path) -> None:
    _edit_audit(folder, build_id="another-build")


def _audit_of_another_file(folder: Path) -> None:
    _edit_audit(folder, file_sha256="0" * 64)


def _audit_without_suites(folder: Path) -> None:
    _edit_audit(folder, suites=[])


def _audit_that_requires_nothing(folder: Path) -> None:
    _edit_audit(folder, required_suites=[])


def _without(folder: Path, list_of_audit: str, suite: str) -> None:
    listed = json.loads((folder / "audit.json").read_text(encoding="utf-8"))[list_of_audit]
    kept = [each for each in listed if suite != (each["suite"] if isinstance(each, dict) else each)]
    assert len(kept) < len(listed)
    _edit_audit(folder, **{list_of_audit: kept})


def _audit_that_does_not_require_a_table(folder: Path) -> None:
    _without(folder, "required_suites", "published/pub_groups")


def _audit_without_the_attack(folder: Path) -> None:
    _without(folder, "suites", ATTACK)


def _remove_audit(folder: Path) -> None:
    (folder / "audit.json").unlink()


def _change_a_figure(folder: Path) -> None:
    file = folder / "equity.duckdb"
    file.chmod(0o644)
    with duckdb.connect(file) as connection:
        connection.execute("update pub_indicators set value = 50 where suppression is not null")
        connection.execute("checkpoint")


def _change_a_byte(folder: Path) -> None:
    file = folder / "equity.duckdb"
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.seek(-100, os.SEEK_END)
        opened.write(b"\x00\x01\x02\x03")


@pytest.mark.xdist_group("audited_candidate")
@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_truncate_audit, ""),
        (_audit_of_another_build, ""),
        (_audit_of_another_file, ""),
        (_audit_without_suites, ""),
        (_audit_that_requires_nothing, ""),
        (_audit_that_does_not_require_a_table, "Table pub_groups: no required suite looks at it"),
        (_audit_without_the_attack, f"Suite {ATTACK}: it was required but did not run"),
        (_remove_audit, ""),
        (_change_a_figure, ""),
        (_change_a_byte, ""),
    ],
)
def test_what_was_changed_after_the_audit_is_refused(waiting, run_steps, words_of, tamper, words):
    tamper(newest_folder(waiting))
    clicked = run_steps("release")
    assert not clicked.success
    assert "Release refused" in words_of(clicked)
    assert words in words_of(clicked)
    assert_readers_keep_the_first_release(waiting)


@pytest.mark.xdist_group("audited_candidate")
class TestACandidateThatChangesAPublishedFigure:
    def test_is_held_with_words_and_a_table_until_a_person_approves_exactly_that_file(
        self, waiting, run_steps, words_of
    ):
        clicked = run_steps("release")
        assert not clicked.success
        assert "certified_teachers_share, 2024/25" in words_of(clicked)
        assert "equity releases approve R000002 --reason" in words_of(clicked)
        (failure,) = [event.step_failure_data for event in clicked.all_events if event.is_step_failure]
        revisions = failure.user_failure_data.metadata["revisions"]
        assert [(each.data["changed"], each.data["verdict"]) for each in revisions.records] == [
            (1, "a person has to look")
        ]
        assert_readers_keep_the_first_release(waiting)

        approve(waiting.store, candidate_of(waiting.store, "R000002"), "the agency corrected it", by="karin")
        published = run_steps("release", config={"ops": {"release": {"config": {"release_id": "R000002"}}}})
        assert published.success
        assert waiting.store.current().manifest.approval.by == "karin"

    # Starts the command four times.
    @pytest.mark.scale
    def test_the_command_asks_for_a_reason_and_publishes_for_everybody_then_for_the_administration(
        self, audited, tmp_path
    ):
        data_dir = shutil.copytree(audited, tmp_path / "data", symlinks=True)

        def equity(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [
                    sys.executable,
                    "-c",
                    "from dagster_project.cli import main; main()",
                    "releases",
                    *arguments,
                ],
                env={**os.environ, "EQUITY_DATA_DIR": str(data_dir), "COLUMNS": "200"},
                capture_output=True,
                text=True,
                check=False,
            )

        without = equity("approve", "R000002", "--reason", " ")
        assert without.returncode != 0
        assert (data_dir / "current").resolve().name == "R000001"

        given = equity("approve", "R000002", "--reason", "The agency corrected it.")
        assert given.returncode == 0, given.stdout + given.stderr
        assert "has approved R000002" in given.stdout
        assert (data_dir / "current").resolve().name == "R000002"
        assert "equity releases approve R000002 --internal --reason" in given.stdout
        assert (data_dir / "internal" / "current").resolve().name == "R000001"

        internal = equity("approve", "R000002", "--internal", "--reason", "The school corrected it.")
        assert internal.returncode == 0, internal.stdout + internal.stderr
        assert (data_dir / "internal" / "current").resolve().name == "R000002"
        again = equity("approve", "R000002", "--reason", "The agency corrected it.")
        assert again.returncode != 0


@pytest.fixture
def approved(waiting) -> object:
    """The waiting candidate, with a person's word that its changed figure is right."""
    approve(waiting.store, candidate_of(waiting.store, "R000002"), "the agency corrected it")
    return waiting


@pytest.mark.xdist_group("audited_candidate")
class TestAGoodCandidate:
    def test_is_published_with_its_difference_and_can_be_rolled_back(self, approved, run_steps):
        assert run_steps("release").success
        second = approved.store.current()
        assert (second.id, second.manifest.previous) == ("R000002", "R000001")
        changed = {
            table.table: (table.added, table.removed, table.changed, table.changed_by_column)
            for table in second.manifest.difference.tables
            if table.added or table.removed or table.changed
        }
        assert changed == {"pub_organiser_measures": (0, 0, 1, {"value": 1})}
        with connect(approved.database) as connection:
            assert self._certified(connection) == 77.8

        approved.store.rollback("R000001", "the figure was wrong")
        with connect(approved.database) as connection:
            assert self._certified(connection) == 77.7
        assert approved.store.log.events()[-1].reasons == ["the figure was wrong"]
        with pytest.raises(ReleaseRefusedError, match="reason"):
            approved.store.rollback("R000002", " ")

    def test_is_not_published_again_after_a_rollback_by_a_click(self, approved, run_steps, words_of):
        assert run_steps("release").success
        approved.store.rollback("R000001", "the figure was wrong")
        again = run_steps("release")
        assert not again.success
        assert "left by a rollback" in words_of(again)
        assert approved.store.pointer() == "R000001"

    def test_publishing_it_twice_makes_one_release(self, approved, run_steps):
        assert run_steps("release").success
        assert run_steps("release").success
        assert [path.name for path in approved.store.folders()] == ["R000001", "R000002"]

    @staticmethod
    def _certified(connection: duckdb.DuckDBPyConnection) -> float:
        ((value,),) = connection.execute(
            "select value from pub_organiser_measures where organiser_number = '2120003005'"
            " and school_year = '2024/25' and measure_id = 'certified_teachers_share' and group_id = 'all'"
        ).fetchall()
        return float(value)
