# Two commands: `make run` sets up and starts everything, `make test` sets up and tests.
.DEFAULT_GOAL := help
BIN := .venv/bin
# Rasa and TensorFlow speak of themselves only when something is wrong.
export TF_CPP_MIN_LOG_LEVEL := 3
export RASA_TELEMETRY_ENABLED := false
export PYTHONWARNINGS := ignore

.PHONY: help run test test-fast test-postgres chaos check train evaluate bench format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.ready ## Set up and start everything: demo website and staff console
	@$(BIN)/helpline run

# Those that start servers or a browser have the machine to themselves.
test: .venv/.ready train ## Set up and run all tests
	@$(BIN)/pytest -n 2 --dist loadfile -m "not servers" tests
	@$(BIN)/pytest -m servers tests

test-fast: .venv/.ready ## Run the tests that start no servers
	@$(BIN)/pytest tests/unit tests/database

test-postgres: .venv/.ready train ## Run all tests on a PostgreSQL and a Redis of their own
	@$(BIN)/python -m tests.postgres $(BIN)/python -m tests.redis $(BIN)/pytest -n 2 --dist loadfile -m "not servers" tests
	@$(BIN)/python -m tests.postgres $(BIN)/python -m tests.redis $(BIN)/pytest -m servers tests

chaos: .venv/.ready train ## Kill servers and cut networks while visitors write, and prove that nothing is lost
	@$(BIN)/python -m tests.chaos sqlite --write
	@$(BIN)/python -m tests.chaos postgresql --write

check: .venv/.ready ## Lint, type-check, and check all data
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/djlint --quiet --check --lint helpline/console/templates helpline/channels/web/templates
	@# It lists each response that only code names; the project's own checks know better, so it speaks when it fails.
	@said=$$($(BIN)/python -m helpline.lean_rasa data validate --fail-on-warnings 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/helpline check-data

train: .venv/.ready ## Train what is not trained for the present data
	@$(BIN)/helpline train

evaluate: .venv/.ready train ## Score the assistant, and compare with the last committed figures
	@$(BIN)/helpline evaluate

bench: .venv/.ready train ## Measure against Rasa's stock pipeline, and the encoder's engines; takes an hour
	@# Measured only, and no part of the environment; where it cannot be fetched, the tables say so.
	@.tools/bin/uv pip install --quiet --python $(BIN)/python --target .cache/bench --no-deps ctranslate2==4.8.5 || true
	@$(BIN)/helpline bench

format: .venv/.ready ## Format code and templates
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/djlint --quiet --reformat helpline/console/templates helpline/channels/web/templates

lock: ## Resolve the dependencies anew into requirements.lock
	@.tools/bin/uv pip compile --quiet --python $(BIN)/python --extra dev --generate-hashes --no-header --upgrade -o requirements.lock pyproject.toml

clean: ## Remove what can be made again; the database in var/ stays
	rm -rf .venv .tools .cache .rasa models/*.tar.gz models/*.npz .mypy_cache .ruff_cache .pytest_cache

.venv/.ready: requirements.lock pyproject.toml deploy/setup.sh
	@deploy/setup.sh
