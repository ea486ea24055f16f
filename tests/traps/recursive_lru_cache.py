"""A recursive cached function calls the cached one."""

# %%
import functools

# %%
@functools.lru_cache(maxsize=512)
def paths(x, y):
    return 1 if not x or not y else paths(x - 1, y) + paths(x, y - 1)

# %%
paths(3, 3)

# %% deploy
def handler(event, context):
    return [paths(30, 30), paths.cache_info().maxsize]

# %% expect
# answers
