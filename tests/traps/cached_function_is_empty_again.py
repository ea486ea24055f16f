"""A cache of the library's begins empty: what it holds is what the function would return."""

# %%
from functools import cache
runs = []
@cache
def square(n):
    runs.append(n)
    return n * n
square(4)
class Prices:
    @staticmethod
    @cache
    def net(n):
        return n + 1
    @cache
    def gross(self, n):
        return n + 2
Prices.net(1), Prices.net(2)

# %% deploy
def handler(event, context):
    return [square(4), square(5), Prices.net(1), Prices().gross(1)]

# %% expect
# answers
# warned: square: its cache starts empty there; it has 1 result here
# warned: Prices.net: its cache starts empty there; it has 2 results here
