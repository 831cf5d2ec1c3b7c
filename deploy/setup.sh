#!/bin/sh
# Make .venv from requirements.lock, with Python 3.10 found or fetched. Run by `make`.
set -eu
cd "$(dirname "$0")/.."

fail() { echo "setup: $1" >&2; exit 1; }

# A shim that is on the PATH may still not run, so each candidate has to prove itself.
runs_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

find_310() {
  for candidate in "$(command -v python3.10 || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && runs_310 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

if [ ! -x .tools/bin/uv ]; then
  base=$(command -v python3 || command -v python) || fail "no Python 3 found: install python3, then try again."
  "$base" -m venv .tools 2>/dev/null ||
    fail "$base cannot make a virtual environment: install its venv package (Debian: python3-venv), then try again."
  .tools/bin/python -m pip install --quiet --disable-pip-version-check uv ||
    fail "uv could not be installed: look at pip's message above, and whether the package index can be reached."
fi

python=$(find_310)
if [ -z "$python" ]; then
  echo "setup: no Python 3.10 found; fetching one with uv."
  .tools/bin/uv python install 3.10 ||
    fail "Python 3.10 is needed and could not be fetched: install python3.10, then try again."
  python=$(.tools/bin/uv python find 3.10)
fi

if [ ! -x .venv/bin/python ] || ! runs_310 .venv/bin/python; then
  .tools/bin/uv venv --quiet --clear --python "$python" .venv
fi
echo "setup: installing the locked packages (about 3 GB on disk; minutes on a slow line)."
# Compiled here once: who may not write beside the packages would compile them at every start, for 20 s of a processor.
.tools/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
.tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch .venv/.ready
