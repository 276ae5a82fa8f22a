package eval

import (
	"testing"

	"detour/alert"
	"detour/internal/scenario"
	"detour/route"
)

// message is an alert's message as tests need it.
type message struct {
	id      string
	scope   alert.Scope
	kind    alert.Kind
	suspect route.ASN
	opened  route.Time
	info    bool
}

func (m message) alert() *alert.Alert {
	a := &alert.Alert{
		ID: m.id, Scope: m.scope, Kind: m.kind, Suspect: m.suspect, Opened: m.opened, Status: alert.StatusFiring,
		Severity: alert.SeverityCritical, Rule: "r",
	}
	if m.info {
		a.Severity = alert.SeverityInfo
	}
	return a
}

// bads is a case's bad elements: one prefix each second from second 10 to 19.
func bads() (out []scenario.Element) {
	for n := range 10 {
		p := route.MustPrefix("10.0.0.0/16")
		p.Hi += uint64(n) << 48
		e := scenario.Element{At: route.Time(10+n) * route.Second, Prefix: p, Path: []route.ASN{1, 2}, Bad: true}
		out = append(out, e, e) // at two peers
	}
	return out
}

func verdictOn(want *scenario.Want, messages ...message) (*Outcome, Verdict) {
	t := newTally(5 * route.Second)
	t.bad(bads())
	for _, m := range messages {
		t.take(m.alert())
	}
	o := t.outcome(&scenario.Case{Name: "c", Want: want})
	return o, Judge(o)
}

func TestACaseIsGradedByWhatWasSaid(t *testing.T) {
	want := &scenario.Want{
		Kind: "leak", Also: "hijack", Scope: "incident", Suspect: 30, ExportedTo: 20, LearnedFrom: 40,
	}
	watched := &scenario.Want{Kind: "hijack", Scope: "prefix", Suspect: 30}
	incident := func(kind alert.Kind, suspect route.ASN, second int) message {
		return message{
			id: string(kind) + suspect.String(), scope: alert.ScopeIncident, kind: kind, suspect: suspect,
			opened: route.Time(second) * route.Second,
		}
	}
	leak := func(suspect route.ASN, second int) message { return incident(alert.KindLeak, suspect, second) }
	note := incident(alert.KindLeak, 30, 12)
	note.info = true
	prefix := incident(alert.KindHijack, 30, 12)
	prefix.scope, prefix.id = alert.ScopePrefix, "prefix"
	nobody := message{scope: alert.ScopePrefix, kind: alert.KindHijack, opened: 12e6}
	for name, c := range map[string]struct {
		want     *scenario.Want
		messages []message
		grade    Grade
		extra    int
	}{
		"the suspect":                   {want, []message{incident(alert.KindLeak, 30, 12)}, Right, 0},
		"its other kind":                {want, []message{incident(alert.KindHijack, 30, 12)}, Right, 0},
		"whom it exported to":           {want, []message{incident(alert.KindLeak, 20, 12)}, Adjacent, 0},
		"whom it learned from":          {want, []message{incident(alert.KindLeak, 40, 12)}, Adjacent, 0},
		"somebody else":                 {want, []message{incident(alert.KindLeak, 50, 12)}, Wrong, 1},
		"another kind":                  {want, []message{incident(alert.KindVisibilityLoss, 30, 12)}, Missed, 1},
		"nobody":                        {want, nil, Missed, 0},
		"a note only":                   {want, []message{note}, Missed, 0},
		"a watched prefix only":         {want, []message{prefix}, Missed, 0},
		"before anything was bad":       {want, []message{incident(alert.KindLeak, 30, 9)}, Missed, 1},
		"before the case began":         {want, []message{incident(alert.KindLeak, 30, 4)}, Missed, 0},
		"the suspect second":            {want, []message{leak(20, 11), leak(30, 12)}, Right, 1},
		"nothing, rightly":              {nil, nil, Silent, 0},
		"nothing but a note":            {nil, []message{note}, Silent, 0},
		"something without cause":       {nil, []message{incident(alert.KindLeak, 30, 12)}, False, 0},
		"two things without cause":      {nil, []message{leak(3, 12), leak(4, 13)}, False, 1},
		"the watched prefix":            {watched, []message{prefix}, Right, 0},
		"the watched one, an incident":  {watched, []message{prefix, incident(alert.KindHijack, 30, 12)}, Right, 0},
		"an incident, not the prefix":   {watched, []message{incident(alert.KindHijack, 30, 12)}, Missed, 1},
		"the watched one, and another":  {watched, []message{prefix, incident(alert.KindLeak, 50, 12)}, Right, 1},
		"the watched one of no suspect": {watched, []message{nobody}, Wrong, 0},
	} {
		if _, v := verdictOn(c.want, c.messages...); v.Grade != c.grade || v.Extra != c.extra {
			t.Errorf("%s: %v and %d more, want %v and %d", name, v.Grade, v.Extra, c.grade, c.extra)
		}
	}
}

func TestDelayIsMeasuredInSecondsAndBadPrefixes(t *testing.T) {
	open := message{id: "i", scope: alert.ScopeIncident, kind: alert.KindLeak, suspect: 30, opened: 12_500_000}
	o, v := verdictOn(&scenario.Want{Kind: "leak", Scope: "incident", Suspect: 30}, open, open)
	if v.Grade != Right || v.Delay != 2_500_000 || v.Deciding != 500_000 || v.Messages != 2 {
		t.Errorf("%+v", v)
	}
	if h := v.Hit; h.BadPrefixes != 3 || h.BadUpdates != 6 || o.FirstBad != 10*route.Second {
		t.Errorf("%d prefixes, %d updates bad before, the first at %v", h.BadPrefixes, h.BadUpdates, o.FirstBad)
	}
}

func TestAReopenedIncidentIsOneIncident(t *testing.T) {
	m := message{id: "i", scope: alert.ScopeIncident, kind: alert.KindLeak, suspect: 30, opened: 12e6}
	tl := newTally(0)
	closed := m.alert()
	closed.Status = alert.StatusResolved
	if !tl.take(m.alert()) || tl.take(closed) || tl.take(m.alert()) {
		t.Error("only the first message opens")
	}
	o := tl.outcome(&scenario.Case{})
	if len(o.Told) != 1 || o.Told[0].Reopened != 1 || o.Told[0].Messages != 3 {
		t.Errorf("%+v", o.Told)
	}
}
