"""A frame goes with its index, its types and what was changed in it."""

# %%
import pandas as pd
df = pd.DataFrame({"city": ["Rome", "Oslo", None], "n": [1, 2, 3], "x": [1.5, None, 2.5]}, index=["r", "o", "z"])
df["when"] = pd.to_datetime(["2024-01-01", "2024-02-29", None])
df["kind"] = pd.Categorical(["a", "b", "a"], categories=["b", "a"], ordered=True)
df.loc["o", "n"] = 20
df.index.name = "key"
s = df["n"] * 2

# %% deploy --force
def handler(event, context):
    return [df.to_json(date_format="iso"), [str(t) for t in df.dtypes], df.index.name, s.to_dict(), s.name,
            list(df["kind"].cat.categories)]

# %% expect
# needs: pandas
# answers
