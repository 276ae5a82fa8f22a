package processor

import (
	"testing"

	"detour/route"
)

// fuzzLog writes what fuzzFrames reads.
type fuzzLog struct{ b []byte }

func (l *fuzzLog) add(kind route.Kind, session, time byte, more ...byte) []byte {
	b := make([]byte, fuzzUpdate)
	b[0], b[1], b[4] = byte(kind)|0x80, session, time
	copy(b[5:], more)
	l.b = append(l.b, b...)
	return l.b[len(l.b)-fuzzUpdate:]
}

const fuzzOneSecond = 2 // of fuzzTimes

// fuzzLeakLog: a table, and a network that comes between, at several sessions.
func fuzzLeakLog() []byte {
	var l fuzzLog
	for _, way := range [][]byte{{1, 1, 1, 1, 1, 2}, {1, 1, 4, 5, 1, 2}, {7, 7, 7, 7, 7, 9}} {
		for session := range byte(5) {
			for prefix := range byte(4) {
				l.add(route.KindUpdate, session, fuzzOneSecond, append([]byte{prefix, prefix + 10, 0}, way...)...)
			}
		}
		l.add(route.KindEndOfRIB, 0x80, 6)
		l.add(route.KindTick, 0x80, 7)
	}
	for session := range byte(5) {
		l.add(route.KindUpdate, session, fuzzOneSecond, 0, 10, 0x80)
	}
	return l.b
}

// fuzzEventsLog: sessions that come and go, one and all, known or not.
func fuzzEventsLog() []byte {
	var l fuzzLog
	for round := range byte(4) {
		for session := range byte(9) {
			l.add(route.KindUpdate, session, fuzzOneSecond, session, round, 1<<round, 1, 2, 3, 4, 5, round)
			l.add(route.KindPeerUp+route.Kind(session+round)%4, session, 0)
		}
		l.add(route.KindPeerUp+route.Kind(round), 0x80, 4)
	}
	return l.b
}

// fuzzTimesLog: every time that there is.
func fuzzTimesLog() []byte {
	var l fuzzLog
	for time := range byte(8) {
		l.add(route.KindUpdate, time, time, time, time+1, 0, 1, 2, 3, 4, 5, 6)
		l.add(route.KindTick, 0x80, time|0x80)[2] = time & 3
		l.add(route.KindGap, time, time|0x80)
		l.add(route.KindUpdate, time, time|0x80, time, time+1, 0, 9, 2, 3, 4, 5, 6, 0x1f)
	}
	return l.b
}

// fuzzNamesLog: ingesters, epochs and numbers, and frames with a bit flipped.
func fuzzNamesLog() []byte {
	var l fuzzLog
	for i := range byte(16) {
		name := i * 7 % 16
		for step := range byte(8) {
			b := l.add(route.KindUpdate, step, fuzzOneSecond, step, name, 2, 1, 2, 3, 4, 5, 6)
			if b[2], b[3] = name, step; step == 7 {
				b[3], b[15] = 0x80|name<<3, 1<<(name&7)
			}
		}
	}
	return l.b
}

// TestSeedsOfFuzzEngineReach holds that the seeds come to what hostile logs are
// made of.
func TestSeedsOfFuzzEngineReach(t *testing.T) {
	var c Counters
	for _, log := range [][]byte{fuzzLeakLog(), fuzzEventsLog(), fuzzTimesLog(), fuzzNamesLog()} {
		frames := fuzzFrames(log)
		x := newFuzzed(t, len(frames))
		for _, data := range frames {
			x.apply(data)
		}
		x.done()
		c.Add(&x.e.counters)
	}
	for name, n := range map[string]uint64{
		"frames": c.Frames, "copies": c.Copies, "behind": c.Behind, "unreadable": c.BadFrames, "ahead": c.AheadFrames,
		"skipped": c.SkippedFrames, "gaps": c.Gaps, "flags": c.Flags, "unknown peers": c.UnknownPeer,
		"sessions refused": c.SessionsRefused, "records": c.Records,
	} {
		if n == 0 {
			t.Errorf("no %s: %+v", name, c)
		}
	}
}
