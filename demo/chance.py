"""Chance that can be repeated: named random streams and name-based ids, all from one seed.

A stream or an id depends on its name alone, never on what was drawn before it, so that the municipality of
tomorrow is the municipality of today plus one day's changes.
"""

import hashlib
import zlib

import numpy as np


def stream(seed: int, *name: object) -> np.random.Generator:
    """A random generator of its own for the given name."""
    text = "/".join(str(part) for part in name)
    return np.random.default_rng([seed, zlib.crc32(text.encode())])


def identity(seed: int, *name: object) -> str:
    """A UUID (version 4 in form) made from the seed and a name."""
    text = "/".join(str(part) for part in (seed, *name))
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"
