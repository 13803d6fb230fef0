#!/usr/bin/env bash
# Kolibri on loopback with a small school; the package from PyPI, seeded by the package's own helpers.
#   usage: kolibri.sh [install|start|stop]
#   env:   WORK (packages, kept) STATE (one server: database, log, pid) PORT ZIP OWNER (a pid: it ends with that process)
#          PASSWORD VERSION PYTHON CLASSES USERS (a class) SESSIONS (a class) ITEMS (a user)
# `start` prints the facility's id on its last line. `stop` ends the server by its own process id.
# Origin: reference/real/kolibri.sh of the project's shared folder (education.md, section 5c, is its record);
# added here: STATE, OWNER, install, a server in the foreground of its own, whose id is known.
set -euo pipefail
WORK=${WORK:-${TMPDIR:-/tmp}/real-kolibri}; STATE=${STATE:-$WORK/server}
PORT=${PORT:-28080}; ZIP=${ZIP:-28081}; OWNER=${OWNER:-}; PASSWORD=${PASSWORD:-password}
VERSION=${VERSION:-0.19.5}; PYTHON=${PYTHON:-python3}
export CLASSES=${CLASSES:-4} USERS=${USERS:-10} SESSIONS=${SESSIONS:-3} ITEMS=${ITEMS:-4}
export KOLIBRI_HOME=$STATE/home KOLIBRI_DISABLE_PING=1 KOLIBRI_LISTEN_ADDRESS=127.0.0.1 \
       KOLIBRI_HTTP_PORT=$PORT KOLIBRI_ZIP_CONTENT_PORT=$ZIP
KOLIBRI=$WORK/venv/bin/kolibri

install() {
  mkdir -p "$WORK"
  # What lies here is executed: it must be ours.
  [ -O "$WORK" ] || { echo "$WORK belongs to somebody else" >&2; exit 1; }
  local stamp="$WORK/installed-$VERSION"
  [ -f "$stamp" ] && [ -x "$KOLIBRI" ] && return
  [ -x "$WORK/venv/bin/pip" ] || "$PYTHON" -m venv "$WORK/venv"
  "$WORK/venv/bin/pip" install -q --disable-pip-version-check "kolibri==$VERSION"
  touch "$stamp"
}

answer() { curl -fs --noproxy '*' -m 5 "http://127.0.0.1:$PORT/api/public/v1/facility/"; }

seed() {
  "$KOLIBRI" manage provisiondevice --facility "Test School" --superusername superuser \
    --superuserpassword "$PASSWORD" --preset formal --language_id en --noinput >"$STATE/provision.log" 2>&1
  cat >"$STATE/seed.py" <<'PY'
import csv, os, random, uuid
import kolibri.core.logger.management.commands as commands
from django.utils import timezone
from kolibri.core.auth.models import Facility, LearnerGroup
from kolibri.core.content.models import AssessmentMetaData, ChannelMetadata, ContentNode
from kolibri.core.logger.utils import user_data as u
random.seed(1); chance = random.Random(7); E = lambda name: int(os.environ[name])
hex_id = lambda: uuid.UUID(int=chance.getrandbits(128)).hex
table = os.path.join(os.path.dirname(commands.__file__), "user_data.csv")
people = random.sample(list(csv.DictReader(open(table, encoding="utf-8"))), E("CLASSES") * E("USERS"))
facility = Facility.objects.first(); now = timezone.now()
# A channel without files, so that lessons and logs have something to be about.
channel_id = hex_id()
root = ContentNode.objects.create(id=hex_id(), title="Channel", content_id=hex_id(), channel_id=channel_id,
    kind="topic", available=True)
channel = ChannelMetadata.objects.create(id=channel_id, name="Channel", root=root, min_schema_version="1")
for i in range(40):
    node = ContentNode.objects.create(id=hex_id(), title=f"Item {i}", content_id=hex_id(), channel_id=channel_id,
        kind="exercise" if i % 2 else "video", parent=root, available=True)
    if i % 2:
        AssessmentMetaData.objects.create(id=hex_id(), contentnode=node, number_of_assessments=5,
            assessment_item_ids=[hex_id() for _ in range(5)], mastery_model={"type": "m_of_n", "m": 3, "n": 5},
            randomize=False, is_manipulable=False)
classes = u.get_or_create_classrooms(n_classes=E("CLASSES"), facility=facility, verbosity=0)
for i, classroom in enumerate(classes):
    users = list(u.get_or_create_classroom_users(n_users=E("USERS"), classroom=classroom, facility=facility,
        user_data=people[i * E("USERS"):(i + 1) * E("USERS")], verbosity=0))
    for user in users:
        u.add_channel_activity_for_user(n_content_items=E("ITEMS"), channel=channel, user=user, now=now, verbosity=0)
    groups = [LearnerGroup.objects.create(name=name, parent=classroom) for name in ("Red", "Blue")]
    for k, user in enumerate(users):
        groups[k % 2].add_learner(user)
    u.create_lessons_for_classroom(classroom=classroom, facility=facility, channels=[channel], lessons=3, now=now, verbosity=0)
    u.create_exams_for_classrooms(classroom=classroom, facility=facility, channels=[channel], exams=1, now=now, verbosity=0)
    u.create_attendance_for_classroom(classroom=classroom, facility=facility, sessions=E("SESSIONS"), now=now, verbosity=0)
PY
  "$KOLIBRI" manage shell -c "exec(compile(open('$STATE/seed.py').read(), 'seed.py', 'exec'), globals())" >"$STATE/seed.log" 2>&1
  touch "$STATE/seeded"
}

start() {
  install
  mkdir -p "$STATE"
  [ -f "$STATE/seeded" ] || seed || { echo "no school could be made" >&2; tail -n 20 "$STATE"/*.log >&2; exit 1; }
  if ! answer >/dev/null; then
    nohup "$KOLIBRI" start --foreground --port "$PORT" --zip-port "$ZIP" >"$STATE/server.log" 2>&1 </dev/null &
    local pid=$!
    echo "$pid" >"$STATE/pid"
    if [ -n "$OWNER" ]; then
      (while kill -0 "$OWNER" 2>/dev/null && kill -0 "$pid" 2>/dev/null; do sleep 2; done; stop) >/dev/null 2>&1 </dev/null &
    fi
    for _ in $(seq 240); do
      answer >/dev/null && break
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.5
    done
  fi
  answer >"$STATE/facility" || { echo "kolibri did not start" >&2; tail -n 20 "$STATE/server.log" >&2; stop; exit 1; }
  "$WORK/venv/bin/python" -c "import json, sys; print(json.load(open(sys.argv[1]))[0]['id'])" "$STATE/facility"
}

# is PID: whether that process lives and is this server (ids are used again).
is() { [[ "$(ps -ww -o args= -p "$1" 2>/dev/null)" == *"$KOLIBRI"* ]]; }

stop() {
  [ -f "$STATE/pid" ] || return 0
  local pid; pid=$(tr -dc 0-9 <"$STATE/pid")
  if [ -n "$pid" ] && is "$pid"; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do is "$pid" || break; sleep 0.2; done
    if is "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$STATE/pid"
}

case "${1:-start}" in
  install | start | stop) "${1:-start}" ;;
  *) echo "usage: kolibri.sh [install|start|stop]" >&2; exit 2 ;;
esac
