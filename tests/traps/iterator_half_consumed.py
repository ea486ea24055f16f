"""An iterator is refused: what is left of it is no value."""

# %%
left = iter([1, 2, 3])
next(left)

# %% deploy
def handler(event, context):
    return list(left)

# %% expect
# refused: left | iterator
