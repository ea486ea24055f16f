"""Names behind @ in a query are followed."""

# %%
import pandas as pd
df = pd.DataFrame({"a": [1, 5, 9]})
limit = 4

# %%
def above():
    return df.query("a > @limit")["a"].tolist()

# %% deploy --force
def handler(event, context):
    return above()

# %% expect
# needs: pandas
# answers
