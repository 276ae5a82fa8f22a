package detect_test

import (
	"net/netip"
	"testing"

	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// table is a rib with one full-table peer, primed with one route.
type table struct {
	r  *rib.RIB
	pe rib.Peer
	ch rib.Change

	now route.Time
}

func primed(prefix string, asns ...route.ASN) *table {
	t := &table{r: rib.New(rib.Config{}), now: 1e15}
	t.pe, _ = t.r.AddPeer(route.Peer{Addr: netip.MustParseAddr("192.0.2.1"), ASN: asns[0]})
	t.r.Advance(t.now)
	t.announce(prefix, rib.FromTable, asns...)
	return t
}

func (t *table) announce(prefix string, src rib.Source, asns ...route.ASN) detect.Facts {
	raw := route.Path{ASNs: asns}
	path, _ := t.r.Path(t.pe, &raw, src == rib.FromUpdate)
	t.r.Announce(t.pe, route.MustPrefix(prefix).NLRI(0), false, path, src, &t.ch)
	f := detect.Judge(t.r, &t.ch)
	t.r.State(&t.ch, f.Any())
	return f
}

// The leak of 2019-06-24 in small: AS701 takes Cloudflare's routes from AS396531
// instead of from Cloudflare itself.
func TestFacts(t *testing.T) {
	const none = wire.RecordFlags(0)
	for _, c := range []struct {
		name               string
		prefix             string
		path               []route.ASN
		reported, contrast uint64
		unknown, young     uint64
		flags              wire.RecordFlags
	}{
		{"the same path", "104.16.0.0/12", []route.ASN{4500, 701, 13335}, 0, 0, 0, 0, none},
		{"a prepend", "104.16.0.0/12", []route.ASN{4500, 701, 701, 13335}, 0, 0, 0, 0, none},
		{
			"a leak of the exact prefix", "104.16.0.0/12",
			[]route.ASN{4500, 701, 396531, 33154, 3356, 13335},
			0b1110, 0b1110, 0b1110, 0b1111, wire.RecordInflated | wire.RecordHeld,
		},
		{
			"a leak of a new more-specific", "104.20.0.0/21",
			[]route.ASN{4500, 701, 396531, 33154, 3356, 13335},
			0b1110, 0b1110, 0b1110, 0b1111,
			wire.RecordInflated | wire.RecordMoreSpecific | wire.RecordInherited,
		},
		{
			"another origin", "104.16.0.0/12",
			[]route.ASN{4500, 701, 15169},
			0b1, 0, 0, 0b1, wire.RecordOriginNew | wire.RecordHeld,
		},
		{
			"another origin next door", "104.16.0.0/12",
			[]route.ASN{4500, 15169},
			0, 0, 0, 0, wire.RecordOriginNew | wire.RecordHeld,
		},
		{"a prefix that nothing covers", "192.0.2.0/24", []route.ASN{4500, 701, 13335}, 0b1, 0, 0, 0, wire.RecordNoBaseline},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := primed("104.16.0.0/12", 4500, 701, 13335)
			f := s.announce(c.prefix, rib.FromUpdate, c.path...)
			want := detect.Facts{Reported: c.reported, Contrast: c.contrast, Unknown: c.unknown, Young: c.young, Flags: c.flags}
			if f != want {
				t.Errorf("facts %+v, want %+v", f, want)
			}
		})
	}
}

func TestASuddenlyShorterPathIsAFact(t *testing.T) {
	s := primed("104.16.0.0/12", 4500, 701, 174, 3356, 13335)
	f := s.announce("104.16.0.0/12", rib.FromUpdate, 4500, 701, 13335)
	if f.Flags&wire.RecordShortened == 0 || !f.Any() {
		t.Errorf("facts %+v, want shortened", f)
	}
	// The short path was not held: going back is no news.
	f = s.announce("104.16.0.0/12", rib.FromUpdate, 4500, 701, 174, 3356, 13335)
	if f.Any() {
		t.Errorf("facts %+v, want none", f)
	}
}

// The way itself may be news although every hop of it is known.
func TestANewWayThroughKnownHopsIsAFactWhileItIsYoung(t *testing.T) {
	s := primed("104.16.0.0/12", 4500, 701, 174, 13335)
	for _, c := range []struct {
		name   string
		prefix string
		later  route.Time
		path   []route.ASN
		young  uint64
	}{
		{"hops change places", "104.16.0.0/12", 0, []route.ASN{4500, 174, 701, 13335}, 0b11},
		{"edges that were there are not told", "104.16.0.0/12", 0, []route.ASN{4500, 6939, 174, 701, 13335}, 0b001},
		{"back on the old way", "104.16.0.0/12", 0, []route.ASN{4500, 701, 174, 13335}, 0},
		{"another prefix soon after", "192.0.2.0/24", 14 * route.Minute, []route.ASN{4500, 174, 701, 13335}, 0b11},
		{"another prefix too late", "198.51.100.0/24", 4 * route.Minute, []route.ASN{4500, 174, 701, 13335}, 0},
	} {
		s.now += c.later
		s.r.Advance(s.now)
		if f := s.announce(c.prefix, rib.FromUpdate, c.path...); f.Young != c.young || c.young != 0 && !f.Any() {
			t.Errorf("%s: facts %+v, want young %b", c.name, f, c.young)
		}
	}
}

func TestTablesAndWithdrawalsHaveNoFacts(t *testing.T) {
	s := primed("104.16.0.0/12", 4500, 701, 13335)
	if f := detect.Judge(s.r, &s.ch); f.Any() {
		t.Errorf("a table entry has facts %+v", f)
	}
	s.r.Withdraw(s.pe, route.MustPrefix("104.16.0.0/12").NLRI(0), false, &s.ch)
	if f := detect.Judge(s.r, &s.ch); s.ch.Outcome != rib.Withdrawn || f.Any() {
		t.Errorf("a withdrawal (%v) has facts %+v", s.ch.Outcome, f)
	}
}
