package dump

import (
	"fmt"
	"strings"
	"time"

	"detour/ingest/decode"
	"detour/ingest/mrt"
)

// AppendSummary appends r as text, one fact per line.
func AppendSummary(dst []byte, r *mrt.Report) []byte {
	verdict := "whole"
	if r.Damaged() {
		verdict = "damaged"
	}
	dst = fmt.Appendf(dst, "%s: %s\n", r.Name, verdict)
	row := func(name string, format string, args ...any) {
		dst = fmt.Appendf(dst, "  %-18s ", name)
		dst = fmt.Appendf(dst, format+"\n", args...)
	}
	row("bytes", "%d (compression: %s)", r.Bytes, r.Compression)
	if r.Records > 0 {
		row("records", "%d, %s to %s", r.Records, stamp(r.FirstTime), stamp(r.LastTime))
	}
	for _, t := range r.ByType() {
		row("  "+typeName(t), "%d", t.N)
	}
	row("updates", "%d", r.Updates)
	row("announced", "%d", r.Announced)
	row("withdrawn", "%d", r.Withdrawn)
	row("end-of-rib", "%d", r.Decode.EndOfRIB)
	row("state changes", "%d", r.StateChanges)
	row("rib entries", "%d", r.RIBEntries)
	row("other messages", "%d", r.OtherMessages)
	row("add-path records", "%d", r.AddPathMarked)
	if r.Packed > 0 {
		row("packed records", "%d (TABLE_DUMP of several entries)", r.Packed)
	}
	row("treat-as-withdraw", "%d messages (RFC 7606)", r.Decode.TreatAsWithdraw)
	dst = appendRepairs(dst, r)
	for _, t := range r.Skipped() {
		row("skipped", "%d of type %s", t.N, typeName(t))
	}
	return appendDamage(dst, r)
}

func appendRepairs(dst []byte, r *mrt.Report) []byte {
	for i, n := range r.Decode.Reasons {
		reason := decode.Reason(i)
		if n > 0 && reason.Class() == decode.ClassDiscard {
			dst = fmt.Appendf(dst, "  %-18s %d of reason %s\n", "attribute-discard", n, reason)
		}
		if n > 0 && reason == decode.ReasonFamily {
			dst = fmt.Appendf(dst, "  %-18s %d attributes of other address families\n", "not read", n)
		}
	}
	return dst
}

func appendDamage(dst []byte, r *mrt.Report) []byte {
	for _, d := range Damage(r) {
		dst = fmt.Appendf(dst, "  %-18s %s\n", "damage", d)
	}
	return dst
}

// Damage returns what was wrong with the input, one finding per line, the most
// telling first. It is empty for a whole input.
func Damage(r *mrt.Report) (out []string) {
	if r.Tail != nil {
		out = append(out, r.Tail.Error()+"; fetch the file again")
	}
	if r.TailBytes > 0 {
		out = append(out, fmt.Sprintf("%d bytes behind the last whole record, at offset %d, are no record",
			r.TailBytes, r.Bytes-r.TailBytes))
	}
	if r.Resyncs.N > 0 {
		out = append(out, fmt.Sprintf(
			"%d times the next record had to be searched for, %d bytes passed over, first at offset %d",
			r.Resyncs.N, r.ResyncBytes, r.Resyncs.First))
	}
	for i, b := range r.Bad {
		if b.N == 0 {
			continue
		}
		reason := mrt.Reason(i)
		what := "records not used"
		if reason == mrt.ReasonTrailing {
			what = "records with bytes to spare"
		}
		s := fmt.Sprintf("%d %s: %s, first at offset %d", b.N, what, reason, b.First)
		if reason == mrt.ReasonAddPath {
			s += " (ADD-PATH routes under a subtype that does not announce them, RFC 8050; refused, not guessed)"
		}
		out = append(out, s)
	}
	return out
}

func typeName(t mrt.TypeCount) string {
	if t.Other {
		return "other"
	}
	return strings.ToLower(mrt.TypeName(t.Type, t.Subtype))
}

func stamp(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
