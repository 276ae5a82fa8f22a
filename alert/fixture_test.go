package alert_test

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares got with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

const leakStart = route.Time(1561372326123456) // 2019-06-24 10:32:06.123456 UTC

// fullFlag has every field set.
func fullFlag() *alert.Flag {
	return &alert.Flag{
		Version:         alert.Version,
		Kind:            alert.KindUnexpectedTransit,
		Prefix:          route.MustPrefix("104.16.0.0/20"),
		ExpectedOrigin:  13335,
		AnnouncedOrigin: 13335,
		Peer:            alert.Peer{Collector: "rrc00", Address: netip.MustParseAddr("2001:db8::1"), ASN: 2914},
		Time:            leakStart,
		Before:          alert.Path{2914, 13335},
		After:           alert.Path{2914, 0, 701, 396531, 33154, 3356, 13335},
		Newcomers:       []route.ASN{701, 396531, 33154},
		Unique:          6,
		Longest:         3,
		MoreSpecific:    true,
		Ingester:        "ris-1",
		Update:          4711,
	}
}

// leastFlag has only what is required.
func leastFlag() *alert.Flag {
	return &alert.Flag{
		Version:  alert.Version,
		Kind:     alert.KindOriginChange,
		Prefix:   route.MustPrefix("2001:db8::/32"),
		Peer:     alert.Peer{Collector: "edge"},
		Time:     leakStart,
		After:    alert.Path{0},
		Unique:   1,
		Ingester: "bmp",
		Update:   1,
	}
}

// incident is the leak of 2019-06-24 as an incident, every field of an incident
// set.
func incident() *alert.Alert {
	return &alert.Alert{
		Version:       alert.Version,
		ID:            alert.NewID(alert.ScopeIncident, alert.KindLeak, "396531", leakStart),
		Revision:      3,
		Scope:         alert.ScopeIncident,
		Kind:          alert.KindLeak,
		LeakType:      alert.LeakHairpin,
		Severity:      alert.SeverityCritical,
		Status:        alert.StatusResolved,
		Suspect:       396531,
		Segment:       &alert.Segment{ExportedTo: 701, Leaker: 396531, LearnedFrom: 33154},
		Opened:        leakStart,
		Updated:       leakStart + 2*route.Hour,
		Closed:        leakStart + 2*route.Hour,
		CloseReason:   alert.CloseWithdrawn,
		FirstEvidence: leakStart - route.Second,
		Counts: alert.Counts{
			Prefixes: 20000, Origins: 2400, Peers: 48, PeersTotal: 60, Sessions: 52, MoreSpecifics: 300, Updates: 91234,
		},
		Rule:       "flip",
		Confidence: 9,
		Evidence: []alert.Evidence{
			{Tag: "direction-flip", Weight: 3, Detail: "61 of 64 facts go against every direction seen before"},
			{Tag: "one-peer", Weight: -1},
		},
		Carried:    &alert.Carried{Prefixes: 12, Peers: 3, ASNs: []route.ASN{2914, 1299}},
		TopOrigins: []alert.Origin{{ASN: 13335, Name: "CLOUDFLARENET", Prefixes: 16}, {ASN: 16509, Prefixes: 9}},
		Samples: []alert.Sample{{
			Prefix: route.MustPrefix("104.16.0.0/20"),
			Peer:   alert.Peer{Collector: "rrc00", Address: netip.MustParseAddr("192.0.2.1"), ASN: 2914},
			Before: alert.Path{2914, 13335},
			After:  alert.Path{2914, 701, 396531, 33154, 0, 13335},
		}},
		Coverage: alert.Coverage{State: alert.CoverageDegraded, Reasons: []string{"gap at rrc01 since 10:30:00"}},
		Summary:  "AS396531 leaked 20000 prefixes of 2400 networks from AS33154 to AS701",
		Timing: &alert.Timing{
			Received: leakStart, Published: leakStart + 1, Applied: leakStart + 2, Correlated: leakStart + 3,
			Emitted: leakStart + 4,
		},
	}
}

// loss is a visibility loss as an incident, over, with the fields that it must
// have and no more.
func loss() *alert.Alert {
	return &alert.Alert{
		Version:        alert.Version,
		ID:             alert.NewID(alert.ScopeIncident, alert.KindVisibilityLoss, "AS64500", leakStart),
		Revision:       2,
		Scope:          alert.ScopeIncident,
		Kind:           alert.KindVisibilityLoss,
		Severity:       alert.SeverityCritical,
		Status:         alert.StatusResolved,
		ExpectedOrigin: 64500,
		Opened:         leakStart,
		Updated:        leakStart + route.Hour,
		Closed:         leakStart + route.Hour,
		CloseReason:    alert.CloseRestored,
		FirstEvidence:  leakStart,
		Rule:           "visibility",
		Carried:        &alert.Carried{},
		Coverage:       alert.Coverage{State: alert.CoverageComplete},
		Summary:        "1 prefix of AS64500 was withdrawn; they are back after 1h0m0s.",
	}
}

// prefixAlert is an alert on one watched prefix, with the fields that incidents
// lack.
func prefixAlert() *alert.Alert {
	return &alert.Alert{
		Version:         alert.Version,
		ID:              alert.NewID(alert.ScopePrefix, alert.KindOriginChange, "192.0.2.0/24 64500", leakStart),
		Revision:        1,
		Scope:           alert.ScopePrefix,
		Kind:            alert.KindOriginChange,
		Severity:        alert.SeverityWarning,
		Status:          alert.StatusFiring,
		Suspect:         64501,
		Prefix:          route.MustPrefix("192.0.2.0/24"),
		ExpectedOrigin:  64500,
		AnnouncedOrigin: 64501,
		Incident:        alert.NewID(alert.ScopeIncident, alert.KindHijack, "AS64501", leakStart),
		Opened:          leakStart,
		Updated:         leakStart,
		FirstEvidence:   leakStart,
		Counts:          alert.Counts{Prefixes: 1, Origins: 1, Peers: 3, PeersTotal: 60, Sessions: 3, Updates: 3},
		Rule:            "watched-transit",
		Confidence:      6,
		Coverage:        alert.Coverage{State: alert.CoverageComplete},
		Summary:         "192.0.2.0/24 of AS64500 is announced by AS64501",
	}
}
