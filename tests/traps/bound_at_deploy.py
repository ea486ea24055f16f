"""A time that was taken in the notebook is that time up there too."""

# %%
from datetime import datetime
started = datetime.now()

# %% deploy
def handler(event, context):
    return [started.isoformat()]

# %% expect
# answers
