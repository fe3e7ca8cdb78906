"""A recording of the agencies of a test's own: what it puts there is served in recorded mode."""

import json
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT

BUNDLED = PROJECT_ROOT / "sample_data"


class Recording:
    """A folder like ``sample_data`` that answers nothing until it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._index = json.loads((BUNDLED / "index.json").read_text(encoding="utf-8"))
        self._index |= {"files": {}, "answers": []}
        self._write_index()

    def put(self, answers: dict[str, bytes]) -> None:
        """Answer these addresses with these bytes from now on."""
        for address, body in answers.items():
            name = self._index["files"].setdefault(address, f"{len(self._index['files'])}.bytes")
            (self.folder / name).write_bytes(body)
        self._write_index()

    def _write_index(self) -> None:
        (self.folder / "index.json").write_text(json.dumps(self._index), encoding="utf-8")


def bundled(*parts: str) -> dict[str, bytes]:
    """The bundled answers whose address has all these parts, by address."""
    index = json.loads((BUNDLED / "index.json").read_text(encoding="utf-8"))
    found = {
        address: (BUNDLED / name).read_bytes()
        for address, name in index["files"].items()
        if all(part in address for part in parts)
    }
    assert found, f"nothing is bundled for {parts}"
    return found
