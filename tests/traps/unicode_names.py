"""Names of other scripts, and one that Python normalises."""

# %%
größe = 3
def 面积(ﬁx):
    return fix * größe

# %% deploy
def handler(event, context):
    return [面积(2)]

# %% expect
# answers
