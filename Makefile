# Every target is one command; the work is in engines/ (processes) and `openinsure` (the product).
# The distribution's Python where it is new enough and complete: it is built with profile-guided
# optimization, a plain build (pyenv's) is not, and each command would take a tenth longer.
COMPLETE = import os, sys, sysconfig as s, venv, ensurepip; \
  sys.exit(sys.version_info < (3, 11) or not os.path.exists(s.get_path("include") + "/Python.h"))
PYTHON ?= $(shell /usr/bin/python3 -c '$(COMPLETE)' 2>/dev/null && echo /usr/bin/python3 || echo python3)
ENGINES = $(PYTHON) -m engines
BIN = .venv/bin
OPENINSURE = $(BIN)/openinsure
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*/\1/p' $(MAKEFILE_LIST))

run: ## install what is missing, start everything, print where to go
	@$(ENGINES) up
stop: ## stop what `make run` started, and nothing else
	@$(ENGINES) down
status: ## which processes of the local stack run
	@$(ENGINES) status
engines: ## start only the engines, their schemas and accounts; builds SpiceDB where Go is
	@$(ENGINES) engines
test: ## install what is missing, run the whole suite on engines of its own
	@$(ENGINES) test $(ARGS)
prepare $(OPENINSURE):
	@$(ENGINES) prepare
lint: prepare ## ruff and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
map: prepare ## write docs/MAP.md anew from the docstrings
	@UPDATE_MAP=1 $(BIN)/pytest -q tests/test_map.py
types: prepare ## mypy --strict
	@$(BIN)/mypy
e2e: ## browser suite alone
	@$(ENGINES) test -m e2e $(ARGS)
properties: ## the properties of money, postings and the ledger, 1,000 cases each
	@OPENINSURE_PROPERTIES=properties $(ENGINES) test tests/money tests/billing/test_journal.py \
	  tests/contracts/test_ledger_sequences.py tests/contracts/test_posting_events.py $(ARGS)
fuzz: ## a million random statements against the tenant guard
	@$(ENGINES) with python -m tests.tenancy.fuzz $(ARGS)

bench-guard: ## what a cached statement costs in the tenant guard (limit 1 us)
	@$(ENGINES) with python -m tests.tenancy.benchmark
bench-drift: ## what comparing the five live keyspaces costs (limit 40 ms of CPU)
	@$(ENGINES) with python -m tests.dbops.benchmark
bench-earning: ## what a night of earning costs a stream (at least 150,000 a second)
	@$(ENGINES) with python -m tests.billing.benchmark
bench-money: ## whole earning job, posting and reconciliation, with ratios; SIZE=smoke|full
	@$(ENGINES) with python -m tests.benches
bench-find: $(OPENINSURE) ## look-up and lists on the demo data that is loaded (p95 limit 150 ms at 100,000 policies)
	@$(BIN)/python -m tests.benches.look_up
bench-pages: $(OPENINSURE) ## every page for every role on the demo data that is loaded (6 statements, 1 s)
	@$(BIN)/python -m tests.benches.pages
bench: bench-guard bench-drift bench-earning bench-money ## what guard, comparison and money cost, with figures
fixtures: ## rebuild tests/fixtures with the real tools (Node): DATABASE=mysql://user:pw@host:port POSTGRES=postgres://user:pw@host:port
	@tests/fixtures/make/make.sh "$(DATABASE)" "$(POSTGRES)"
fault: ## NAME=oi_claims|mariadb|web|... MODE=refuse|hang|clear
	@$(ENGINES) fault --name "$(NAME)" --mode "$(MODE)"
demo: $(OPENINSURE) ## load demo data, SIZE=small|medium|large
	@$(OPENINSURE) demo load --size $(or $(SIZE),small)

db-status: $(OPENINSURE) ## the six databases in one table
	@$(OPENINSURE) db status $(ARGS)
db-migrate: $(OPENINSURE) ## pending migrations of all local databases
	@$(OPENINSURE) db migrate --local --yes $(ARGS)
	@$(ENGINES) grants
db-migrate-d1: $(OPENINSURE) ## pending migrations of the two D1 databases at Cloudflare
	@$(OPENINSURE) db migrate --d1 --remote $(ARGS)
db-migrate-d1-local: $(OPENINSURE) ## pending migrations of the two local D1 files
	@$(OPENINSURE) db migrate --d1 --local --yes $(ARGS)
db-migrate-spicedb: $(OPENINSURE) ## SpiceDB's own migration of its datastore
	@$(OPENINSURE) db migrate --spicedb $(ARGS)
db-migrate-ps-deploy: $(OPENINSURE) ## what a deploy request would carry: the pending files, statement by statement; opening it waits for deploy requests
	@$(OPENINSURE) db migrate --ps --dry-run $(ARGS)
db-generate: $(OPENINSURE) ## next migration file from the models: NAME=add_column [KS=oi_claims]
	@$(OPENINSURE) db generate "$(NAME)" $(if $(KS),--keyspace $(KS)) $(ARGS)
tb-health: $(OPENINSURE) ## health of the ledger
	@$(OPENINSURE) ledger health $(ARGS)

vitess-up: ## local Vitess with the five keyspaces, where vttestserver is installed
	@$(ENGINES) vitess up
vitess-shell: ## a client in one keyspace: KS=oi_global
	@$(ENGINES) vitess shell --keyspace $(or $(KS),oi_global)
vitess-status: ## table counts per keyspace
	@$(ENGINES) vitess status
vitess-reset: ## wipe and start the local Vitess anew
	@$(ENGINES) vitess reset
help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) \
	  | awk -F '\t' '{ printf "  make %-22s %s\n", $$1, $$2 }'
