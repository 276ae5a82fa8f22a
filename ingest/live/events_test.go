package live

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"detour/route"
)

// TestAFloodOfEventsIsAFewLines and a sum of the others.
func TestAFloodOfEventsIsAFewLines(t *testing.T) {
	var out bytes.Buffer
	e := events{log: slog.New(slog.NewTextHandler(&out, nil))}
	const start = 1000 * route.Second
	for i := range route.Time(60_000) { // a minute
		e.add(start+i*route.Second/1000, EventRefused, "peer", fmt.Sprint(i))
	}
	e.add(start+route.Minute, EventUp, "peer", "")
	if n := strings.Count(out.String(), "event=refused"); n != 6*logsPerKind {
		t.Errorf("%d lines in a minute, want %d", n, 6*logsPerKind)
	}
	out.Reset()
	e.sum(start + route.Minute - 1) // its while is not over
	e.sum(start + 2*route.Minute)
	e.sum(start + 3*route.Minute)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "event=refused more_of_these=9950") {
		t.Errorf("the sum is %q", got)
	}
	if last := e.last(); len(last) != maxEvents || last[maxEvents-1].Kind != EventUp {
		t.Errorf("%d events are kept", len(last))
	}
}

// TestMalformedAttributesAreToldWithTheirSession: else a neighbor all of whose updates
// count as withdrawals would look well.
func TestMalformedAttributesAreToldWithTheirSession(t *testing.T) {
	d := NewDesk(&listener{}, Config{})
	s, err := d.Session(route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100})
	if err != nil {
		t.Fatal(err)
	}
	u := &route.Update{
		Flags: route.FlagTreatAsWithdraw, Withdrawn: []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(0)},
	}
	if err := s.Update(t.Context(), u, 0); err != nil {
		t.Fatal(err)
	}
	list := d.Stats().Events
	if len(list) != 1 || list[0].Kind != EventUndecodable || !strings.HasPrefix(list[0].Detail, "attributes are") {
		t.Errorf("events %+v", list)
	}
}
