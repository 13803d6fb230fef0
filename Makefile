# Everything happens in .venv; nothing global is touched. Needs Python 3.11 or later, and make.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: help demo test coverage chaos histories parity-postgres check format bench docs dist sbom lowest pythons clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/made pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed pyproject.toml
	$(PIP) install --quiet --editable '.[dev]'
	@touch $@

demo: .venv/installed  ## serve the sample school, sync it to homeroom_demo.duckdb, show what came
	@$(BIN)/homeroom demo

test: check  ## all checks, then all tests
	$(BIN)/pytest -n 2 --dist loadgroup -rs --hypothesis-profile=ci

coverage: .venv/installed-dev  ## all tests with coverage, at least 90 % of it; half as long again
	$(BIN)/pytest -n 2 --dist loadgroup -q --cov --cov-report=term

chaos: .venv/installed-dev  ## kill 200 syncs and read 100 lists that move (10 min); CHAOS_SEED=… draws others
	CHAOS_KILLS=$${CHAOS_KILLS:-200} CHAOS_DRIFTS=$${CHAOS_DRIFTS:-100} $(BIN)/pytest tests/chaos -q -n 2 --dist loadgroup

histories: .venv/installed-dev  ## 300 random histories of a school, each run compared (20 min); HISTORIES_SEED=… draws others
	HISTORIES=$${HISTORIES:-300} $(BIN)/pytest tests/histories -q -n 2

parity-postgres: .venv/installed-dev  ## the sample school in DuckDB and in PostgreSQL, every table compared (1 min)
	$(BIN)/python tests/destinations/parity.py

check: .venv/installed-dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev  ## let ruff put the code in order
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.venv/installed-bench: .venv/installed-dev pyproject.toml
	$(PIP) install --quiet --editable '.[bench]'
	@touch $@

bench: .venv/installed-bench  ## reading alone, then the whole job, against dlt on the same server (40 min)
	$(BIN)/python bench/fetch.py
	$(BIN)/python bench/whole.py --json docs/benchmarks.json --plot docs/benchmarks.svg

docs: .venv/installed-dev  ## build the documentation into site/; to search it, python -m http.server -d site
	$(BIN)/zensical build --clean --strict

dist: .venv/installed-dev  ## build sdist and wheel of this version into dist/, test both, write their bills of materials
	$(BIN)/python tools/release_version.py
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	HOMEROOM_DIST=$(CURDIR)/dist $(BIN)/pytest tests/release -q
	$(BIN)/python tools/sbom.py dist/*.whl

sbom: .venv/installed-dev  ## the bills of materials (CycloneDX) of a wheel of this tree, into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	$(BIN)/python tools/sbom.py dist/*.whl

lowest: .venv/installed-dev  ## all tests under the lowest versions that are allowed; TESTS="tests/unit tests/cli" takes some
	$(BIN)/python tools/lowest.py -q -n 2 --dist loadgroup $(TESTS)

pythons: .venv/installed-dev  ## a wheel of this tree under each Python that is supported and that is there
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	$(BIN)/python tools/pythons.py dist/*.whl

clean:  ## remove what was made
	rm -rf .venv .venv-lowest dist site homeroom_demo.duckdb .coverage* .mypy_cache .ruff_cache
