"""Static and class methods that were set later, and a cached one."""

# %%
import functools
class Shop:
    rate = 2
    @functools.lru_cache(None)
    def slow(self, x):
        return [x * self.rate]

# %%
def make(cls, x):
    return [cls.__name__, x]
Shop.make = classmethod(make)
Shop.plain = staticmethod(lambda x: x + 1)

# %% deploy
def handler(event, context):
    return [Shop.make(1), Shop.plain(1), Shop().slow(3)]

# %% expect
# answers
