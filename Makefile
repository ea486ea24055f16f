# Two commands for a newcomer: `make demo` and `make test`. Everything is installed into .venv, nothing elsewhere.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LAB    := $(VENV)/.installed-lab
SEEN   := $(VENV)/.installed-browser

PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WANTED := -c constraints.txt --group dev -e .
# the index that pip is configured for is uv's as well
OF_PIP := index=$$($(BIN)/python -m pip config list | sed -nE "s/^[^ ]*[.]index-url='(.*)'$$/\1/p" | tail -n 1); \
	if [ -n "$$index" ] && [ -z "$$UV_DEFAULT_INDEX$$UV_INDEX_URL" ]; then export UV_DEFAULT_INDEX="$$index"; fi;

FORGET := $(BIN)/fc-magic stop >/dev/null; rm -rf $$FC_MAGIC_HOME

.PHONY: help demo lab test lint types unit notebooks test-browser bench clients clean constraints
.DEFAULT_GOAL := help

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV), once: first uv (1 of 2) …"
	@$(PIP) -c constraints.txt uv
	@echo "… then the extension, Jupyter and the tools of the tests (2 of 2): a minute or two, longer on a busy machine"
	@$(OF_PIP) $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode $(WANTED) || \
		{ echo "uv could not install it; pip tries" && $(PIP) --upgrade "pip>=25.1" && $(PIP) $(WANTED); }
	@touch $(STAMP)

$(LAB): $(STAMP)
	@echo "installing JupyterLab and Notebook into $(VENV) (once)"
	@$(PIP) -c constraints.txt -e '.[lab]'
	@touch $(LAB)

$(SEEN): $(STAMP)
	@echo "installing JupyterLab and Playwright into $(VENV) (once)"
	@$(OF_PIP) $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt --group browser || \
		$(PIP) -c constraints.txt --group browser
	@touch $(SEEN)

# what a person has set or deployed has no part in these
demo notebooks: export FC_MAGIC_TARGET := local
demo notebooks: export FC_MAGIC_CONFIG := /dev/null
demo notebooks: export FC_MAGIC_HOME = $(CURDIR)/$(VENV)/$@

demo: $(STAMP) ## run the quickstart notebook on the embedded Function Compute
	@$(BIN)/python notebooks/show.py notebooks/01_quickstart.ipynb; status=$$?; $(FORGET); exit $$status

lab: $(LAB) ## open the notebooks in JupyterLab
	@cd notebooks && ../$(BIN)/jupyter lab 01_quickstart.ipynb

test: lint types unit notebooks ## every check: ruff, mypy, pytest, the notebooks

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

# tests wait more than they compute: three at once are right for two cores
WORKERS ?= 3
# a test starts many processes; what was compiled once need not be compiled in each
unit notebooks bench: export PYTHONDONTWRITEBYTECODE :=

unit: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not bench and not browser"

notebooks: $(STAMP) ## the tutorials as tests
	$(BIN)/pytest -p no:cacheprovider --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg notebooks; \
		status=$$?; $(FORGET); exit $$status

test-browser: $(SEEN) ## look at JupyterLab in the Chromium of this machine
	$(BIN)/pytest -m browser tests/browser

$(VENV)/peers/.installed: $(STAMP)
	@echo "installing what we are measured against into $(VENV)/peers (once)"
	@$(BIN)/python -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check functions-framework gunicorn chalice
	@touch $@

bench: $(VENV)/peers/.installed ## measure: median and p99, with the machine, beside others
	$(BIN)/pytest -m bench -s tests/benchmarks

CLIENTS := $(VENV)/clients
$(CLIENTS)/.installed: $(STAMP)
	@echo "installing Lithops and Serverless Devs into $(CLIENTS) (once): needs python3.10, npm and zip"
	@python3.10 -m venv $(CLIENTS)/lithops
	@$(CLIENTS)/lithops/bin/python -m pip install --quiet --disable-pip-version-check "lithops[aliyun]==3.8.0"
	@npm install --no-audit --no-fund --loglevel=error --prefix $(CLIENTS)/s @serverless-devs/s@3.1.10
	@touch $@

clients: export FC_MAGIC_TEST_LITHOPS = $(CURDIR)/$(CLIENTS)/lithops/bin/python
clients: export FC_MAGIC_TEST_S = $(CURDIR)/$(CLIENTS)/s/node_modules/.bin/s
clients: $(CLIENTS)/.installed ## drive the embedded Function Compute by Lithops and Serverless Devs
	$(BIN)/pytest -m clients tests/clients

constraints: $(STAMP) ## renew constraints.txt: names and versions for every supported Python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.10 --all-extras --group dev --group browser \
		--no-header --no-annotate --no-emit-index-url --upgrade --quiet --output-file constraints.txt

clean: ## remove what was built and installed
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
