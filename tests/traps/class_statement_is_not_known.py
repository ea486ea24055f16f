"""Of two class statements that may be the one of a class, none is taken."""

# %%
def now(f):
    return f(None)
class Rates:
    @now
    def low(self): return 1
    @now
    def high(self): return 2
Old = Rates

# %%
class Rates:
    @now
    def high(self): return 20
    @now
    def low(self): return 10

# %% deploy
def handler(event, context):
    return [Old.low, Old.high]

# %% expect
# refused: Old | have different class statements that may be its own
