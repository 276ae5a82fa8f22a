package stream

import (
	"strconv"
	"strings"

	"detour/route"
)

// Streams that are not numbered by shard.
const (
	EvidenceStream = "DETOUR_EVIDENCE"
	AlertsStream   = "DETOUR_ALERTS"
)

// Subjects that streams and listeners subscribe to.
const (
	AllEvidence   = "detour.v1.evidence.*"
	AllAlerts     = "detour.v1.alert.>"
	AllFlags      = "detour.v1.flag.>"
	AllPositions  = "detour.v1.position.*"
	AllQuarantine = "detour.v1.quarantine.*"
)

// PositionHeader names the place in the log that a flag or an alert comes from.
const PositionHeader = "Detour-Position"

// ReceivedHeader tells when an ingester had the update that a flag is about, in
// microseconds since 1970 by its clock; for latency only.
const ReceivedHeader = "Detour-Received"

const updatesStreamPrefix = "DETOUR_UPDATES_"

// UpdatesStream returns the stream that holds the frames of shard n.
func UpdatesStream(n int) string { return updatesStreamPrefix + strconv.Itoa(n) }

// UpdatesSubject returns the subject of the frames of shard n.
func UpdatesSubject(n int) string { return "detour.v1.updates." + strconv.Itoa(n) }

// EvidenceSubject returns the subject of the evidence of shard n.
func EvidenceSubject(n int) string { return "detour.v1.evidence." + strconv.Itoa(n) }

// PositionSubject returns the core subject on which the processors of shard n
// say how far they have read.
func PositionSubject(n int) string { return "detour.v1.position." + strconv.Itoa(n) }

// QuarantineSubject returns the core subject on which the processors of shard n
// tell of frames that they did not apply.
func QuarantineSubject(n int) string { return "detour.v1.quarantine." + strconv.Itoa(n) }

// FlagSubject returns the core subject of a flag: its kind and the expected
// origin of the prefix, 0 where none is known.
func FlagSubject(kind string, expectedOrigin route.ASN) string {
	return "detour.v1.flag." + token(kind) + "." + expectedOrigin.String()
}

// AlertSubject returns the subject of an alert. asn is the expected origin on
// prefix alerts and the suspect on incidents; group may be empty.
func AlertSubject(scope, kind string, asn route.ASN, group string) string {
	subject := "detour.v1.alert." + token(scope) + "." + token(kind) + "." + asn.String()
	if group == "" {
		return subject
	}
	return subject + "." + token(group)
}

// token makes s fit to be one token of a subject: what NATS gives a meaning, or
// cannot print, becomes an underscore.
func token(s string) string {
	if s == "" {
		return "_"
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '.' || r == '*' || r == '>' {
			return '_'
		}
		return r
	}, s)
}
