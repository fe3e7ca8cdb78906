"""What tests of own data share: vectors, and the project's seeds as SELECTs."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "fixtures" / "vectors"


def seed(name: str) -> str:
    """A select of all rows of a seed of the project."""
    (path,) = (ROOT / "seeds").rglob(f"{name}.csv")
    return f"select * from read_csv('{path}', delim=';', header=true)"


def values(columns: str, *rows: tuple[object, ...]) -> str:
    """A select of rows written down in a test; ``None`` is null."""

    def cell(value: object) -> str:
        return "null" if value is None else repr(value)

    listed = ", ".join(f"({', '.join(cell(value) for value in row)})" for row in rows)
    return f"select * from (values {listed}) as written({columns})"
