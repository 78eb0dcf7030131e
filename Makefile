# Two commands for a fresh machine: `make demo` runs the app, `make test` passes the tests. Each makes the environment it needs.
PYTHON ?= python3
# The versions of the tests. TORCH=… chooses another build: without a pin, pip may choose one that brings gigabytes of CUDA packages.
CONSTRAINTS := constraints.txt
TORCH ?= torch==2.13.0
DEMO_VENV := .venv-demo
TEST_VENV := .venv-test
TEST_BIN := $(TEST_VENV)/bin
RUN ?= runs/model
# Of "make model": gpu is what the bundle that ships was made with. Two CPU cores take RECIPE=default SET="--set compile=true", and many hours.
RECIPE ?= gpu
SET ?=
PROCESSES ?= 10
# Of the tests, on two cores: some of them wait for a terminal, a kill or a clock, a fifth of the time in all.
TEST_PROCESSES ?= 3
PAINT ?= --set vqvae.decoder_alone=true --set vqvae.searched_share=0.5 --set vqvae_optim.epochs=33 --set vqvae_optim.lr=5e-4 --set vqvae_optim.warmup_steps=100

.PHONY: demo test lint format bench docs fixtures model images screenshots lock package licences golden soak clean

demo: $(DEMO_VENV)/installed  ## sixteen new emojis, in the terminal and in demo.png
	$(DEMO_VENV)/bin/emoterm sample --n 16 --force -o demo.png

test: $(TEST_VENV)/installed lint  ## everything: style, types, import rules, tests
	$(TEST_BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal

lint: $(TEST_VENV)/installed
	$(TEST_BIN)/ruff check .
	$(TEST_BIN)/ruff format --check .
	$(TEST_BIN)/mypy
	$(TEST_BIN)/lint-imports

format: $(TEST_VENV)/installed
	$(TEST_BIN)/ruff check --fix .
	$(TEST_BIN)/ruff format .

bench: $(TEST_VENV)/installed  ## speed, start-up and memory against references, into docs/performance.md and README.md; about ten minutes
	$(TEST_BIN)/python -m benchmarks --page

docs: $(TEST_VENV)/installed  ## the pages of docs/commands/ from --help, and the pictures of docs/how-it-works.md
	$(TEST_BIN)/python -m docs.generate
	$(TEST_BIN)/python -m docs.figures

fixtures: $(TEST_VENV)/installed  ## train, export and replace the tiny bundle of the tests
	$(TEST_BIN)/python -m tests.make_tiny_bundle

model: $(TEST_VENV)/installed  ## train RECIPE on DATA=… and make a bundle of it in RUN; the same command goes on after a kill
	$(TEST_BIN)/emoterm train all --recipe $(RECIPE) --data $(DATA) --out $(RUN)/first $(SET)
	$(TEST_BIN)/python -m export.search_dataset --data $(DATA) --run $(RUN)/first --effort 2 --processes $(PROCESSES) --out $(RUN)/painted/searched
	$(TEST_BIN)/emoterm train vqvae --recipe $(RECIPE) --data $(DATA) --out $(RUN)/painted --init $(RUN)/first $(PAINT) $(SET)
	$(TEST_BIN)/emoterm export --run $(RUN)/painted --force -o $(RUN)/bundle

images: $(DEMO_VENV)/installed  ## the pictures of the README, made by the program
	$(DEMO_VENV)/bin/emoterm sample --n 64 --seed 0 --columns 16 --force -o docs/images/samples.png
	$(DEMO_VENV)/bin/emoterm sample --free --n 64 --seed 0 --columns 16 --force -o docs/images/model/free.png
	for words in "blue cat" "happy sun" "grumpy cloud" "cool pizza" "cat with sunglasses" "fox in a top hat"; do $(DEMO_VENV)/bin/emoterm sample --n 8 --prompt "$$words" --seed 1 \
		--columns 8 --force -o "docs/images/$$(echo "$$words" | tr " " "-").png" || exit 1; done
	$(DEMO_VENV)/bin/emoterm morph 😊 😍 --steps 10 --scale 2 --force -o docs/images/morph.png

screenshots: $(TEST_VENV)/installed  ## the pictures of the terminal interface, taken from the running program; needs rsvg-convert
	$(TEST_BIN)/python -m benchmarks.screenshots

$(DEMO_VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(DEMO_VENV)
	$(DEMO_VENV)/bin/python -m pip install --quiet .
	touch $@

# Compiled apart from pip, which would do it on one core: what can be imported. Some templates among it never compile.
$(TEST_VENV)/installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(TEST_VENV)
	$(TEST_BIN)/python -m pip install --quiet --no-compile --constraint $(CONSTRAINTS) $(TORCH) --editable '.[train,dev]'
	$(TEST_BIN)/python -m pip check
	-$(TEST_BIN)/python -W ignore -m compileall -q -j 0 -x '/tests?/|/pip/|/pygments/lexers/' $(TEST_VENV)/lib > /dev/null 2>&1
	touch $@

lock:  ## newer versions for the tests, into constraints.txt; run make test afterwards
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet $(TORCH) --editable '.[train,dev]'
	.venv-lock/bin/python -m tests.lock > $(CONSTRAINTS)
	rm -rf .venv-lock

package: $(TEST_VENV)/installed  ## build wheel and sdist, install each in an environment of its own, and try it
	$(TEST_BIN)/python -m tests.package

licences: $(TEST_VENV)/installed  ## licences of everything that gets installed, into docs/licences.md
	$(TEST_BIN)/python -m docs.licences

golden: $(TEST_VENV)/installed  ## tokens and hashes that the tests compare with, after a new bundle
	$(TEST_BIN)/python -m tests.make_golden

soak: $(TEST_VENV)/installed  ## pulled plugs and hostile input for a quarter of an hour, into docs/soak.md
	$(TEST_BIN)/python -m tests.soak

clean:
	rm -rf $(DEMO_VENV) $(TEST_VENV) .venv-lock dist build demo.png
