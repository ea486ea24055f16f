"""What is known of builtins, methods and libraries: what they may change, and what comes out of them.

A table, and what is not in it may change everything that it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Kind(IntEnum):
    """What a value is, as far as it is known: nothing changes a CONST; reading DATA does not use it up."""

    CONST = 0
    DATA = 1
    OTHER = 2
    FUNC = 3
    CLASS = 4
    MODULE = 5

    @staticmethod
    def joined(kinds: Iterable[Kind]) -> Kind:
        """What one of several is, or what holds them all."""
        found = set(kinds) or {Kind.CONST}
        if len(found) == 1:
            return found.pop()
        return Kind.DATA if found <= {Kind.CONST, Kind.DATA} else Kind.OTHER


#: builtins that change nothing and answer with something immutable; they may use up an iterator
CONST_BUILTINS = words(
    "abs all any ascii bin bool bytes callable chr complex divmod float format frozenset hasattr hash hex id "
    "input "
    "int isinstance issubclass len oct ord pow print range repr round str help display pprint type slice"
)
#: builtins whose answer holds what they were given
HOLDING_BUILTINS = words("dict list set sorted sum tuple min max bytearray")
#: builtins that answer with an iterator
LAZY_BUILTINS = words("enumerate filter iter map reversed zip")
#: builtins that look at what they are given, and at nothing inside it
LOOKING = words(
    "callable hasattr hash help id isinstance issubclass len print pprint display repr str type format "
    "getattr "
    "super vars dir"
)
#: builtins that change their first argument
CHANGING_BUILTINS = frozenset({"next", "anext", "setattr", "delattr"})

#: methods that change nothing, of whatever of Python's or of a library's has them
READING_METHODS = words(
    "capitalize casefold center copy count decode encode endswith expandtabs find format get group groups "
    "groupdict "
    "hex index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isspace istitle isupper "
    "items "
    "keys ljust lower lstrip partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit "
    "rstrip "
    "split splitlines startswith strip swapcase title translate upper values zfill join most_common elements "
    "total "
    "union intersection difference symmetric_difference isdisjoint issubset issuperset as_integer_ratio "
    "is_integer "
    "bit_length bit_count conjugate to_bytes isoformat strftime timestamp weekday isoweekday date "
    "total_seconds "
    "astimezone exists is_file is_dir fullmatch match search findall "
    "head tail describe info mean median std var max min sum cumsum quantile nunique unique value_counts corr "
    "cov "
    "groupby agg aggregate apply transform merge astype to_dict to_list tolist to_string to_numpy isna isnull "
    "notna "
    "notnull fillna dropna drop_duplicates sort_values sort_index reset_index set_index rename assign query "
    "pivot "
    "pivot_table melt stack unstack rolling resample shift diff idxmax idxmin nlargest nsmallest between "
    "isin "
    "round abs clip reshape ravel flatten transpose argmax argmin argsort dot any all "
    "plot hist boxplot scatter bar"
)
#: of those, methods whose answer is immutable for every receiver that is no library's
CONST_METHODS = words(
    "capitalize casefold center count decode encode endswith expandtabs find format hex index isalnum isalpha "
    "isascii "
    "isdecimal isdigit isidentifier islower isnumeric isspace istitle isupper ljust lower lstrip "
    "removeprefix "
    "removesuffix rfind rindex rjust rstrip startswith strip swapcase title translate upper zfill join "
    "isoformat "
    "strftime timestamp weekday isoweekday date total_seconds bit_length bit_count replace group groups"
)
#: methods whose answer is a new list of texts or numbers
FRESH_METHODS = words("split splitlines rsplit partition rpartition readlines findall tolist")
#: methods of containers: they change what they are called on, and hold what they are given
HOLDING_METHODS = words(
    "add append appendleft clear difference_update discard extend extendleft fill insert intersection_update "
    "pop "
    "popitem popleft put remove reverse rotate setdefault sort symmetric_difference_update update"
)
#: methods that run through what they are given
USING_METHODS = words("join extend extendleft update union intersection difference")

#: names of functions that decorate and leave a function that answers as the written one
PLAIN_DECORATORS = words(
    "functools.cache functools.lru_cache functools.wraps functools.total_ordering dataclasses.dataclass "
    "contextlib.contextmanager contextlib.asynccontextmanager typing.no_type_check typing.overload typing.final "
    "typing.runtime_checkable abc.abstractmethod staticmethod classmethod property functools.cached_property "
    "numba.jit numba.njit enum.unique"
)

#: modules whose functions change nothing that they are given
READING_MODULES = words(
    "math cmath statistics json re string textwrap datetime time calendar hashlib base64 binascii copy "
    "unicodedata fractions decimal numbers typing platform uuid struct zlib difflib html urllib glob fnmatch "
    "pprint IPython matplotlib seaborn plotly altair bokeh numpy pandas pathlib itertools operator "
    "collections "
    "functools dataclasses enum os sys locale random timeit textwrap bisect heapq warnings logging io csv ast"
)
#: functions of those that do change their first argument
CHANGING_FUNCTIONS = words(
    "random.shuffle numpy.random.shuffle heapq.heappush heapq.heappop heapq.heapify heapq.heapreplace "
    "heapq.heappushpop bisect.insort bisect.insort_left bisect.insort_right numpy.put numpy.copyto numpy.place "
    "numpy.putmask numpy.fill_diagonal operator.setitem operator.delitem operator.iadd operator.iconcat "
    "functools.update_wrapper json.dump csv.writer csv.reader io.TextIOWrapper struct.pack_into"
)
#: modules whose functions answer with something immutable
CONST_MODULES = words(
    "math cmath statistics datetime decimal fractions hashlib base64 string uuid unicodedata time"
)
#: modules whose functions answer with data that is not used up by reading it
DATA_MODULES = words("numpy pandas json copy calendar")
#: functions that answer so, of modules of which not all do
CONST_FUNCTIONS = words(
    "re.compile re.sub re.escape json.dumps random.random random.randint random.randrange random.uniform "
    "random.gauss textwrap.dedent textwrap.fill os.getcwd os.getenv os.path.join"
)
DATA_FUNCTIONS = words(
    "re.findall re.split collections.Counter collections.OrderedDict collections.deque collections.defaultdict "
    "collections.namedtuple random.sample random.choices random.shuffle textwrap.wrap glob.glob os.listdir"
)
#: modules that only show: what a notebook draws is not needed where a function runs
SHOWING = words("matplotlib seaborn plotly altair bokeh IPython pprint")

#: what of a module has a state of its own: what draws from it or sets it changes it for who comes next
STATEFUL = ("numpy.random", "random", "decimal", "locale", "os.environ")
#: functions that reach such a state by another name
REACHES = {"os.getenv": "os.environ", "os.putenv": "os.environ", "os.unsetenv": "os.environ"}
#: of those, where every call moves the state on
DRAWING = ("numpy.random", "random")
#: how the name of a function begins that sets something in its module
SETTING = (
    "set",
    "seed",
    "use",
    "register",
    "config",
    "enable",
    "disable",
    "install",
    "add",
    "manual_seed",
    "reset",
)
#: functions whose effect reaches everything
EVERYWHERE = frozenset({"sys.setrecursionlimit", "os.chdir", "sys.set_int_max_str_digits"})
