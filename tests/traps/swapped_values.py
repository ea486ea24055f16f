"""Two names that were exchanged."""

# %%
first, second = [1], [2]
first, second = second, first
(x, y), *z = (1, 2), 3, 4

# %% deploy
def handler(event, context):
    return [first, second, x, y, z]

# %% expect
# answers
