package live

import (
	"net/netip"
	"testing"
	"time"

	"detour/route"
)

// TestATableIsNotCompleteBecauseTheConnectionIsLost: silence is no end of it then.
func TestATableIsNotCompleteBecauseTheConnectionIsLost(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, d *Desk, l *listener) {
		s, _ := d.Session(route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100})
		if err := s.Up(t.Context(), route.IPv4); err != nil {
			t.Fatal(err)
		}
		u := &route.Update{}
		u.Announced = []route.NLRI{route.MustPrefix("11.0.0.0/8").NLRI(0)}
		if err := s.Update(t.Context(), u, 0); err != nil {
			t.Fatal(err)
		}
		if err := d.Gap(t.Context(), "lost"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second) // sleep: bench has a clock of its own
		if err := d.Gap(t.Context(), "back"); err != nil {
			t.Fatal(err)
		}
		u = &route.Update{}
		u.Announced = []route.NLRI{route.MustPrefix("12.0.0.0/8").NLRI(0)}
		if err := s.Update(t.Context(), u, 0); err != nil {
			t.Fatal(err)
		}
		for _, it := range l.said {
			if it.Kind == route.KindEndOfRIB {
				t.Errorf("end of table stated after %d s, while nothing could come", it.Seconds)
			}
			if it.Prefix == "+12.0.0.0/8" && !it.First {
				t.Error("the rest of the table is news")
			}
		}
	})
}
