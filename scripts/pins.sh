#!/bin/sh
# Writes the versions installed in .venv to constraints.txt.
set -eu
cd "$(dirname "$0")/.."
{
    echo "# The versions the tests ran with. pyproject.toml has the ranges that are allowed;"
    echo "# \`make setup\` installs exactly these. Renew with: make pins"
    # A local version (torch's +cpu) exists only where it was built, so it is left out.
    .venv/bin/python -m pip freeze --all --exclude-editable --exclude pip |
        sed -e '/^limelight/d' -e 's/ @ .*//' -e 's/+[a-z0-9.]*$//'
} >constraints.txt.part
mv constraints.txt.part constraints.txt
