"""Where everything random of the simulated people comes from: text."""

from hashlib import blake2b

import numpy as np


def generator(text: str) -> np.random.Generator:
    """The same numbers for the same text, on every machine and in every process."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(blake2b(text.encode(), digest_size=16).digest())))
