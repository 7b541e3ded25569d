"""A `dataclass` for values that nobody changes, and of which very many are made.

Python's own asks anew for each field of each object whether it may be set, and takes four times as
long. Here that is left to mypy, which takes `value_class` for `dataclass`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

__all__ = ["hashed_once", "value_class"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value_class
else:

    def value_class(*, frozen: bool, slots: bool) -> Any:
        """Return what makes a dataclass; both arguments are always true, and are for mypy."""
        assert frozen
        assert slots

        def made(cls: type) -> type:
            own = "__hash__" in cls.__dict__
            new = dataclass(slots=True, unsafe_hash=not own)(cls)
            names = tuple(f.name for f in fields(new))

            def parts(self: Any) -> tuple[object, ...]:
                # Copied and written into a file without what is only noted in it.
                return type(self), tuple([getattr(self, n) for n in names])

            new.__reduce__ = parts
            return new

        return made


def hashed_once(cls: type) -> None:
    """Let objects of this class be hashed only once: a hash goes through all of one.

    The class has room for it, in `hash_`.
    """
    anew: Callable[..., int] = cls.__hash__

    def hash_of(e: Any) -> int:
        try:
            return e.hash_  # type: ignore[no-any-return]
        except AttributeError:
            found = anew(e)
            object.__setattr__(e, "hash_", found)
            return found

    cls.__hash__ = hash_of  # type: ignore[method-assign,assignment]
