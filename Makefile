# `make site` and `make test` install what they need, pinned and hash-checked, and run.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

.PHONY: site preview test check golden bench test-peers bench-numerics lock clean install install-test tools

site: install
	$(RUN) build.py

preview: install
	$(RUN) build.py serve

# One worker more than processors: a tenth of the time, a test waits for a browser or for a program that sleeps.
test: install-test
	$(RUN) -m pytest -n $$(($$($(RUN) -c 'import os; print(os.cpu_count() or 1)') + 1)) --dist worksteal

check: install-test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

golden: install-test
	$(RUN) -m pytest tests/reading tests/test_sites.py tests/test_errors.py --update-golden

# Compiled as pip compiles packages: where Python may write no bytecode, each start would else take 0.3 s more.
install: $(VENV)/installed node_modules/installed
	@$(RUN) -m compileall -q sitegen build.py

install-test: $(VENV)/installed-test node_modules/installed tools

# A browser and Java, in the time of the packages with `make --jobs`.
tools:
	$(PYTHON) tests/tools.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	touch $@

$(VENV)/installed-test: requirements-test.txt $(VENV)/installed
	$(PIP) install --require-hashes -r requirements-test.txt
	touch $@

# Node comes from PATH where it is 20 or later, else from PyPI into the environment.
node_modules/installed: package.json package-lock.json requirements-node.txt | $(VENV)/installed
	@if ! node -e 'process.exit(process.versions.node.split(".")[0] < 20)' 2>/dev/null || ! command -v npm >/dev/null; then \
	  echo "No Node 20 or later on PATH: installing the one from PyPI into $(VENV)"; \
	  $(PIP) install --require-hashes -r requirements-node.txt; fi
	PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --no-audit --no-fund --loglevel=error
	touch $@

# Values and gradients against scipy.special and PyTorch, and the speed against both numpy and scipy; in an environment of
# their own, because PyTorch is several gigabytes.
test-peers: .venv-peers/installed
	.venv-peers/bin/python -m pytest -n auto benchmarks/test_peers.py

bench-numerics: .venv-peers/installed
	.venv-peers/bin/python benchmarks/numerics.py

.venv-peers/installed: requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-peers.txt
	touch $@

bench: install-test
	$(RUN) benchmarks/run.py
	$(RUN) -m benchmarks.scale

# After editing requirements*.in: pins and hashes for every platform. The lock files name no index.
lock:
	$(PYTHON) -m venv .lock && .lock/bin/pip --quiet install uv
	for name in requirements requirements-test requirements-node requirements-peers; do \
	  .lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --no-header --no-annotate $$name.in -o $$name.txt; done
	rm -r .lock
	npm install --package-lock-only --omit-lockfile-registry-resolved

clean:
	if [ -x $(RUN) ]; then $(RUN) build.py clean; fi
	rm -rf $(VENV) .venv-peers node_modules
