"""A frame with a column of objects is refused by its name."""

# %%
import pandas as pd
class Thing: pass
df = pd.DataFrame({"a": [Thing(), Thing()]})

# %% deploy
def handler(event, context):
    return [len(df)]

# %% expect
# needs: pandas
# refused: df
