"""A logger is found by its name again, a pattern is compiled again."""

# %%
import logging, re
log = logging.getLogger("shop")
digits = re.compile(r"\d+")

# %%
def count(text):
    log.debug("counting")
    return len(digits.findall(text))

# %% deploy
def handler(event, context):
    return [count("a1b22"), log.name]

# %% expect
# answers
