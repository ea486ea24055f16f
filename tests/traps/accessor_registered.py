"""An accessor that a decorator gave to the series of pandas is told."""

# %%
import pandas as pd
@pd.api.extensions.register_series_accessor("twice")
class Twice:
    def __init__(self, series):
        self.all = series * 2

# %% deploy --force
def handler(event, context):
    series = pd.Series([1])
    return [int(series.sum()) if event else int(series.twice.all[0])]

# %% expect
# needs: pandas
# kernel: yes
# answers
# warned: register_series_accessor
