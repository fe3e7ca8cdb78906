"""Jobs and schedules. One run at a time, in one process: a step costs 0.1 s there, 2 s in its own."""

from typing import Any

import dagster as dg

from dagster_project import settings
from dagster_project.defs.extracts.assets import EXTRACT_ASSETS
from dagster_project.settings import Mode

TIME_ZONE = "Europe/Stockholm"
# A weekly refresh asks the agencies; the daily run leaves alone what was asked for within these days.
ASK_AGAIN_AFTER_DAYS = {Mode.LIVE: 6, Mode.RECORDED: 0}

# A run that has hung frees the queue after this long.
_MAX_RUNTIME = {"dagster/max_runtime": "7200"}


def extract_config(ask_again_after_days: int) -> dict[str, object]:
    """Run configuration of all extract steps."""
    return {
        "ops": {
            asset.op.name: {"config": {"ask_again_after_days": ask_again_after_days}}
            for asset in EXTRACT_ASSETS
        }
    }


def build_jobs() -> list[Any]:
    """``daily`` and ``open_data_refresh``: the same steps, more or less eager to ask the agencies."""
    everything = dg.AssetSelection.all()
    return [
        dg.define_asset_job(
            "daily",
            selection=everything,
            executor_def=dg.in_process_executor,
            tags=_MAX_RUNTIME,
            config=extract_config(ASK_AGAIN_AFTER_DAYS[settings.load().mode]),
            description="Fetch what is due, build, gate and publish. Skips the build when nothing is new.",
        ),
        dg.define_asset_job(
            "open_data_refresh",
            selection=everything,
            executor_def=dg.in_process_executor,
            tags=_MAX_RUNTIME,
            config=extract_config(0),
            description="Ask the agencies for everything again, then build, gate and publish.",
        ),
    ]


def build_schedules() -> list[dg.ScheduleDefinition]:
    """05:15 every day; the agencies' data on Saturday mornings. Both are started from the UI once."""
    return [
        dg.ScheduleDefinition(
            name="daily_at_0515",
            job_name="daily",
            cron_schedule="15 5 * * *",
            execution_timezone=TIME_ZONE,
            description="Every morning before the offices open.",
        ),
        dg.ScheduleDefinition(
            name="open_data_on_saturdays",
            job_name="open_data_refresh",
            cron_schedule="0 6 * * 6",
            execution_timezone=TIME_ZONE,
            description="The agencies publish on weekdays.",
        ),
    ]
