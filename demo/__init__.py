"""A made-up municipality, code 9999: its SS 12000 server and its file deliveries, for trying the warehouse.

Everything in it is made up and deterministic. See ``docs/demo.md`` for what was built in on purpose.
"""

from demo.identities import Identities, identities
from demo.municipality import SEED, Municipality, generate

__all__ = ["SEED", "Identities", "Municipality", "generate", "identities"]
