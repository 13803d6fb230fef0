#!/usr/bin/env bash
# A venv with an orchestrator and what Homeroom needs, from PyPI; Homeroom itself comes by PYTHONPATH.
#   usage: orchestrator.sh dagster|airflow       prints the venv's python
#   env:   WORK (venvs, kept) PYTHON
# Versions are those of NAME-constraints.txt; what Homeroom needs as well is left to pip.
# Without web servers and schedulers: only what runs a DAG or assets in one process. 370 and 480 MB; with pip's cache
# 20 and 35 s. Nothing is compiled: most modules are never imported.
set -euo pipefail
NAME=${1:-}
WORK=${WORK:-${TMPDIR:-/tmp}/real-orchestrators}; PYTHON=${PYTHON:-python3}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)

case "$NAME" in
  dagster) PACKAGES=(dagster dagster-dlt) ;;
  airflow) PACKAGES=(apache-airflow-core apache-airflow-providers-standard) ;;
  *) echo "usage: orchestrator.sh dagster|airflow" >&2; exit 2 ;;
esac

mkdir -p "$WORK"
# What lies here is executed: it must be ours.
[ -O "$WORK" ] || { echo "$WORK belongs to somebody else" >&2; exit 1; }
needs=$("$PYTHON" -c 'import sys, tomllib
print("\n".join(tomllib.load(open(sys.argv[1], "rb"))["project"]["dependencies"]))' "$ROOT/pyproject.toml")
versions=$ROOT/tests/real/$NAME-constraints.txt
stamp=$({ cat "$versions"; printf '%s\n' "$needs" "${PACKAGES[@]}"; } | cksum | cut -d ' ' -f 1)
venv=$WORK/$NAME-$stamp
if [ ! -f "$venv/installed" ]; then
  [ -x "$venv/bin/pip" ] || "$PYTHON" -m venv "$venv"
  printf '%s\n' "$needs" "${PACKAGES[@]}" >"$venv/needs.txt"
  "$venv/bin/pip" install -q --no-compile --disable-pip-version-check -c "$versions" -r "$venv/needs.txt" >&2
  touch "$venv/installed"
fi
echo "$venv/bin/python"
