"""Names that the slice makes for itself take none of the notebook's."""

# %%
_make_f = _restored = _values = _f = "taken"
def make(n):
    def f():
        return [n, _make_f, _restored]
    return f
f = make(5)
class Thing: pass
thing = Thing(); thing.x = [1]

# %% deploy
def handler(event, context):
    return [f(), thing.x, _values, _f]

# %% expect
# answers
