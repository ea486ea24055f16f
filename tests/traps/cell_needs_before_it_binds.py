"""A name that the deployed cell reads before it binds it comes from the notebook."""

# %%
limits = [1]
base = 5

# %% deploy
base = base + 1
limits += [2]
def handler(event, context):
    return [base, limits]

# %% expect
# answers
