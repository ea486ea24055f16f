"""Of two definitions that differ in a constant the one that ran goes."""

# %%
for version in (1, 2):
    if version == 1:
        def rate(x): return x * 1
    else:
        def rate(x): return x * 2

# %% deploy
def handler(event, context):
    return [rate(10)]

# %% expect
# answers
