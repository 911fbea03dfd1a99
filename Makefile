# One command makes the book, one tests it; both set up what they need.
# make help lists the rest.

PYTHON ?= python3
WAVE ?= 2025-reference
NAME ?= $(WAVE)
EDITIONS ?= $(NAME)
# the waves that are drawn from a model, and nobody answered
PRACTICE := $(notdir $(wildcard data/waves/practice-*))
VENV := .venv
BIN := $(VENV)/bin
# what Git puts every notebook through on its way into a commit: nothing that was evaluated gets in
STRIP := nbstripout --keep-id --extra-keys cell.metadata.user_expressions

.DEFAULT_GOAL := help
.PHONY: help book test test-fast test-all check audit reconstruct invent verify lab serve publish lock clean

help: ## list what can be made
	@echo "WAVE=name picks a folder of data/waves (now: $(WAVE)), NAME=name calls the edition otherwise"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

book: $(VENV)/book.done ## build an edition from the raw export, into _build/editions/NAME/nl
	$(BIN)/python -m analysis book --wave $(WAVE) --name $(NAME)

test: $(VENV)/test.done ## units, rules, one book, each page once in a browser: within 5 minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not long"

test-fast: $(VENV)/test.done ## units and rules alone, within 40 seconds; one package: pytest tests/stats
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not long and not whole"

test-all: test ## the same as test, then simulations, thin waves, all variants: within 30 minutes
	$(BIN)/python -m pytest -n auto --dist worksteal -m long

check: $(VENV)/book.done ## hold the export, the study file and what was read in figures against what is asked, list what is to be written
	$(BIN)/python -m analysis check --wave $(WAVE)

audit: $(VENV)/book.done ## hold every claim of the report against WAVE, list where it says
	$(BIN)/python -m analysis audit --wave $(WAVE)

reconstruct: $(VENV)/book.done ## take up what was read in the report's figures, and make the reference wave anew
	$(BIN)/python -m analysis reconstruct --wave $(WAVE)

invent: $(VENV)/book.done ## draw the invented waves to practise on anew, from their models in data/waves/practice-*
	$(foreach wave,$(PRACTICE),$(BIN)/python -m analysis invent --wave $(wave) &&) true

verify: $(VENV)/book.done ## hold the published edition against the checkout
	$(BIN)/python -m analysis verify --name $(NAME)

lab: $(VENV)/book.done ## open the chapters in JupyterLab
	$(BIN)/jupyter lab

serve: $(VENV)/book.done ## show an edition at http://127.0.0.1:8000, and keep it true while you write
	$(BIN)/python -m analysis serve --wave $(WAVE) --name $(NAME)

publish: $(VENV)/book.done ## write EDITIONS into DIR; one of people's answers also needs READER and I_HAVE_READ_IT
	$(BIN)/python -m analysis publish --to "$(DIR)" --edition $(EDITIONS) --reader "$(READER)"

lock: ## renew the locks from requirements.in and tests/requirements.in
	$(PYTHON) -m venv --clear _build/lock
	_build/lock/bin/pip install --quiet pip-tools
	_build/lock/bin/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -o requirements.txt requirements.in
	_build/lock/bin/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -o tests/requirements.txt tests/requirements.in

clean: ## throw away everything that was made, but not the virtual environment
	rm -rf _build data/clean

$(VENV)/book.done: requirements.txt pyproject.toml analysis/build/jupyter_config.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Name another: make book PYTHON=python3.11"; exit 1; }
	@echo "setup     virtual environment and packages, once: a minute or two"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p $(VENV)/etc/jupyter && cp analysis/build/jupyter_config.py $(VENV)/etc/jupyter
	@if git rev-parse --git-dir >/dev/null 2>&1; then git config filter.nbstripout.clean "$(abspath $(BIN))/$(STRIP)"; fi
	@touch $@

$(VENV)/test.done: $(VENV)/book.done tests/requirements.txt
	@echo "setup     packages for the tests, and a browser"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@$(BIN)/python tests/browser.py
	@touch $@
