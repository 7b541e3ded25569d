# Everything runs in .venv, which tools/setup.sh makes and keeps up to date.
# File names are relative here, since make cannot handle a space in the folder's name.

.PHONY: help setup verify trust report docs gen test lint clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile | expand -t 14
	@echo 'ARGS="..." goes to the command; PYTHON=... names the Python to make .venv with.'

setup: ## make .venv with everything that is needed in it
	@sh tools/setup.sh

verify: setup ## check every claim with TLC
	@.venv/bin/kvmtla verify $(ARGS)

trust: setup ## check every link of the chain with something independent of it
	@.venv/bin/kvmtla trust $(ARGS)

report: setup ## a page for every violated claim, and report/index.html
	@.venv/bin/kvmtla report -o report $(ARGS)

docs: setup ## the documentation as a site, site/index.html
	@.venv/bin/sphinx-build -q -W --keep-going -n -d .cache/doctrees docs site $(ARGS)

gen: setup ## write tla/ anew from spec/
	@.venv/bin/kvmtla gen $(ARGS)
	@.venv/bin/kvmtla gen --pluscal missed_dirty_page_pml --kernel 5.19 --kernel 6.0 $(filter-out --all,$(ARGS))

test: setup ## run the tests, on all cores
	@# A make that a test runs must not inherit this one's ARGS.
	@unset ARGS MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL; .venv/bin/pytest -n auto --dist worksteal $(ARGS)

lint: setup ## check style, types and English
	@failed=0; for tool in 'ruff check' 'ruff format --check' mypy 'python tools/docstrings.py gen'; do \
	    echo "$$tool"; .venv/bin/$$tool || failed=1; \
	done; exit $$failed

clean: ## remove .venv, caches and built packages
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist states report site .cache
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
