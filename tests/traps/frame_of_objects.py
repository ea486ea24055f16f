"""A frame with a column of objects of the notebook has them there too."""

# %%
import pandas as pd
class Thing:
    def __init__(self, n): self.n = n
    def twice(self): return self.n * 2
one = Thing(1)
df = pd.DataFrame({"a": [one, Thing(2), one], "mixed": [1, "b", None]})

# %% deploy --force
def handler(event, context):
    return [[t.twice() for t in df["a"]], df["a"][0] is df["a"][2], df["a"][0] is one, df["mixed"].tolist()]

# %% expect
# needs: pandas
# answers
