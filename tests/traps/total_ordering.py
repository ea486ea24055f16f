"""A class decorator of the library."""

# %%
import functools
@functools.total_ordering
class Size:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
    def __lt__(self, other): return self.n < other.n
    def __hash__(self): return hash(self.n)

# %%
sizes = [Size(3), Size(1)]

# %% deploy
def handler(event, context):
    return [Size(2) >= Size(1), [s.n for s in sorted(sizes)]]

# %% expect
# answers
