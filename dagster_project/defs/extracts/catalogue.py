"""All datasets, in the order a run fetches them."""

from dagster_project.defs.extracts import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)
from dagster_project.defs.extracts.dataset import Dataset

DATASETS: list[Dataset] = [
    *siris.DATASETS,
    *underlag_for_analys.DATASETS,
    *planned_educations.DATASETS,
    *skolenhetsregistret.DATASETS,
    *kolada.DATASETS,
    *scb.DATASETS,
]
