"""Sets of the notebook's own class that are keys, whose order is seen in what is made of them."""

# %%
from collections import Counter
class Set(set):
    def __hash__(self):
        return sum(map(hash, self))
class Fixed(frozenset):
    pass

# %%
import itertools
rolls = Counter()
for a, b, c, d in itertools.product(range(1, 7), repeat=4):
    pairs = (a + b, c + d), (a + c, b + d), (a + d, b + c)
    rolls[Set(tuple(sorted(pair)) for pair in pairs)] += 1
fixed = {Fixed([12, 9, 2]): 1, Fixed("abc"): 2}
words = Set(["x", 3, None])

# %% deploy
def handler(event, context):
    return [
        sorted([sorted(k), n] for k, n in rolls.items())[:5],
        [list(k) for k in rolls][:20],
        [list(k) for k in fixed][0],
        fixed[Fixed("cab")],
        len(words),
    ]

# %% expect
# answers
