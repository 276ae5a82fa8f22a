#!/usr/bin/env bash
# Runs detour on the live Internet for some days and reports what it said.
# LIVE is the command that follows live sources and writes alerts as JSON lines
# to standard output; DAYS and OUT say for how long and where to.
# See docs/detection/field-trial.md.
set -euo pipefail

days="${DAYS:-7}"
out="${OUT:-field-trial}"
detour="${DETOUR:-bin/detour}"

if [ -z "${LIVE:-}" ]; then
	cat >&2 <<'TEXT'
field trial: not measured.
Missing: a command that follows live sources. detour reads recordings only; RIS
Live, BMP and BGP sessions are not built yet. When they are:
  make field-trial LIVE='detour ... --alerts -' DAYS=7 OUT=field-trial
How incidents are labelled: docs/detection/field-trial.md
TEXT
	exit 1
fi

mkdir -p "$out"
touch "$out/labels.tsv"
echo "field trial: $days days, alerts in $out/alerts.jsonl, labels in $out/labels.tsv" >&2
status=0
# Word splitting is meant: LIVE is a command with its arguments.
# shellcheck disable=SC2086
timeout --preserve-status -s INT "${days}d" $LIVE >>"$out/alerts.jsonl" 2>>"$out/log" || status=$?
if [ "$status" -ne 0 ]; then
	echo "field trial: the command ended with status $status, see $out/log" >&2
fi
"$detour" eval trial --alerts "$out/alerts.jsonl" --labels "$out/labels.tsv"
exit "$status"
