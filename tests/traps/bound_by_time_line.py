"""A name bound by %time is followed like any other."""

# %%
# %time primes = [n for n in range(2, 30) if all(n % d for d in range(2, n))]

# %% deploy
def handler(event, context):
    return primes

# %% expect
# answers
