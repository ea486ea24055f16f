"""A lambda inside a call that goes over several lines."""

# %%
order = sorted(
    ["bb", "a", "ccc"],
    key=lambda w: (
        -len(w),
        w,
    ),
)
key = (lambda w:
    len(w)
    + 1)

# %% deploy
def handler(event, context):
    return [order, key("abc")]

# %% expect
# answers
