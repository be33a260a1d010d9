# Needs make, git and Python 3.11 or newer; everything else goes into .venv.

VENV   := .venv
PYTHON := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
SUITABLE = "import sys; sys.exit(sys.version_info < (3, 11))"

.PHONY: demo test check bench clean
.DEFAULT_GOAL := check

$(STAMP): pyproject.toml constraints.txt
	@for python in "$$PYTHON3" python3 python3.14 python3.13 python3.12 python3.11; do \
	    if [ -n "$$python" ] && "$$python" -c $(SUITABLE) 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "make: Python 3.11 or newer is needed; name one with 'make PYTHON3=/path/to/python'" >&2; exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(PYTHON) -m compileall -q src # pip compiles no editable source, and each command would, where none may be kept
	@touch $@

demo: $(STAMP)
	$(PYTHON) codemods/demo.py

test: $(STAMP)
	$(PYTHON) -m pytest -n auto

check: $(STAMP)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m pytest -n auto --cov --cov-report=term

bench: $(STAMP)
	$(PYTHON) benchmarks/startup.py

clean:
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf .nox build dist
	find src tests codemods benchmarks -type d -name __pycache__ -exec rm -rf {} +
