"""What a detector remembers of each row: a class that names it, and an array with one record a row."""

import numpy as np
from numpy.typing import NDArray

KINDS = {"int": np.int64, "float": np.float64, "bool": np.bool_}


def records(of: type, rows: int) -> NDArray[np.void]:
    """An array (rows,) of zeros whose fields are the annotations of a class: int, float or bool."""
    fields = [(name, KINDS[kind.__name__]) for name, kind in of.__annotations__.items()]
    return np.zeros(rows, np.dtype(fields))
