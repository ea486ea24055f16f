"""A memo decorator of one's own keeps what it has stored, and its cache is reached by name."""

# %%
def memo(f):
    "Stores what f returned."
    cache = {}
    def fmemo(*args):
        if args not in cache:
            cache[args] = f(*args)
        return cache[args]
    fmemo.cache = cache
    return fmemo

# %%
@memo
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

# %%
fib(6)
fib.cache[(50,)] = -1

# %% deploy
def handler(event, context):
    return [fib(7), fib(50), len(fib.cache), sorted(fib.cache)[:2]]

# %% expect
# answers
