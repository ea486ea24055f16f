"""A function whose own name now means another calls that other."""

# %%
def down(n):
    return [n] if n == 0 else [n, *down(n - 1)]

# %%
original = down

# %%
def down(n):
    return ["other"]

# %% deploy
def handler(event, context):
    return [original(3)]

# %% expect
# answers
