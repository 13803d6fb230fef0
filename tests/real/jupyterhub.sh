#!/usr/bin/env bash
# JupyterHub on loopback with many users and groups; packages from PyPI and npm (configurable-http-proxy).
#   usage: jupyterhub.sh [install|start|stop]
#   env:   WORK (packages, kept) STATE (one hub: database, logs, pids) PORT HUBPORT PROXYPORT OWNER (a pid)
#          N_USERS N_GROUPS PAGE MAXPAGE TOKEN VERSION PROXY_VERSION PYTHON
# No notebook server is ever started: only the Hub's REST API is used. `start` installs what is missing and may
# be repeated. `stop` ends the hub and its proxy, by their own process ids. With OWNER the hub ends with that process.
# Origin: reference/real/jupyterhub.sh of the project's shared folder (education.md, section 5b, is its record);
# added here: STATE, OWNER, install, a stop that waits, a fixed version of the proxy, no fsync, a service without groups.
set -euo pipefail
WORK=${WORK:-${TMPDIR:-/tmp}/real-jupyterhub}; STATE=${STATE:-$WORK}
PORT=${PORT:-28100}; HUBPORT=${HUBPORT:-28101}; PROXYPORT=${PROXYPORT:-28102}; OWNER=${OWNER:-}
N_USERS=${N_USERS:-2000}; N_GROUPS=${N_GROUPS:-40}; PAGE=${PAGE:-50}; MAXPAGE=${MAXPAGE:-200}
VERSION=${VERSION:-6.1.1}; PROXY_VERSION=${PROXY_VERSION:-5.3.0}; PYTHON=${PYTHON:-python3}
TOKEN=${TOKEN:-synctoken0123456789abcdef0123456789}
export WORK STATE PORT HUBPORT PROXYPORT OWNER N_USERS N_GROUPS PAGE MAXPAGE TOKEN
HUB=$WORK/venv/bin/jupyterhub
PROXY=$WORK/node/node_modules/.bin/configurable-http-proxy
CONFIG=$STATE/jupyterhub_config.py

install() {
  mkdir -p "$WORK"
  # What lies here is executed: it must be ours.
  [ -O "$WORK" ] || { echo "$WORK belongs to somebody else" >&2; exit 1; }
  local stamp="$WORK/installed-$VERSION-$PROXY_VERSION"
  [ -f "$stamp" ] && [ -x "$HUB" ] && [ -x "$PROXY" ] && return
  [ -x "$WORK/venv/bin/pip" ] || "$PYTHON" -m venv "$WORK/venv"
  "$WORK/venv/bin/pip" install -q --disable-pip-version-check "jupyterhub==$VERSION"
  npm install --silent --no-fund --no-audit --prefix "$WORK/node" "configurable-http-proxy@$PROXY_VERSION" >/dev/null
  touch "$stamp"
}

answers() { curl -fs --noproxy '*' -m 5 "http://127.0.0.1:$PORT/hub/api/" >/dev/null 2>&1; }

start() {
  install
  mkdir -p "$STATE"
  cat >"$CONFIG" <<'PY'
import os, signal, threading, time
E = os.environ; W = E["WORK"]; S = E["STATE"]
c.JupyterHub.bind_url = f"http://127.0.0.1:{E['PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{E['HUBPORT']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{E['PROXYPORT']}"
c.ConfigurableHTTPProxy.command = [f"{W}/node/node_modules/.bin/configurable-http-proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.db_url = f"sqlite:///{S}/hub.sqlite"; c.JupyterHub.cookie_secret_file = f"{S}/cookie"
c.ConfigurableHTTPProxy.pid_file = f"{S}/proxy.pid"
c.JupyterHub.api_page_default_limit = int(E["PAGE"]); c.JupyterHub.api_page_max_limit = int(E["MAXPAGE"])
n, g = int(E["N_USERS"]), int(E["N_GROUPS"])
users = [f"student{i:05d}" for i in range(n)]
c.JupyterHub.load_groups = {f"course-{k:03d}": {"users": users[k::g], "properties": {"term": "2026F"}} for k in range(g)}
c.JupyterHub.services = [{"name": "sync", "api_token": E["TOKEN"]}, {"name": "narrow", "api_token": "narrow-" + E["TOKEN"]}]
c.JupyterHub.load_roles = [{"name": "reader", "services": ["sync"],
    "scopes": ["list:users", "read:users", "list:groups", "read:groups", "list:services", "read:services", "read:hub", "read:metrics", "admin:users"]},
    {"name": "narrow", "services": ["narrow"], "scopes": ["list:users", "read:users"]}]

# A throw-away database need not survive a power cut: 13 and 16 s to the first answer, without it 16 and 35 (2 busy cores).
from sqlalchemy import engine, event
event.listen(engine.Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))

def end_with(owner):
    while True:
        time.sleep(2)
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            os.kill(os.getpid(), signal.SIGTERM)
            return

if E["OWNER"]:
    threading.Thread(target=end_with, args=[int(E["OWNER"])], daemon=True).start()
PY
  if ! answers; then
    cd "$STATE"
    nohup "$HUB" -f "$CONFIG" >"$STATE/hub.log" 2>&1 </dev/null &
    local pid=$!
    echo "$pid" >"$STATE/pid"
    for _ in $(seq 360); do
      answers && break
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.5
    done
  fi
  answers || { echo "hub did not start, see $STATE/hub.log" >&2; tail -n 20 "$STATE/hub.log" >&2; stop; exit 1; }
  echo "BASE_URL=http://127.0.0.1:$PORT/hub/api/"
  echo "AUTH=Authorization: token $TOKEN   (or Bearer)"
}

# is PID WORD: whether that process lives and its command line still holds WORD (ids are used again).
is() { [[ "$(ps -ww -o args= -p "$1" 2>/dev/null)" == *"$2"* ]]; }

# finish FILE WORD: end the process whose id is in FILE, politely, then by force.
finish() {
  [ -f "$1" ] || return 0
  local pid; pid=$(tr -dc 0-9 <"$1")
  if [ -n "$pid" ] && is "$pid" "$2"; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do is "$pid" "$2" || break; sleep 0.2; done
    if is "$pid" "$2"; then kill -9 "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$1"
}

# The hub ends its proxy itself, unless it had to be killed.
stop() {
  finish "$STATE/pid" "$CONFIG"
  finish "$STATE/proxy.pid" "$PROXY"
}

case "${1:-start}" in
  install | start | stop) "${1:-start}" ;;
  *) echo "usage: jupyterhub.sh [install|start|stop]" >&2; exit 2 ;;
esac
