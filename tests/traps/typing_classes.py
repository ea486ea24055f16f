"""TypedDict, Protocol, generics, NewType and aliases of types."""

# %%
from __future__ import annotations
from typing import Generic, NewType, Protocol, TypedDict, TypeVar
T = TypeVar("T")
UserId = NewType("UserId", int)
Pairs = dict[str, "list[int]"]
class Movie(TypedDict, total=False):
    title: str
    year: int
class Shows(Protocol):
    def show(self) -> str: ...
class Box(Generic[T]):
    def __init__(self, inside: T) -> None:
        self.inside = inside
    def show(self) -> str:
        return f"box of {self.inside}"

# %%
def shown(thing: Shows, movie: Movie) -> str:
    return thing.show() + " " + movie["title"]

# %% deploy
def handler(event, context):
    return [shown(Box[int](3), Movie(title="M")), UserId(5), Movie.__total__, repr(Pairs)]

# %% expect
# answers
