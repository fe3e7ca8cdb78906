"""A sensor on the folder of deliveries. Like the schedules it is switched on in the UI, once."""

import dagster as dg

from dagster_project import settings
from dagster_project.lib.deliveries import inbox
from dagster_project.lib.errors import DeliveryProblem

_SECONDS_BETWEEN_LOOKS = 60


@dg.sensor(
    name="deliveries_arrived",
    job_name="daily",
    minimum_interval_seconds=_SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts a run when files in the folder of deliveries are new or changed and lie still.",
)
def deliveries_arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """The cursor holds two signatures of the folder: as last seen, and as of the last run asked for."""
    folder = settings.load().deliveries_dir
    if folder is None:
        return dg.SkipReason("No folder of deliveries is set (EQUITY_DELIVERIES_DIR).")
    try:
        files = inbox.find(folder)
    except DeliveryProblem as problem:
        return dg.SkipReason(str(problem))
    now = inbox.signature(files)
    seen, _, handled = (context.cursor or ";").partition(";")
    if now == handled or not files:
        context.update_cursor(f"{now};{handled}")
        return dg.SkipReason("Nothing new.")
    if now != seen:
        context.update_cursor(f"{now};{handled}")
        return dg.SkipReason("Files are new or still growing; they are looked at once more first.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=now)], cursor=f"{now};{now}")


DELIVERY_SENSORS = [deliveries_arrived]
