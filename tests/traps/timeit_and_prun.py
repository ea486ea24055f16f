"""Names that %timeit uses stay its own, and %%prun leaves what it defined."""

# %%
# %timeit -n1 -r1 hidden = 5

# %%
# %%capture
# %time visible = 6

# %% deploy
def handler(event, context):
    return [visible]

# %% expect
# answers
