"""A function that was wrapped in a later cell is the wrapped one."""

# %%
from functools import lru_cache
calls = []

# %%
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

# %%
fib = lru_cache(None)(fib)

# %% deploy
def handler(event, context):
    return [fib(90), fib.cache_info().maxsize]

# %% expect
# answers
