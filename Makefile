# The console's commands. `make run` starts it; `make test` is what CI runs; `make help` lists the rest.
# HOST, PORT and VAR_DIR name the instance: make run PORT=9000 VAR_DIR=/srv/console

.PHONY: help run lab admin demo-password doctor test lint types checks test-sqlite test-postgres test-browser audit environment
.NOTPARALLEL:
.SUFFIXES:

VENV ?= .venv
PYTHON ?=
VAR_DIR ?= var
REPORTS ?= var/reports
PYTEST_ARGS ?= --numprocesses=2 --dist=loadfile
export PYTHON VAR_DIR

python := $(VENV)/bin/python
pytest = $(python) -m pytest --junitxml=$(REPORTS)/$@.xml $(PYTEST_ARGS)
production = env PRODUCTION=1 DATABASE_URL=postgres://localhost/none REDIS_URL=redis://localhost/0 \
	ALLOWED_HOSTS=console.example BEHIND_PROXY=1 \
	SECRET_KEY=`$(python) -c 'import secrets; print(secrets.token_urlsafe(60))'` \
	FIELD_KEYS=`$(python) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

run: ## Start the console on http://127.0.0.1:8000 (Ctrl-C stops it)
	@bin/bootstrap $(VENV) requirements.txt
	@exec $(python) -m vpnconsole.runtime --with-parent

admin: ## Create an administrator
	@bin/bootstrap $(VENV) requirements.txt
	@exec $(python) manage.py create_admin

demo-password: ## Show the password of the user demo
	@cat '$(VAR_DIR)/demo-password'

doctor: ## Name what is wrong with the console of VAR_DIR
	@bin/bootstrap $(VENV) requirements.txt
	@exec $(python) manage.py doctor

# The whole suite comes last: its summary is the last line.
test: lint types checks test-postgres test-sqlite ## Everything CI checks

environment:
	@bin/bootstrap $(VENV) requirements.txt requirements-dev.txt
	@mkdir -p $(REPORTS)

lint: environment ## Style, format, the direction of imports, and what bandit knows of weak code
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(VENV)/bin/lint-imports
	$(python) -m bandit --quiet --configfile pyproject.toml --recursive .

# Not part of `make test`: the answer changes without the code, and comes from a service on the network.
audit: environment ## Known vulnerabilities of everything installed (asks pypi.org)
	$(python) -m pip_audit --strict --local --progress-spinner off

types: environment ## Static types
	$(python) -m mypy .

checks: environment ## Translations, migrations and the deployment check under production settings
	$(python) manage.py check_texts
	$(python) manage.py makemigrations --check --dry-run
	$(production) $(python) manage.py check --deploy --fail-level WARNING

test-sqlite: environment ## The whole suite, on SQLite and the embedded Valkey
	$(python) bin/with_services.py embedded $(pytest)

test-postgres: environment ## What touches data, on PostgreSQL and Redis
	$(python) bin/with_services.py servers $(pytest) -m database

test-browser: environment ## What drives a browser
	$(python) bin/with_services.py embedded $(pytest) -m browser

lab: environment ## Random pairs against a real strongSwan (root, Linux): make lab LAB_ARGS="--count 2000 --seed 7"
	@PYTHONPATH=tests $(python) -m lab $(LAB_ARGS)
