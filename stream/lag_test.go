package stream

import (
	"testing"
	"time"
)

func TestLagIsWhatWasStoredBehindThePosition(t *testing.T) {
	now := time.Unix(1e9, 0)
	var l lag
	for seq := uint64(1); seq <= 100; seq++ {
		l.add(10*seq, lagStep)
	}
	if got := l.behind(now); got != 0 {
		t.Errorf("nobody was heard of: %d", got)
	}
	l.heard("a", 400, now)
	for _, c := range []struct{ position, steps uint64 }{
		{400, 60}, {409, 60}, {0, 100}, {9, 100}, {10, 99}, {1000, 0}, {5000, 0},
	} {
		l.heard("a", c.position, now)
		if got := l.behind(now); got != int64(c.steps)*lagStep {
			t.Errorf("at %d: %d bytes behind, want %d steps", c.position, got, c.steps)
		}
	}
}

func TestLagIsThatOfTheSlowestWhoIsAlive(t *testing.T) {
	now := time.Unix(1e9, 0)
	var l lag
	for seq := uint64(1); seq <= 10; seq++ {
		l.add(seq, lagStep)
	}
	l.heard("slow", 2, now)
	l.heard("fast", 9, now)
	if got := l.behind(now); got != 8*lagStep {
		t.Errorf("both alive: %d", got)
	}
	now = now.Add(lagStale / 2)
	l.heard("fast", 9, now)
	now = now.Add(lagStale/2 + 1)
	if got := l.behind(now); got != lagStep {
		t.Errorf("the slow one is dead: %d", got)
	}
	now = now.Add(time.Hour)
	if got := l.behind(now); got != lagStep {
		t.Errorf("all are dead, wait where the fastest was: %d", got)
	}
	for i := range 2 * lagMembers {
		l.heard(string(rune('A'+i)), 10, now)
	}
	if len(l.members) != lagMembers {
		t.Errorf("%d members are kept", len(l.members))
	}
}

func TestLagRequiresPositionsWhenAsked(t *testing.T) {
	l := lag{require: true}
	l.add(1, 5)
	l.add(2, 6)
	if got := l.behind(time.Time{}); got != 11 {
		t.Errorf("%d", got)
	}
}

// However long the log, the marks are bounded, and the lag is never understated
// and overstated by at most the distance of two marks.
func TestLagStaysBoundedAndNeverUnderstates(t *testing.T) {
	now := time.Unix(1e9, 0)
	var l lag
	const count = 20 * lagMarks
	l.heard("a", 0, now)
	for seq := uint64(1); seq <= count; seq++ {
		l.add(seq, lagStep)
		if seq%1000 == 0 {
			position := seq / 2
			l.heard("a", position, now)
			want := int64(seq-position) * lagStep
			if got := l.behind(now); got < want || got > want+2*l.step {
				t.Fatalf("at %d of %d: %d, want %d to %d", position, seq, got, want, want+2*l.step)
			}
		}
	}
	if len(l.marks) > lagMarks {
		t.Errorf("%d marks", len(l.marks))
	}
}

func TestPositionsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, data := range []string{
		``, `{`, `{"shard":-1}`, `{"shard":64}`, `{"sequence":-1}`,
		`{"member":"` + string(make([]byte, 200)) + `"}`,
	} {
		if p, err := ParsePosition([]byte(data)); err == nil {
			t.Errorf("%.40q gave %+v", data, p)
		}
	}
	p, err := ParsePosition([]byte(`{"member":"a","shard":63,"sequence":18446744073709551615,"more":1}`))
	if want := (Position{"a", 63, 18446744073709551615}); p != want || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func FuzzParsePosition(f *testing.F) {
	f.Add([]byte(`{"member":"a","shard":3,"sequence":12}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePosition(data)
		if err == nil && (p.Shard < 0 || p.Shard >= MaxShards || len(p.Member) > maxMemberName) {
			t.Fatalf("%+v", p)
		}
	})
}
