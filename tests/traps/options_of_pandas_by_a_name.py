"""The options of pandas are looked at, however they were set."""

# %%
import pandas as pd
o = pd.options
o.display.max_rows = 4

# %% deploy --force
def handler(event, context):
    return [len(pd.DataFrame({"a": [1]}))]

# %% expect
# needs: pandas
# kernel: yes
# answers
# warned: display.max_rows
