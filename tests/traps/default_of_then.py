"""A default is what its name meant when the function was made."""

# %%
size = 3
def chunk(text, n=size):
    return text[:n]

# %%
size = 100

# %% deploy
def handler(event, context):
    return [chunk("abcdefgh"), size]

# %% expect
# answers
