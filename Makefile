# One command does everything: `make play`. Every target that needs the install makes it first.
BIN := .venv/bin

.PHONY: play test setup lint format bench pins clean help

play: setup ## Play (installs everything on the first call)
	@$(BIN)/game play

setup: ## Make .venv: check tools, install, prepare the model (PYTHON=… picks the Python)
	@PYTHON="$(PYTHON)" sh scripts/setup.sh

test: lint ## Check style, types and module boundaries, then run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup ## Check style, types and module boundaries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Put every file into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Run every benchmark; results go to benchmarks/results/
	@for name in $$(basename -s .py benchmarks/[a-z]*.py); do \
		echo "==> benchmarks.$$name"; $(BIN)/python -m "benchmarks.$$name" || exit 1; done

pins: setup ## Write the versions now in .venv to constraints.txt
	@sh scripts/pins.sh

clean: ## Remove .venv and everything that was made; never saves/
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
