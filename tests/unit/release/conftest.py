"""Stores that are built once and copied for each test: a publication syncs to disk, a copy does not."""

import shutil
from pathlib import Path

import pytest
from release_kit import KEYS, PARTS, audited

from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore


@pytest.fixture(scope="session")
def _data_dirs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Data directories with none, one, two and three releases of versions 1, 2 and 3."""
    folders = [tmp_path_factory.mktemp("releases_0")]
    for number in (1, 2, 3):
        folder = tmp_path_factory.mktemp(f"releases_{number}")
        shutil.copytree(folders[-1], folder, symlinks=True, dirs_exist_ok=True)
        options = PublishOptions(key_columns=KEYS)
        publish(ReleaseStore(folder), audited(folder, f"b{number}", version=number), PARTS, options)
        folders.append(folder)
    return folders


def _copy(data_dir: Path, tmp_path: Path) -> ReleaseStore:
    shutil.copytree(data_dir, tmp_path, symlinks=True, dirs_exist_ok=True)
    return ReleaseStore(tmp_path)


@pytest.fixture
def one_release(_data_dirs: list[Path], tmp_path: Path) -> ReleaseStore:
    """A store whose only release is R000001 of build b1, version 1."""
    return _copy(_data_dirs[1], tmp_path)


@pytest.fixture
def two_releases(_data_dirs: list[Path], tmp_path: Path) -> ReleaseStore:
    """A store whose current release is R000002 of build b2, version 2."""
    return _copy(_data_dirs[2], tmp_path)


@pytest.fixture
def three_releases(_data_dirs: list[Path], tmp_path: Path) -> ReleaseStore:
    """A store whose current release is R000003 of build b3, version 3."""
    return _copy(_data_dirs[3], tmp_path)
