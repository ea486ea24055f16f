"""A local module that is excluded goes as its file is, whatever it has collected here."""

# %% file gathered.py
SEEN = []
def see(x):
    SEEN.append(x)
    return x

# %%
import gathered
gathered.see("a")

# %% deploy --exclude gathered
import gathered
def handler(event, context):
    return [gathered.see("c")]

# %% expect
# answers
# warned: module gathered goes as its file is (--exclude) | SEEN
