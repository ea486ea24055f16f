"""A decorator with arguments is called with the arguments of then."""

# %%
times = 2
def repeated(n):
    def decorate(f):
        def run(x):
            return [f(x)] * n
        return run
    return decorate

# %%
@repeated(times)
def word(x):
    return x.upper()

# %%
times = 5

# %% deploy
def handler(event, context):
    return word("ab")

# %% expect
# answers
