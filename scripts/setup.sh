#!/bin/sh
# Makes .venv ready to play and to test: checks the tools, installs, prepares the model.
# Does nothing when the last run finished and what decides the install has not changed since.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/.limelight-setup
log=$venv/setup.log
here=$(pwd)
wanted="$here
$(cksum pyproject.toml constraints.txt)"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

say() { printf '==> %s\n' "$*"; }
missing() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# What to type to install a package: apt's, dnf's, pacman's and Homebrew's names for it.
install_line() {
    if command -v apt-get >/dev/null; then echo "sudo apt install $1"
    elif command -v dnf >/dev/null; then echo "sudo dnf install $2"
    elif command -v pacman >/dev/null; then echo "sudo pacman -S $3"
    elif command -v brew >/dev/null; then echo "$4"
    else echo "your system's package for $1"
    fi
}

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        recent "$PYTHON" || missing "PYTHON=$PYTHON is not Python 3.11 or newer; name one that is."
        python=$PYTHON
        return
    fi
    for python in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if recent "$python"; then return; fi
    done
    missing "Python 3.11 or newer is missing; install it: $(install_line \
        'python3 python3-venv' python3.12 python 'brew install python@3.13')"
}

check_compiler() {
    for compiler in ${CXX:-} c++ g++ clang++; do
        if command -v "$compiler" >/dev/null; then return; fi
    done
    missing "A C++ compiler is missing (llama.cpp is compiled for this machine); install it: $(
        install_line g++ gcc-c++ gcc 'xcode-select --install')"
}

# pip fetches its own cmake and ninja for the build when the system has none, so this is a note.
check_cmake() {
    command -v cmake >/dev/null || say "No cmake here: pip downloads one for the build. Should" \
        "that fail, install it: $(install_line cmake cmake cmake 'brew install cmake')"
}

# Shows a build's own progress ("[12/340] …" of ninja, "[ 12%] …" of make) instead of its commands.
progress() {
    awk -v tty="$1" '
        match($0, /^ *\[ *[0-9]+(\/[0-9]+|%)\]/) {
            mark = substr($0, RSTART, RLENGTH); gsub(/[][ %]/, "", mark)
            split(mark, part, "/")
            percent = part[2] ? int(100 * part[1] / part[2]) : part[1] + 0
            if (percent == shown) next
            if (tty) printf "\r    compiling %3d%%", percent
            else if (percent >= shown + 10) printf "    compiling %3d%%\n", percent
            else next
            shown = percent; drawn = 1; fflush(); next
        }
        END { if (drawn && tty) printf "\n" }'
}

# Compiles llama-cpp-python by itself first: it is the one long step, and alone it can show how far
# it is. Its exit status crosses the pipe in a file, for plain sh has no pipefail.
install_llama() {
    if "$venv/bin/python" -c 'import llama_cpp' >/dev/null 2>&1; then return; fi
    check_compiler
    check_cmake
    say "Compiling llama.cpp for this machine: about 4 minutes on 2 cores, less on more" \
        "(nothing to compile if pip has it in its cache)"
    tty=""
    if [ -t 1 ]; then tty=1; fi
    {
        status=0
        "$venv/bin/python" -m pip install -v -c constraints.txt llama-cpp-python 2>&1 || status=$?
        echo "$status" >"$log.status"
    } | tee "$log" | progress "$tty"
    status=$(cat "$log.status")
    rm -f "$log.status"
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$log" >&2
        missing "llama-cpp-python did not install; the whole output is in $log."
    fi
}

# The scripts in a virtual environment name its path, so one that was moved cannot be mended.
if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$here" ]; then
    say "This folder has moved since $venv was made; making it anew"
    rm -rf "$venv"
fi

if [ ! -x "$venv/bin/python" ]; then
    find_python
    "$python" -c 'import venv, ensurepip' 2>/dev/null || missing \
        "Python's venv module is missing; install it: $(install_line \
            python3-venv python3 python 'brew reinstall python')"
    check_compiler
    say "Making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
elif ! recent "$venv/bin/python"; then
    missing "$venv has a Python older than 3.11; remove it with 'make clean' and try again."
fi
# An interrupted first run can leave an environment without pip.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip

install_llama
say "Installing Limelight and what it needs (PyTorch is the big one)"
"$venv/bin/python" -m pip install -c constraints.txt -e '.[dev]' ||
    missing "The install did not finish; the lines above say why. Run 'make setup' again to go on."
say "Preparing the language model"
"$venv/bin/game" models prepare

printf '%s\n' "$wanted" >"$stamp"
say "Ready: make play"
