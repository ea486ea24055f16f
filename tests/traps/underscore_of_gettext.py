"""An underscore that the notebook has bound itself is a name like any other, or refused."""

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
