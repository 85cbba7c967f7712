# `make help` lists what there is. Everything is installed into .venv and written into _build.

SHELL := bash
.SHELLFLAGS := -o pipefail -ec
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
EXERCISES := $(notdir $(patsubst %/,%,$(wildcard solutions/*/)))
CLASS := _build/class
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# one thread a process: two run side by side, and threads that wait for one another lose more
export OMP_NUM_THREADS := 1

# the book and the class are made side by side; within the class, one gradebook has one writer
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=2
else
.NOTPARALLEL:
endif

.PHONY: help course book release class test lint bench lab clean
.DEFAULT_GOAL := help

help:  ## say what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10

course: book release class  ## build the book, release the exercises, grade the sample class
	@cat $(CLASS)/table.txt
	@echo "the book       _build/html/index.html"
	@echo "the exercises  exercises/   (make lab opens your own copies)"
	@echo "the feedback   $(CLASS)/feedback/STUDENT/EXERCISE/EXERCISE.html"
	@echo "the class      $(CLASS)/report-EXERCISE.html"
	@echo "the grades     $(CLASS)/grades.csv, and gradebook.db beside it"

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"expected Python 3.11 or later, got {v[0]}.{v[1]}; name it: make PYTHON=…")'
	@echo "setting up .venv (a minute or two) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet -r requirements.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@$(BIN)/pip check
	@$(BIN)/jupyter labextension disable --level=sys_prefix \
	    @jupyterlab/apputils-extension:announcements  # JupyterLab would ask for its news
	@touch $@

book: $(INSTALLED) release  ## build the book into _build/html
	@echo "building the book (chapters that changed are run: a minute or two each) …"
	@$(BIN)/jupyter-book build . -W -n --keep-going -q \
	    || { rm -rf _build/.doctrees; exit 1; }  # else the next build would not warn again

release: $(EXERCISES:%=_build/released/%)  ## generate exercises/ from solutions/

.SECONDEXPANSION:
_build/released/%: solutions/$$*/$$*.ipynb nbgrader_config.py | $(INSTALLED)
	@echo "releasing $* …"
	@mkdir -p $(@D)
	@$(BIN)/nbgrader generate_assignment $* --force --log-level=ERROR \
	    --CourseDirectory.db_url=sqlite:///_build/release-$*.db
	@touch $@

class: release  ## grade the sample class into _build/class
	@$(MAKE) --no-print-directory $(CLASS)/table.txt

# what any exercise uses; what belongs to one alone comes with its name
LIBRARY := $(shell find labtools -name '*.py' -not -path '*/plots/*' -not -path '*/corpora/*' \
    -not -path '*/checks/ch*' -not -path '*/commands/*')
# the sample class comes with the course, so that it may be graded where no sandbox can be had
NO_SANDBOX := from labtools.grading.sandbox import probe; print("" if probe().mode else "--unsafe")
STUDENTS := tests/grading/students

# a student added or gone changes the folder
$(CLASS)/%.due: $$(wildcard $(STUDENTS)/$$* $(STUDENTS)/$$*/*.py) tests/grading/build_class.py \
    _build/released/% nbgrader_config.py $(LIBRARY) $$(wildcard labtools/checks/$$*/*.py) \
    | $(INSTALLED)
	@mkdir -p $(CLASS)
	@touch $@

# what is due is handed in anew; labtools grade knows what is to be graded again
$(CLASS)/table.txt: $(EXERCISES:%=$(CLASS)/%.due)
	@echo "grading the sample class (some seconds a student) …"
	@$(BIN)/python tests/grading/build_class.py $(STUDENTS) solutions exercises $(CLASS) \
	    $(patsubst $(CLASS)/%.due,%,$?)
	@unsafe=$$($(BIN)/python -c '$(NO_SANDBOX)'); \
	$(BIN)/labtools grade $(EXERCISES) --submitted $(CLASS)/submitted --output $(CLASS) --seed 0 \
	    --report html $$unsafe | tee $(CLASS)/said.txt \
	    | awk '/^ *[0-9]+\/[0-9]+ / {print; fflush()}'; \
	awk -v RS= -v ORS='\n\n' 'index(" $(EXERCISES) ", " " $$1 " ")' $(CLASS)/said.txt > $@.new; \
	[ -z "$$unsafe" ] || echo "The class was graded WITHOUT a sandbox, for this machine has none;" \
	    "before you grade work that is not your own, see: $(BIN)/labtools doctor" | tee -a $@.new
	@mv $@.new $@

test: $(INSTALLED) book class  ## run every test
	@$(BIN)/pytest -n 2
	@$(BIN)/pytest -n 2 --dist loadfile --nbval-lax solutions  # a notebook is run by one worker

lint: $(INSTALLED)  ## check style, notebooks too, and the types of labtools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: export OMP_NUM_THREADS := $(shell getconf _NPROCESSORS_ONLN)
bench: export OMP_WAIT_POLICY := ACTIVE  # nothing else should run meanwhile
bench: $(INSTALLED)  ## measure speed and how close training comes to the floor
	@$(BIN)/python benchmarks/bench.py

FREE_PORT := import socket; s = socket.socket(); s.bind(("localhost", 0)); print(s.getsockname()[1])

lab: book  ## open JupyterLab on your own copies of the exercises, in mywork/
	@mkdir -p mywork
	@for e in exercises/*/; do n=$$(basename $$e); [ -e mywork/$$n ] || cp -r $$e mywork/$$n; done
	@port=$$($(BIN)/python -c '$(FREE_PORT)'); \
	LABTOOLS_BOOK=http://localhost:$$port/static/book `# the checks link to the book, served beside it` \
	$(BIN)/jupyter lab mywork --port=$$port --ServerApp.port_retries=0 \
	    --ServerApp.extra_static_paths='["$(CURDIR)/_build/html"]'

clean:  ## delete what was built (not .venv, not mywork)
	rm -rf _build .pytest_cache .ruff_cache
