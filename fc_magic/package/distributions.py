"""Which distribution brings the module of an import: most are called like it, these are not.

Of several that bring a module it is the usual one, and of those with a face on a screen the one without.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Mapping

#: modules, dotted below a namespace that many distributions share -> distribution
DISTRIBUTIONS: Mapping[str, str] = {
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "IPython": "ipython",
    "Levenshtein": "levenshtein",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "Tea": "alibabacloud-tea",
    "Xlib": "python-xlib",
    "absl": "absl-py",
    "airflow": "apache-airflow",
    "aliyun.log": "aliyun-log-python-sdk",
    "aliyunsdkcore": "aliyun-python-sdk-core",
    "apscheduler": "APScheduler",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "cairo": "pycairo",
    "community": "python-louvain",
    "cpuinfo": "py-cpuinfo",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "discord": "discord.py",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "editorconfig": "EditorConfig",
    "faiss": "faiss-cpu",
    "fc2": "aliyun-fc2",
    "fitz": "PyMuPDF",
    "flask": "Flask",
    "flask_cors": "Flask-Cors",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "git": "GitPython",
    "github": "PyGithub",
    "gitlab": "python-gitlab",
    "google.auth": "google-auth",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.generativeai": "google-generativeai",
    "google.genai": "google-genai",
    "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client",
    "gridfs": "pymongo",
    "grpc": "grpcio",
    "jinja2": "Jinja2",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "Markdown",
    "markupsafe": "MarkupSafe",
    "mns": "aliyun-mns",
    "mpl_toolkits": "matplotlib",
    "nacl": "PyNaCl",
    "ots2": "tablestore",
    "pdfminer": "pdfminer.six",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pydispatch": "PyDispatcher",
    "pylab": "matplotlib",
    "pymysql": "PyMySQL",
    "pythoncom": "pywin32",
    "pywt": "PyWavelets",
    "rest_framework": "djangorestframework",
    "ruamel.yaml": "ruamel.yaml",
    "scrapy": "Scrapy",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slack_sdk": "slack-sdk",
    "slugify": "python-slugify",
    "snappy": "python-snappy",
    "socks": "PySocks",
    "speech_recognition": "SpeechRecognition",
    "sqlalchemy": "SQLAlchemy",
    "telegram": "python-telegram-bot",
    "twisted": "Twisted",
    "umap": "umap-learn",
    "usb": "pyusb",
    "wand": "Wand",
    "websocket": "websocket-client",
    "werkzeug": "Werkzeug",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "wx": "wxPython",
    "xlsxwriter": "XlsxWriter",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
    "zope.interface": "zope.interface",
}
#: names that are folders of many distributions -> how many parts of a module name one of them
NAMESPACES: Mapping[str, int] = {
    "aliyun": 2,
    "azure": 3,
    "backports": 2,
    "google": 3,
    "jaraco": 2,
    "ruamel": 2,
    "sphinxcontrib": 2,
    "zope": 2,
}


#: modules that most functions import of those which are called like their distribution, and others that are spelled
#: nearly like one of them
USUAL = """
    aiohttp arrow attrs boto boto3 botocore cachetools celery certifi click cryptography dask dateutils django docx2
    duckdb fastai fastapi feedparser geopandas geopy grequests gunicorn httpx ijson jsonschema keras lightgbm loguru
    lxml matplotlib networkx ngboost nltk numba numpy numpyro onnxruntime openai openpyxl orjson oss2 pandas pandasql
    paramiko plotly polars psutil psycopg pyarrow pydantic pymongo pymssql pyproj pyserial pytz redis regex requests
    rich scapy scipy seaborn shapely simplejson simpy spacy statsmodels sympy tenacity tensorflow tensorflow_hub
    tokenizers torch torchaudio torchtext torchvision tornado tqdm transformers typer tzdata ujson urllib3 uvicorn
    xarray xgboost xmltodict
"""


def meant(module: str) -> str:
    """The module that was meant by one that is mistyped; nothing if it is like none, or is a usual one, or one that
    this Python has."""
    top = module.partition(".")[0]
    if _is_here(top):
        return ""
    known = [*USUAL.split(), *(name for name in DISTRIBUTIONS if "." not in name)]
    near = difflib.get_close_matches(top, known, n=1, cutoff=0.8)
    return near[0] if near and near[0] != top else ""


def _is_here(top: str) -> bool:
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):  # a module that says nothing of itself
        return top in sys.modules


def distribution(module: str) -> str:
    """``yaml.nodes`` -> ``PyYAML``: what brings a module; called like it, if nothing else is known."""
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        known = DISTRIBUTIONS.get(".".join(parts[:count]))
        if known:
            return known
    if parts[0].startswith("aliyunsdk"):
        return f"aliyun-python-sdk-{parts[0].removeprefix('aliyunsdk')}"
    if parts[0].startswith("alibabacloud_"):
        return parts[0].replace("_", "-")
    return "-".join(parts[: NAMESPACES.get(parts[0], 1)])
