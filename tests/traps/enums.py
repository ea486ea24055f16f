"""An Enum, a Flag and their members, as values and as keys."""

# %%
import enum
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    @property
    def low(self):
        return self.name.lower()
class Right(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()

# %%
favourite = Colour.GREEN
table = {Colour.RED: "stop"}
both = Right.READ | Right.WRITE

# %% deploy
def handler(event, context):
    return [favourite is Colour.GREEN, favourite.low, table[Colour(1)], bool(both & Right.READ), both == Right(3)]

# %% expect
# answers
