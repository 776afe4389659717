# Commonfield's commands. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
# Other people's clients, for the tests.
CLIENTS := .venv-clients
CLIENTS_STAMP := $(CLIENTS)/.installed
# The first Python that fits; `make env PYTHON3=/path/to/python3.12` chooses another.
PYTHON3 ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo "$$python" && break; done)
# Runs a command beside throw-away servers, for what needs settings or a database but nobody's data.
BESIDE := $(PYTHON) -m deploy.embedded

.PHONY: help env demo up shell test matrix check format messages bench fuzz lock clean chromium fonts r

help: ## list these commands
	@echo "make COMMAND"
	@sed -nE 's/^([a-z]+):[^#]*## (.*)$$/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

env: $(STAMP) ## make .venv with everything that requirements/dev.txt locks (the others do this by themselves)

demo: $(STAMP) ## the whole site with example data at http://127.0.0.1:8000 (ONCE=1: fill, check and stop)
	@$(PYTHON) manage.py demo $(if $(ONCE),--once)

up: $(STAMP) ## the whole site with your own data in var/ (ARGS="--bind 127.0.0.1:9000")
	@$(PYTHON) manage.py up $(ARGS)

shell: $(STAMP) ## a Python shell beside a running `make up`
	@$(PYTHON) manage.py shell

# In one process more than there are cores, each with servers of its own (tests/conftest.py); a part (T=) starts one set and runs in one.
SPREAD = $(if $(T)$(M),,--numprocesses=auto --dist=loadscope --no-loadscope-reorder)

test: $(STAMP) $(CLIENTS_STAMP) chromium r ## run the tests (T=path, M=marker expression, ARGS=pytest options)
	@$(PYTHON) -m pytest --durations=15 $(SPREAD) $(if $(M),-m "($(M)) and not matrix") $(ARGS) $(T)

matrix: $(STAMP) chromium fonts ## look at every page in every look and language, send 2 GB, kill the database; pictures in var/screens (SCREENS=folder)
	@$(PYTHON) -m pytest -m matrix tests/e2e $(ARGS)

check: $(STAMP) ## style, types, layers, migrations, API description, locks
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(PYTHON) -m deploy.requirements
	$(BESIDE) $(VENV)/bin/mypy
	$(BESIDE) $(PYTHON) manage.py makemigrations --check --dry-run
	$(BESIDE) $(PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(STAMP) ## correct the style where a machine can
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Needs GNU gettext (xgettext, msgmerge, msgfmt). What is new is left empty or fuzzy, and the tests say so.
CATALOGUE = catalog/locale/zh_Hans/LC_MESSAGES/django.po
messages: $(STAMP) ## bring new sentences into the Chinese catalogue, and compile it
	@DJANGO_SETTINGS_MODULE=deploy.static_settings $(PYTHON) manage.py makemessages --locale zh_Hans --no-wrap \
		--add-location file --no-obsolete --ignore tests --ignore bench --ignore client --ignore var --ignore node_modules
	@sed -i -E '/^"(POT-Creation-Date|Report-Msgid-Bugs-To):/d' $(CATALOGUE)
	@msgfmt --check-format --statistics --output-file=$(CATALOGUE:.po=.mo) $(CATALOGUE)

bench: $(STAMP) ## measure (ARGS=options of the bench)
	@$(PYTHON) -m bench $(ARGS)

fuzz: $(STAMP) ## hunt for inputs that the readers trip over (TARGET=texts|files, SECONDS=600, INPUT=a find to see again)
	@.ci/fuzzing $(PYTHON) .fuzz
	@PYTHONPATH=.fuzz/lib:. $(PYTHON) -m tests.fuzz $(or $(TARGET),files) $(if $(INPUT),0,$(or $(SECONDS),600)) .fuzz $(INPUT)

lock: $(STAMP) ## lock the newest versions that pyproject.toml allows (names, versions, hashes; no addresses)
	$(PYTHON) -m uv pip compile --quiet --upgrade --generate-hashes --universal --no-header --python-version 3.11 \
		pyproject.toml --output-file requirements/base.txt
	$(PYTHON) -m uv pip compile --quiet --upgrade --generate-hashes --universal --no-header --python-version 3.11 \
		--extra embedded --extra dev --constraint requirements/base.txt pyproject.toml --output-file requirements/dev.txt
	$(PYTHON) -m uv pip compile --quiet --upgrade --generate-hashes --universal --no-header --python-version 3.11 \
		--group pyproject.toml:clients --output-file requirements/clients.txt
	$(PYTHON) -m uv pip compile --quiet --upgrade --no-deps --generate-hashes --universal --no-header --python-version 3.11 \
		--group pyproject.toml:specifications --output-file requirements/specifications.txt
	$(PYTHON) -m deploy.requirements

clean: ## remove .venv and caches (var/, where the data are, stays)
	rm -rf $(VENV) $(CLIENTS) .fuzz .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage test-results
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# ---------------------------------------------------------------- behind the commands
$(STAMP): requirements/dev.txt client/pyproject.toml
	@.ci/environment "$(PYTHON3)" $(VENV)
	@touch $@

$(CLIENTS_STAMP): requirements/clients.txt requirements/specifications.txt | $(STAMP)
	@.ci/clients $(PYTHON) $(CLIENTS)
	@touch $@

chromium:
	@.ci/chromium

fonts:
	@.ci/fonts

r:
	@.ci/r
