#!/usr/bin/env bash
# Runs detour on a live source for some days and reports what it said. SOURCE is
# what "detour run --source" takes; DAYS and OUT say for how long and where to.
# See docs/detection/field-trial.md.
set -euo pipefail

days="${DAYS:-7}"
out="${OUT:-field-trial}"
detour="$(command -v "${DETOUR:-bin/detour}")"

if [ -z "${SOURCE:-}" ]; then
	cat >&2 <<'TEXT'
field trial: which source? For instance
  make field-trial SOURCE='rislive,client=as64500-noc,hosts=rrc00+rrc01,prime=true' DAYS=7 OUT=field-trial
How incidents are labelled: docs/detection/field-trial.md
TEXT
	exit 2
fi

mkdir -p "$out"
detour="$(realpath "$detour")"
cd "$out"
touch alerts.jsonl labels.tsv
echo "field trial: $days days of $SOURCE, alerts in $out/alerts.jsonl, labels in $out/labels.tsv, log in $out/log" >&2

# An interrupt, or the end of the days, asks detour once to end in order: setsid
# keeps the terminal from asking a second time.
trap : INT TERM
DETOUR_SINK_FILES=alerts.jsonl setsid "$detour" run --source "$SOURCE" 2>>log &
running=$!
sleep "${days}d" &
timer=$!
status=0
wait -n "$running" "$timer" || status=$?
kill "$running" "$timer" 2>/dev/null || true
while kill -0 "$running" 2>/dev/null; do
	status=0
	wait "$running" || status=$?
done
if [ "$status" -ne 0 ]; then
	echo "field trial: detour ended with status $status, see $out/log" >&2
fi
"$detour" eval trial --alerts alerts.jsonl --labels labels.tsv
exit "$status"
