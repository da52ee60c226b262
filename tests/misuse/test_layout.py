"""Arrays that lie in memory in other ways give the same result; those of 2-D are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from definitions import REPRESENTATIVES
from outcomes import assert_raises_same, assert_same_call, with_each


def unaligned(array: Any) -> Any:
    moved = np.empty(array.nbytes + 1, np.uint8)[1:].view(array.dtype)
    moved[:] = array
    return moved


def field_of_records(array: Any) -> Any:
    records = np.zeros(len(array), [("flag", "i1"), ("value", "f8")])
    records["value"] = array
    return records["value"]


ONE_DIMENSIONAL: dict[str, Any] = {
    "every second": lambda x: np.repeat(x, 2)[::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "column of a C table": lambda x: np.column_stack([x, x, x])[:, 1],
    "column of a Fortran table": lambda x: np.asfortranarray(np.column_stack([x, x, x]))[:, 1],
    "row of a Fortran table": lambda x: np.asfortranarray(np.stack([x, x, x]))[1],
    "diagonal": lambda x: np.diag(x).diagonal(),
    "repeated": lambda x: np.broadcast_to(x[-1], x.shape),
    "tail": lambda x: np.concatenate([x[:5], x])[5:],
    "unaligned": unaligned,
    "field of records": field_of_records,
    "real part": lambda x: x.astype(complex).real,
    "of bytes": lambda x: np.frombuffer(x.tobytes()),
}
OTHER_DIMENSIONS: dict[str, Any] = {
    "one row": lambda x: x.reshape(1, -1),
    "one column": lambda x: x.reshape(-1, 1),
    "C": lambda x: np.stack([x, x]),
    "Fortran": lambda x: np.asfortranarray(np.stack([x, x])),
    "square": np.diag,
    "matrix": np.matrix,
    "3-D": lambda x: x.reshape(1, 1, -1),
    "0-D": lambda x: np.array(x[-1]),
    "2-D of nothing": lambda x: np.empty((0, 3)),
}


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_one_dimension_in_any_layout(name: str) -> None:
    for layout, convert in ONE_DIMENSIONAL.items():
        for given in with_each(name, convert):
            assert assert_same_call(name, *given, note=layout).error is None


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_other_dimensions_are_refused(name: str) -> None:
    for layout, convert in OTHER_DIMENSIONS.items():
        for given in with_each(name, convert):
            error = assert_raises_same(name, *given, note=layout)
            assert str(error) == "input array has wrong dimensions"
