"""A count, a cycle or a zip that stands somewhere is refused too."""

# %%
import itertools
ids = itertools.count(5)
next(ids)

# %% deploy
def handler(event, context):
    return [next(ids)]

# %% expect
# refused: ids
