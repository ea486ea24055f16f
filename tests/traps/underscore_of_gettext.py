"""An underscore inside of a comprehension is no output of the notebook."""

# %%
a, _, c = 1, 2, 3

# %%
def use():
    return [c for _ in range(2)]

# %% deploy
def handler(event, context):
    return use()

# %% expect
# answers
