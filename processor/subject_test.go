package processor

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

const watchFile = `
104.16.0.0/20:
  description: the net
  asn: 13335
  group: noc.eu
options:
  monitorASns:
    18101:
      group: abuse
`

func watchOf(t testing.TB, text string) *reference.Watch {
	t.Helper()
	w, err := reference.ReadWatch(strings.NewReader(text), "watch")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// watchedIn is what Config.Watched asks of a watch file.
func watchedIn(w *reference.Watch) func(route.Prefix, route.ASN) bool {
	return func(p route.Prefix, o route.ASN) bool { return w.Match(p) != nil || w.ASN(o) != nil }
}

func TestAlertSubject(t *testing.T) {
	w := watchOf(t, watchFile)
	for name, c := range map[string]struct {
		alert alert.Alert
		want  string
	}{
		"a hijack incident is its suspect's": {
			alert.Alert{Scope: alert.ScopeIncident, Kind: alert.KindHijack, Suspect: 666, ExpectedOrigin: 13335},
			"detour.v1.alert.incident.hijack.666",
		},
		"with the group of the suspect, if that is watched": {
			alert.Alert{Scope: alert.ScopeIncident, Kind: alert.KindHijack, Suspect: 18101},
			"detour.v1.alert.incident.hijack.18101.abuse",
		},
		"a loss is its origin's": {
			alert.Alert{Scope: alert.ScopeIncident, Kind: alert.KindVisibilityLoss, ExpectedOrigin: 13335},
			"detour.v1.alert.incident.visibility-loss.13335",
		},
		"a prefix is its expected origin's, whoever is suspected": {
			alert.Alert{
				Scope: alert.ScopePrefix, Kind: alert.KindLeak, Suspect: 18101, ExpectedOrigin: 15169,
				Prefix: route.MustPrefix("8.8.8.0/24"),
			},
			"detour.v1.alert.prefix.leak.15169",
		},
		"with the group of its entry, without what NATS would take for two": {
			alert.Alert{
				Scope: alert.ScopePrefix, Kind: alert.KindLeak, Suspect: 666, ExpectedOrigin: 13335,
				Prefix: route.MustPrefix("104.16.1.0/24"),
			},
			"detour.v1.alert.prefix.leak.13335.noc_eu",
		},
		"or that of its origin": {
			alert.Alert{
				Scope: alert.ScopePrefix, Kind: alert.KindHijack, Suspect: 666, ExpectedOrigin: 18101,
				Prefix: route.MustPrefix("8.8.8.0/24"),
			},
			"detour.v1.alert.prefix.hijack.18101.abuse",
		},
		"where no origin was learned, the watch file knows it": {
			alert.Alert{Scope: alert.ScopePrefix, Kind: alert.KindLeak, Suspect: 666, Prefix: route.MustPrefix("104.16.0.0/20")},
			"detour.v1.alert.prefix.leak.13335.noc_eu",
		},
		"an unknown origin is 0": {
			alert.Alert{Scope: alert.ScopePrefix, Kind: alert.KindUnexpectedTransit, Prefix: route.MustPrefix("8.8.8.0/24")},
			"detour.v1.alert.prefix.unexpected-transit.0",
		},
	} {
		if got := alertSubject(&c.alert, w); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	got := alertSubject(&alert.Alert{Scope: alert.ScopePrefix, Kind: alert.KindLeak}, nil)
	if got != "detour.v1.alert.prefix.leak.0" {
		t.Errorf("without a watch file: %s", got)
	}
}

// TestEachHearsOfItsOwn lets AS13335 subscribe as the documentation says.
func TestEachHearsOfItsOwn(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		subs := map[string]*nats.Subscription{}
		patterns := []string{
			"detour.v1.alert.*.*.13335", "detour.v1.alert.*.*.13335.>", "detour.v1.alert.incident.>",
			"detour.v1.alert.*.*.*.noc_eu", "detour.v1.alert.>",
		}
		all := onNATS(t, theDay(), watchOf(t, watchFile), func(nc *nats.Conn) {
			for _, p := range patterns {
				sub, err := nc.SubscribeSync(p)
				if err != nil {
					t.Fatal(err)
				}
				subs[p] = sub
			}
		})
		checkLives(t, all)
		heard := func(pattern string) (ids []string) {
			for {
				m, err := subs[pattern].NextMsg(0)
				if errors.Is(err, nats.ErrTimeout) {
					return ids
				}
				if err != nil {
					t.Fatal(err)
				}
				var a alert.Alert
				if err := json.Unmarshal(m.Data, &a); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, fmt.Sprintf("%s %d", a.ID, a.Revision))
			}
		}
		want := func(is func(s *onSubject) bool) (ids []string) {
			for i := range all {
				if is(&all[i]) {
					ids = append(ids, fmt.Sprintf("%s %d", all[i].ID, all[i].Revision))
				}
			}
			return ids
		}
		own := slices.Concat(heard(patterns[0]), heard(patterns[1]))
		slices.Sort(own)
		of13335 := want(func(s *onSubject) bool {
			return s.ExpectedOrigin == 13335 || s.Scope == alert.ScopeIncident && s.Suspect == 13335
		})
		slices.Sort(of13335)
		if diff := cmp.Diff(of13335, own); diff != "" || len(own) < 8 {
			t.Errorf("AS13335 heard %d messages (-of it +heard):\n%s", len(own), diff)
		}
		incidents := want(func(s *onSubject) bool { return s.Scope == alert.ScopeIncident })
		if diff := cmp.Diff(incidents, heard(patterns[2])); diff != "" {
			t.Errorf("incidents (-stored +heard):\n%s", diff)
		}
		group := want(func(s *onSubject) bool { return s.Prefix == route.MustPrefix("104.16.0.0/20") })
		if diff := cmp.Diff(group, heard(patterns[3])); diff != "" || len(group) < 4 {
			t.Errorf("the group (-stored +heard):\n%s", diff)
		}
		if diff := cmp.Diff(want(func(*onSubject) bool { return true }), heard(patterns[4])); diff != "" {
			t.Errorf("everybody (-stored +heard):\n%s", diff)
		}
	})
}

