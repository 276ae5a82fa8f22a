package alert_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
)

func TestAlertsOnTheWire(t *testing.T) {
	for name, a := range map[string]*alert.Alert{
		"incident.json": incident(), "prefix.json": prefixAlert(), "loss.json": loss(),
	} {
		t.Run(name, func(t *testing.T) {
			if err := a.Validate(); err != nil {
				t.Fatal(err)
			}
			indented, err := json.MarshalIndent(a, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, append(indented, '\n'))
			var back alert.Alert
			if err := json.Unmarshal(indented, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a, &back, exact); diff != "" {
				t.Errorf("(-sent +read):\n%s", diff)
			}
		})
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	a := incident()
	a.ID, a.Rule, a.Confidence, a.Summary = "SHORT", "", 11, "two\nlines"
	err := a.Validate()
	if err == nil {
		t.Fatal("a bad alert passes")
	}
	for _, want := range []string{`id "SHORT"`, "rule", "confidence 11", "summary"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*alert.Alert){
		"another version":            func(a *alert.Alert) { a.Version++ },
		"revision 0":                 func(a *alert.Alert) { a.Revision = 0 },
		"unknown scope":              func(a *alert.Alert) { a.Scope = "world" },
		"unknown kind":               func(a *alert.Alert) { a.Kind = "anomaly" },
		"unknown severity":           func(a *alert.Alert) { a.Severity = "fatal" },
		"unknown status":             func(a *alert.Alert) { a.Status = "open" },
		"unknown close reason":       func(a *alert.Alert) { a.CloseReason = "bored" },
		"unknown leak type":          func(a *alert.Alert) { a.LeakType = "7" },
		"unknown coverage":           func(a *alert.Alert) { a.Coverage.State = "" },
		"leak without type":          func(a *alert.Alert) { a.LeakType = "" },
		"leak without suspect":       func(a *alert.Alert) { a.Suspect, a.Segment = 0, nil },
		"segment of another":         func(a *alert.Alert) { a.Segment.Leaker = 1 },
		"prefix on an incident":      func(a *alert.Alert) { a.Prefix = route.MustPrefix("192.0.2.0/24") },
		"incident of an incident":    func(a *alert.Alert) { a.Incident = a.ID },
		"firing and closed":          func(a *alert.Alert) { a.Status = alert.StatusFiring },
		"resolved and open":          func(a *alert.Alert) { a.Closed = 0 },
		"updated before opened":      func(a *alert.Alert) { a.Updated = a.Opened - 1 },
		"opened before the evidence": func(a *alert.Alert) { a.FirstEvidence = a.Opened + 1 },
		"more peers than there are":  func(a *alert.Alert) { a.Counts.Peers = a.Counts.PeersTotal + 1 },
		"loss with a suspect":        func(a *alert.Alert) { a.Kind, a.LeakType = alert.KindVisibilityLoss, "" },
		"hijack without suspect":     func(a *alert.Alert) { suspectless(a, alert.KindHijack) },
		"subprefix hijack without":   func(a *alert.Alert) { suspectless(a, alert.KindSubprefixHijack) },
		"invalid with a suspect":     func(a *alert.Alert) { a.Kind, a.LeakType = alert.KindRPKIInvalid, "" },
		"more carried than hit":      func(a *alert.Alert) { a.Carried.Prefixes = a.Counts.Prefixes + 1 },
		"more carriers than peers":   func(a *alert.Alert) { a.Carried.Peers = 1 },
		"carriers of AS 0":           func(a *alert.Alert) { a.Carried.ASNs = []route.ASN{0} },
	} {
		a := incident()
		if spoil(a); a.Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// suspectless makes a an incident of a kind that names nobody.
func suspectless(a *alert.Alert, kind alert.Kind) {
	a.Kind, a.LeakType, a.Suspect, a.Segment = kind, "", 0, nil
}

func TestValidateTakesEveryKindOfIncident(t *testing.T) {
	for kind, make := range map[alert.Kind]func(a *alert.Alert){
		alert.KindLeak:              func(*alert.Alert) {},
		alert.KindHijack:            func(a *alert.Alert) { a.LeakType, a.Segment = "", nil },
		alert.KindSubprefixHijack:   func(a *alert.Alert) { a.LeakType, a.Segment = "", nil },
		alert.KindRPKIInvalid:       func(a *alert.Alert) { suspectless(a, a.Kind); a.ExpectedOrigin = 64500 },
		alert.KindVisibilityLoss:    func(a *alert.Alert) { suspectless(a, a.Kind); a.ExpectedOrigin = 64500 },
		alert.KindUnexpectedTransit: func(a *alert.Alert) { a.LeakType, a.Segment = "", nil },
	} {
		a := incident()
		a.Kind = kind
		if make(a); a.Validate() != nil {
			t.Errorf("%s: %v", kind, a.Validate())
		}
	}
}

func TestPrefixAlertsCarryNoCarriers(t *testing.T) {
	a := prefixAlert()
	if a.Carried = (&alert.Carried{Peers: 1}); a.Validate() == nil {
		t.Error("still_carried passes on a prefix alert")
	}
}

// The ids of stored alerts must be found again by every later version.
func TestNewIDNeverChanges(t *testing.T) {
	for _, c := range []struct {
		scope  alert.Scope
		kind   alert.Kind
		key    string
		opened route.Time
		want   string
	}{
		{alert.ScopeIncident, alert.KindLeak, "396531", leakStart, "2iyzuyktveh7tyrt"},
		{alert.ScopePrefix, alert.KindOriginChange, "192.0.2.0/24 64500", leakStart, "ndy7c6yt2tnse7hw"},
		{alert.ScopeIncident, alert.KindVisibilityLoss, "", 0, "l2kbcxsbrwy4zwsf"},
	} {
		if got := alert.NewID(c.scope, c.kind, c.key, c.opened); got != c.want {
			t.Errorf("%s %s %q %d: %s, want %s", c.scope, c.kind, c.key, c.opened, got, c.want)
		}
	}
}

func TestNewIDTellsItsPartsApart(t *testing.T) {
	seen := map[string]string{}
	for _, c := range [][3]string{
		{"ab", "c", "d"}, {"a", "bc", "d"}, {"a", "b", "cd"}, {"abc", "", "d"}, {"", "abc", "d"},
	} {
		id := alert.NewID(alert.Scope(c[0]), alert.Kind(c[1]), c[2], leakStart)
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %s share %s", c, other, id)
		}
		seen[id] = strings.Join(c[:], "|")
	}
	a := alert.NewID(alert.ScopeIncident, alert.KindLeak, "1", leakStart)
	if b := alert.NewID(alert.ScopeIncident, alert.KindLeak, "1", leakStart+1); a == b {
		t.Error("two opening times share an id")
	}
}
