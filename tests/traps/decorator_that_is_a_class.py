"""A class that is used as a decorator, with what its instance has collected."""

# %%
class Memo:
    def __init__(self, f):
        self.f, self.seen = f, {}
    def __call__(self, n):
        if n not in self.seen:
            self.seen[n] = self.f(n)
        return self.seen[n]

# %%
@Memo
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

# %%
fib(5)
fib.seen[30] = "known"

# %% deploy
def handler(event, context):
    return [fib(10), fib(30), type(fib).__name__]

# %% expect
# answers
