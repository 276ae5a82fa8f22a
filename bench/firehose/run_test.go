package firehose

import (
	"os"
	"strings"
	"testing"
	"time"

	"detour/route"
	"detour/wire"
)

func TestShortFormLosesNothing(t *testing.T) {
	o := Options{Short: true, Server: []string{os.Args[0], serverArg}, Say: func(l string) { t.Log(l) }}
	s, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"R1 file", "R1 memory", "R3 file"}
	for i, row := range s.Tables[2].Rows {
		if row[0] != want[i] || row[9] == "0" || row[9] != row[10] {
			t.Errorf("traffic of run %d: %q", i, row)
		}
	}
}

func TestOneRunByFlags(t *testing.T) {
	for name, tc := range map[string]struct {
		o    Options
		want string // part of the error
	}{
		"at a rate":         {Options{Rate: "2000"}, ""},
		"no number":         {Options{Rate: "fast"}, "must be max or route elements"},
		"two replicas":      {Options{Rate: "max", Replicas: 2}, "must be 1 or 3"},
		"unknown storage":   {Options{Rate: "max", Storage: "tape"}, "must be file or memory"},
		"three, no servers": {Options{Rate: "max", Replicas: 3}, "need a command"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.o.Short = true
			_, err := Run(t.Context(), tc.o)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestTransferLosesNothing(t *testing.T) {
	s, err := RunTransfer(t.Context(), TransferOptions{Short: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Tables[0].Rows); n != 9 {
		t.Errorf("%d rows: %q", n, s.Tables[0].Rows)
	}
}

// TestLossIsAnError sends something that the check must not let through.
func TestLossIsAnError(t *testing.T) {
	w := smallWorld(t)
	for name, tc := range map[string]struct {
		disturb func(r *rig)
		want    string
	}{
		"nothing": {func(*rig) {}, ""},
		"a frame that nobody can read": {func(r *rig) {
			r.broker.process.nc.Publish("detour.v1.updates.0", []byte("no frame")) //nolint:errcheck // the check tells
		}, "unreadable frames: 1"},
		"a frame of before": {func(r *rig) {
			b := wire.NewFrameBuilder("bench", 1)
			b.Reset(1)
			b.Add(&route.Update{Kind: route.KindTick, Peer: route.AllPeers, Number: 1, Engine: 1}, nil, nil, nil)
			r.broker.process.nc.Publish("detour.v1.updates.0", b.Bytes(1)) //nolint:errcheck // the check tells
		}, "unreadable frames: 1"},
		"an alert that nobody heard": {func(r *rig) { r.events.begin(1) }, "labelled events made"},
		"a flag of a stranger": {func(r *rig) {
			flag := []byte(`{"time":"2026-01-01T00:00:00Z"}`)
			r.broker.process.nc.Publish("detour.v1.flag.x.1", flag) //nolint:errcheck // the check tells
		}, "flags were told and"},
	} {
		t.Run(name, func(t *testing.T) {
			err := runDisturbed(t, w, tc.disturb)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func smallWorld(t *testing.T) *world {
	t.Helper()
	w, err := makeWorld(Shape{Prefixes: shortPrefixes, Peers: shortPeers, Churn: 2000, Targets: 5}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return w
}
