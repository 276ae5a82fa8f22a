package live

import (
	"context"
	"net/netip"
	"testing"

	"detour/ingest/decode"
	"detour/ingest/mrt/mrttest"
	"detour/route"
)

// counted counts what it is told.
type counted struct{ elements int }

func (c *counted) Add(_ context.Context, u *route.Update, _ *route.Session) error {
	c.elements += u.Elements()
	return nil
}
func (*counted) Tick(context.Context, route.Time) error { return nil }
func (*counted) End(context.Context) error              { return nil }

func TestAMessageIsHandedInOnlyIfItIsSound(t *testing.T) {
	var out counted
	d := NewDesk(&out, Config{})
	s, err := d.Session(route.Peer{Collector: "c", Addr: netip.MustParseAddr("192.0.2.1"), ASN: 64500})
	if err != nil {
		t.Fatal(err)
	}
	good := mrttest.Update(nil, mrttest.Attrs(true, 64500, 64496), mrttest.NLRI("10.1.0.0/16", "10.2.0.0/16"))
	for _, test := range []struct {
		name  string
		msg   []byte
		sound bool
		asked int
		want  int
	}{
		{"sound", good, true, 1, 2},
		{"not sound", good, false, 1, 0},
		{"no message", good[:20], true, 0, 0},
		{"no update", mrttest.BGP(4, nil), true, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			out.elements = 0
			asked := 0
			used, err := s.MessageIf(t.Context(), test.msg, decode.Session{AS4: true}, 7, func(u *route.Update) bool {
				asked++
				return u.Elements() == 2 && test.sound
			})
			if err != nil || used != (test.want > 0) || out.elements != test.want || asked != test.asked {
				t.Errorf("used %v, %v; %d elements, asked %d times", used, err, out.elements, asked)
			}
		})
	}
	if n := len(d.Stats().Events); n != 0 {
		t.Errorf("%d events: who has another form of the message tells of it", n)
	}
}
