"""An index of a list that is public, of objects that anybody may change.

freqtrade keeps locks and custom data of a backtest in plain lists of SQLAlchemy's objects, and
looks through all of them for each question. An index answers from what it has seen of the list,
after making sure that it has seen all there is. Imports SQLAlchemy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from sqlalchemy import event

T = TypeVar("T")

# A new index takes as long as some looks through the list: it has to be of use that often.
LOOKS = 4
SHORT = 32


class ListIndex(ABC, Generic[T]):
    """What a list holds, put in an order that a subclass can find things in.

    ``model`` is the class of all objects; ``keys`` are the attributes that the subclass sorts
    them by. SQLAlchemy tells when one of these is set; whoever writes into an object's
    ``__dict__`` goes unnoticed.
    """

    def __init__(self, model: type[T], keys: tuple[str, ...]) -> None:
        self._model = model
        self._keys = keys
        self._listening = False
        self._looks_first = 0
        self._empty()

    def forget(self) -> None:
        """Hold no object of any list, and listen to none."""
        self._listen(False)
        self._looks_first = 0
        self._empty()

    def _empty(self) -> None:
        self._listed: list[T] | None = None
        self.seen: list[T] = []
        self._states: set[int] = set()
        self._edited = False
        self._usable = False
        self._clear()

    def covers(self, listed: Any) -> bool:
        """Whether the index is of ``listed`` as it is now; it takes in what is new at its end.

        False where it holds something that the subclass has no place for, and the first times
        after it was changed otherwise: there, look through the list.
        """
        if type(listed) is not list:
            return False
        if listed is self._listed and not self._edited:
            # Lists compare their objects by identity first, at a nanosecond each.
            if listed == self.seen:
                return self._usable
            length = len(self.seen)
            if len(listed) > length and listed[:length] == self.seen:
                return self._extend(listed[length:])
        if self._looks_first and len(listed) > SHORT:
            self._looks_first -= 1
            return False
        return self._rebuild(listed)

    def replace(self, listed: list[T], removed: list[T]) -> None:
        """Follow to another list, which has all that this one has but ``removed``."""
        self._states.difference_update(id(_state(item)) for item in removed)
        self._listed = listed
        self.seen = listed.copy()

    def _rebuild(self, listed: list[Any]) -> bool:
        self._empty()
        self._looks_first = LOOKS
        self._listed = listed
        self._usable = True
        self._listen(True)
        return self._extend(listed.copy())

    def _extend(self, new: list[T]) -> bool:
        for item in new:
            self._usable = self._usable and type(item) is self._model and self._add(item)
            self.seen.append(item)
            if self._usable:
                self._states.add(id(_state(item)))
        return self._usable

    def _listen(self, wanted: bool) -> None:
        if wanted is self._listening:
            return
        change = event.listen if wanted else event.remove
        for key in self._keys:
            attribute = getattr(self._model, key)
            for name in ("set", "remove"):
                change(attribute, name, self._on_set, **({"raw": True} if wanted else {}))
        self._listening = wanted

    def _on_set(self, state: Any, *_: Any) -> None:
        if id(state) in self._states:
            self._edited = True

    @abstractmethod
    def _clear(self) -> None:
        """Start with an empty list."""

    @abstractmethod
    def _add(self, item: T) -> bool:
        """Take in the object that comes after ``seen``; False if there is no place for it."""


def _state(item: Any) -> Any:
    return item._sa_instance_state
