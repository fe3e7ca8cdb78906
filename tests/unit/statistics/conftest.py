"""The vectors: inputs, and answers worked out with other programs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

VECTORS = Path(__file__).parents[2] / "fixtures" / "vectors"


@pytest.fixture(scope="session")
def vector() -> Callable[[str], Any]:
    """Reads one file of vectors: a frame from ``.csv``, plain objects from ``.json``."""

    def read(name: str) -> Any:
        path = VECTORS / name
        if path.suffix == ".csv":
            return pd.read_csv(path)
        return json.loads(path.read_text(encoding="utf-8"))

    return read
