"""The bundled recording: its index, its provenance and its sources agree."""

import hashlib
import json
import re

from dagster_project.lib.sources import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)

MODULES = [kolada, planned_educations, scb, siris, skolenhetsregistret, underlag_for_analys]


def test_the_index_names_every_source_at_its_own_address(sample_dir):
    index = json.loads((sample_dir / "index.json").read_text())
    assert index["sources"] == {module.SOURCE.name: module.SOURCE.base_url for module in MODULES}
    for address in index["files"]:
        assert any(address.startswith(base + "/") for base in index["sources"].values())


def test_the_index_names_every_recorded_report_by_a_known_id(sample_dir):
    index = json.loads((sample_dir / "index.json").read_text())
    ids = {int(found[1]) for found in map(re.compile(r"pExportID=(\d+)").search, index["files"]) if found}
    assert ids == {report.export_id for report in siris.REPORTS.values()}
    served = {name for name in index["files"].values() if "/siris/" in name}
    assert served == {f"skolverket/siris/{p.name}" for p in (sample_dir / "skolverket/siris").iterdir()}


def test_the_provenance_names_every_file_with_the_checksum_it_has(sample_dir):
    text = (sample_dir / "PROVENANCE.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", text, flags=re.M))
    files = [p for p in sample_dir.rglob("*") if p.is_file() and p.parent != sample_dir]
    assert stated == {
        p.relative_to(sample_dir).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }
