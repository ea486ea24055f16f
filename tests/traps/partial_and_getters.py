"""partial, itemgetter, attrgetter, methodcaller and bound methods are values."""

# %%
from functools import partial
from operator import attrgetter, itemgetter, methodcaller
def power(base, exp):
    return base ** exp

# %%
cube = partial(power, exp=3)
second = itemgetter(1)
upper = methodcaller("upper")
real = attrgetter("real")
words = ["x"]
push = words.append
join = "-".join

# %% deploy
def handler(event, context):
    push("y")
    return [cube(2), second("ab"), upper("a"), real(3), words, join(["a", "b"])]

# %% expect
# answers