// checkLives holds that each alert keeps its subject from the first message to
// the last, that revisions have no hole, and that the day gave what it should.
func checkLives(t *testing.T, all []onSubject) {
	t.Helper()
	subject, revision := map[string]string{}, map[string]uint32{}
	ended := map[string]alert.CloseReason{}
	for i := range all {
		s := &all[i]
		if first, ok := subject[s.ID]; ok && first != s.subject {
			t.Errorf("alert %s moved from %s to %s", s.ID, first, s.subject)
		}
		subject[s.ID] = s.subject
		if revision[s.ID]++; revision[s.ID] != s.Revision {
			t.Errorf("alert %s: revision %d, want %d", s.ID, s.Revision, revision[s.ID])
		}
		ended[s.ID] = s.CloseReason
		if s.Scope == alert.ScopePrefix && s.Incident != "" && subject[s.Incident] == "" {
			t.Errorf("the alert of %s came before its incident", s.Prefix)
		}
	}
	got := map[string]int{}
	for id, s := range subject {
		if got[s]++; ended[id] == "" {
			t.Errorf("alert %s on %s has no end", id, s)
		}
	}
	want := map[string]int{
		"detour.v1.alert.incident.hijack.18101.abuse":         1,
		"detour.v1.alert.prefix.hijack.13335":                 2,
		"detour.v1.alert.prefix.hijack.13335.noc_eu":          1,
		"detour.v1.alert.prefix.hijack.15169":                 2,
		"detour.v1.alert.prefix.hijack.20940":                 2,
		"detour.v1.alert.incident.visibility-loss.13335":      1,
		"detour.v1.alert.prefix.visibility-loss.13335.noc_eu": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lives (-want +got):\n%s", diff)
	}
}
