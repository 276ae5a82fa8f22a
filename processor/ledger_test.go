package processor

import (
	"fmt"
	"testing"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

func at(sequence uint64, index uint32) stream.AlertPosition {
	return stream.AlertPosition{Created: 5, Sequence: sequence, Index: index}
}

func TestALedgerSaysWhatIsNews(t *testing.T) {
	l := newLedger(nil)
	if l.mute(at(1, 1)) || l.revision("a", at(1, 1)) != 1 {
		t.Error("without any alert something is muted or known")
	}
	l.note(&alert.Alert{ID: "a", Revision: 3, Status: alert.StatusFiring}, at(7, 2))
	for _, c := range []struct {
		id   string
		at   stream.AlertPosition
		mute bool
		next uint32
	}{
		{"a", at(6, 9), true, 0},
		{"a", at(7, 1), false, 0}, // of the same message: perhaps the last that was told before the end
		{"a", at(7, 2), false, 0},
		{"a", at(7, 3), false, 4},
		{"b", at(7, 1), false, 1},
		{"a", at(8, 1), false, 4},
		{"a", stream.AlertPosition{Created: 4, Sequence: 9, Index: 1}, true, 0}, // of an older stream
		{"a", stream.AlertPosition{Created: 6, Sequence: 1, Index: 1}, false, 4},
	} {
		if mute, next := l.mute(c.at), l.revision(c.id, c.at); mute != c.mute || next != c.next {
			t.Errorf("%s at %v: muted %t, next %d, want %t and %d", c.id, c.at, mute, next, c.mute, c.next)
		}
	}
}

func TestALedgerIsBoundedAndKeepsWhatFires(t *testing.T) {
	l := newLedger(nil)
	l.limit = 100
	for i := range 1000 {
		a := alert.Alert{ID: fmt.Sprint(i), Revision: 1, Status: alert.StatusResolved, Updated: route.Time(i)}
		if i%100 == 0 {
			a.Status = alert.StatusFiring
		}
		l.note(&a, at(uint64(i)+1, 1))
		if len(l.entries) > l.limit {
			t.Fatalf("%d alerts are known", len(l.entries))
		}
	}
	for i := range 10 {
		if l.entries[fmt.Sprint(100*i)].revision == 0 {
			t.Errorf("alert %d fires and is forgotten", 100*i)
		}
	}
}

func fires(id string, opened route.Time, suspect route.ASN) *alert.Alert {
	return &alert.Alert{
		ID: id, Scope: alert.ScopeIncident, Kind: alert.KindLeak, Suspect: suspect, Status: alert.StatusFiring,
		Opened: opened, Updated: opened, FirstEvidence: opened,
	}
}

func TestWhatFiresIsAdoptedUnderItsName(t *testing.T) {
	c := correlate.New(correlate.Config{})
	d := newAdoption()
	d.read(fires("old", 100, 1))
	d.read(fires("over", 100, 2))
	d.read(&alert.Alert{ID: "over", Status: alert.StatusResolved})
	d.read(fires("early", 50, 3))
	d.read(fires("gone", 100, 4))
	d.first = 80
	d.compare(c, 200, func(string) bool { return false })
	again := fires("new", 150, 1)
	child := &alert.Alert{
		ID: "child", Scope: alert.ScopePrefix, Kind: alert.KindLeak, Suspect: 1, Incident: "new", Opened: 150,
	}
	for _, a := range []*alert.Alert{again, child} {
		if !d.take(a, false) {
			t.Errorf("%s is not told", a.ID)
		}
	}
	if again.ID != "old" || again.Opened != 100 || child.ID != "child" || child.Incident != "old" {
		t.Errorf("told as %+v and %+v", again, child)
	}
	if more := fires("new", 150, 1); !d.take(more, true) || more.ID != "old" {
		t.Errorf("told as %+v the next time", more)
	}
	ended := func(t route.Time) (ids []string) {
		for _, a := range d.expire(t) {
			ids = append(ids, a.ID+" "+string(a.CloseReason))
		}
		return ids
	}
	end := 50 + 6*route.Hour
	for _, step := range []struct {
		t    route.Time
		want string
	}{
		{199 + correlate.QuietAfter, "[]"},
		{200 + correlate.QuietAfter, "[gone expired]"},
		{end - 1, "[]"},
		{end, "[early expired]"},
		{end + route.Hour, "[]"},
	} {
		if got := fmt.Sprint(ended(step.t)); got != step.want {
			t.Errorf("at %d: %s, want %s", step.t, got, step.want)
		}
	}
	if want := (AdoptionStats{Adopted: 3, Renamed: 1, Expired: 2}); d.stats != want {
		t.Errorf("%+v, want %+v", d.stats, want)
	}
}
