"""A frame that has an open file in it is refused."""

# %%
import pandas as pd
df = pd.DataFrame({"a": [open("/dev/null")]})

# %% deploy --force
def handler(event, context):
    return [len(df)]

# %% expect
# needs: pandas
# refused: df
