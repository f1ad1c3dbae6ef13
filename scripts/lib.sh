# Sourced by the scripts beside it, in plain POSIX sh. Gives them:
#   the root of the project as the working folder, PYTHON (3.11 or newer), VENV_PYTHON, and set_up.
# shellcheck shell=sh
set -eu

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"
VENV_PYTHON="$ROOT/.venv/bin/python"

die() {
    printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

can_make_venvs() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# Sets PYTHON: the first one that is new enough and can make virtual environments; failing that, one that is
# merely new enough, since install.py knows other ways to make an environment. $PYTHON, when set, is the only choice.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || die "PYTHON=$PYTHON is not Python 3.11 or newer"
        return
    fi
    second_best=""
    for candidate in python3 python3.11 python3.12 python3.13 python3.14 python; do
        is_new_enough "$candidate" || continue
        if can_make_venvs "$candidate"; then
            PYTHON=$candidate
            return
        fi
        second_best=${second_best:-$candidate}
    done
    PYTHON=$second_best
    [ -n "$PYTHON" ] || die "Python 3.11 or newer is needed and was not found ($(found_python)): install it, or name one: PYTHON=/path/to/python3.11 scripts/$(basename -- "$0")"
}

found_python() {
    version=$(python3 --version 2>/dev/null) || version="no python3 in PATH"
    printf '%s' "$version"
}

# set_up [--dev]: makes .venv and installs what requirements*.txt pin, unless that is done already.
set_up() {
    find_python
    "$PYTHON" -m scripts.install "$@"
}
