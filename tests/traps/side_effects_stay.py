"""Statements that only print, plot or count are left where they are."""

# %%
print("not up there")
log = []
log.append("started")
def f(x):
    return x
print(f(1))
assert f(2) == 2

# %% deploy
def handler(event, context):
    return [f(3)]

# %% expect
# answers
# lacks: print
# lacks: assert
# lacks: log
