"""Data classes: defaults made by factories, frozen, ordered, with slots and methods."""

# %%
from dataclasses import dataclass, field, replace
@dataclass
class Bag:
    items: list = field(default_factory=list)
    size: int = 3
    def full(self):
        return len(self.items) >= self.size
@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0

# %%
bag = Bag()
bag.items += ["a", "b"]
bag.note = "added"
known = {Version(1, 2): "old", Version(2): "new"}

# %% deploy
def handler(event, context):
    newest = max(known)
    return [repr(bag), bag.note, bag.full(), known[Version(2)], repr(replace(newest, minor=7)), Bag().items]

# %% expect
# answers
