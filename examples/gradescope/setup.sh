#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is built.
# pytest-tfgrade needs Python 3.11 or later: choose a base image that has it.
set -euo pipefail
apt-get update
apt-get install -y python3 python3-venv
python3 -m venv /opt/tfgrade
/opt/tfgrade/bin/python -m pip install "pytest-tfgrade[cpu]"
/opt/tfgrade/bin/tfgrade doctor || true # says whether models will be isolated
