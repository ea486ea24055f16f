"""import a.b binds a; what is used of it is imported."""

# %%
import os.path, xml.etree.ElementTree as ET
import importlib.metadata
import concurrent.futures

# %%
def first(text):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: ET.fromstring(text).tag).result()

# %% deploy
def handler(event, context):
    return [first("<a/>"), os.path.basename("/x/y"), importlib.metadata.PackageNotFoundError.__name__]

# %% expect
# answers
