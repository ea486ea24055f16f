"""A class body and a default that read values which have changed since keep what they read."""

# %%
settings_ = {"size": 1}
class Page:
    size = settings_["size"]
    copy = dict(settings_)
def make(n=settings_["size"]):
    return n

# %%
settings_["size"] = 99
del settings_["size"]

# %% deploy
def handler(event, context):
    return [Page.size, Page.copy, make()]

# %% expect
# answers
