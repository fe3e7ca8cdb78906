"""An SS 12000:2020 (2.1.0) server for the made-up municipality, with faults on order."""

from demo.server.faults import Fault
from demo.server.quirks import DeletedShape, Instants, Quirks
from demo.server.running import Running, running

__all__ = ["DeletedShape", "Fault", "Instants", "Quirks", "Running", "running"]
