"""Of two functions of one name in one cell the second counts, and the first where it was kept."""

# %%
def step(x): return x + 1
first = step
def step(x): return first(x) * 10

# %% deploy
def handler(event, context):
    return [step(1), first(1)]

# %% expect
# answers
