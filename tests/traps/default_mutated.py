"""A default argument that was mutated by calls keeps what it has collected."""

# %%
def collect(x, seen=[]):
    seen.append(x)
    return seen

# %%
collect(1), collect(2)

# %% deploy
def handler(event, context):
    return list(collect("new"))

# %% expect
# answers
