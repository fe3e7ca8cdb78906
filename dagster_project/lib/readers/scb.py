"""SCB's population tables (json-stat2)."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers.json_stat import Cube, read_cube
from dagster_project.lib.readers.long_tables import Part, assemble
from dagster_project.lib.readers.result import ReadResult

_NEEDED: Final = {"region_code": "Region", "year": "Tid"}
_OPTIONAL: Final = {"sex": "Kon", "age": "Alder", "contents_code": "ContentsCode"}


def read_population(answers: Sequence[Answer]) -> ReadResult:
    """Population; one row per cell. Sex, age and year are SCB's codes, null where not split by.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such a data set.
        HeaderChangedError: region or year is missing, or the figures are split by something else.
        TooManyRowsError: more cells than SCB delivers.
    """
    cubes = [read_cube(answer) for answer in answers]
    known = (*_NEEDED.values(), *_OPTIONAL.values())
    for cube in cubes:
        cube.demand(tuple(_NEEDED.values()), known)
    headers = [name for cube in cubes for name in cube.ids]
    return assemble("scb_population", [_part(cube) for cube in cubes], headers, [])


def _part(cube: Cube) -> Part:
    cells = len(cube.values)
    columns = {
        column: cube.column(dimension, cube.codes) if cube.has(dimension) else pa.nulls(cells, pa.string())
        for column, dimension in (_NEEDED | _OPTIONAL).items()
    }
    columns["region_name"] = cube.column(_NEEDED["region_code"], cube.labels)
    columns["value"] = pa.array(cube.values, pa.string())
    return Part(cube.source, columns, pa.array(range(1, cells + 1), pa.int64()))
