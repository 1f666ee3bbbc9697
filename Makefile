# make demo    sets everything up and runs comove on its embedded market
# make test    sets everything up and passes the tests
.PHONY: demo run test lint bench bench-signal fuzz faults install-service uninstall-service clean

BIN := .venv/bin

demo: .venv/.run
	@$(BIN)/comove demo $(ARGS)

run: .venv/.run
	@$(BIN)/comove run $(ARGS)

test: .venv/.dev
	@.ci/setup system
	@$(BIN)/pytest $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	@.ci/setup system
	@$(BIN)/python -m tests.benchmarks $(ARGS)

faults: .venv/.dev
	@.ci/setup system
	@$(BIN)/python -m tests.faults.kill --points 1000 --seed 1
	@$(BIN)/python -m tests.faults.storms --faults 10000 --seed 1

bench-signal: .venv/.dev
	@$(BIN)/python -m tests.benchmarks.signal $(ARGS)

fuzz: .venv/.dev
	@$(BIN)/python -m tests.benchmarks.fuzz $(ARGS)

install-service:
	@systemd/install

uninstall-service:
	@systemd/install --remove

.venv/.run: pyproject.toml
	@.ci/setup venv .
	@touch $@

.venv/.dev: pyproject.toml
	@.ci/setup venv '.[dev]'
	@touch .venv/.run $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
