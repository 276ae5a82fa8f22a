package explain

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/processor"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// world is a small Internet that is told to an Inquiry, update by update.
type world struct {
	t      *testing.T
	q      *Inquiry
	beside *processor.Line // is told the same; may be nil
	peers  []*route.Session
	number uint64
	now    route.Time
	ticked route.Time
}

// start is the engine time at which every world begins.
var start = func() route.Time {
	var t route.Time
	if err := t.UnmarshalText([]byte("2026-01-02T03:00:00Z")); err != nil {
		panic(err)
	}
	return t
}()

func newWorld(t *testing.T, cfg Config, asns ...route.ASN) *world {
	t.Helper()
	q, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, q: q, now: start}
	for i, asn := range asns {
		w.peers = append(w.peers, &route.Session{
			Peer: route.Peer{Collector: "rrc00", Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), ASN: asn},
			ID:   uint32(i),
		})
	}
	return w
}

func (w *world) add(u *route.Update, s *route.Session) {
	w.t.Helper()
	if w.now >= w.ticked+route.Second {
		w.ticked = w.now
		if err := w.q.Tick(w.t.Context(), w.now); err != nil {
			w.t.Fatal(err)
		}
		if w.beside != nil {
			if err := w.beside.Tick(w.t.Context(), w.now); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.number++
	u.Number, u.Engine, u.Collected = w.number, w.now, w.now
	u.Peer = route.AllPeers
	if s != nil {
		u.Peer = s.ID
	}
	if err := w.q.Add(w.t.Context(), u, s); err != nil {
		w.t.Fatal(err)
	}
	if w.beside != nil {
		if err := w.beside.Add(w.t.Context(), u, s); err != nil {
			w.t.Fatal(err)
		}
	}
}

// table tells of a route in a table; hops come behind the peer.
func (w *world) table(peer int, prefix string, hops ...route.ASN) {
	w.t.Helper()
	w.show(peer, route.FlagTableDump, prefix, hops)
}

// announce tells of news.
func (w *world) announce(peer int, prefix string, hops ...route.ASN) {
	w.t.Helper()
	w.show(peer, 0, prefix, hops)
}

func (w *world) show(peer int, flags route.Flags, prefix string, hops []route.ASN) {
	w.t.Helper()
	s := w.peers[peer]
	u := route.Update{
		Flags: flags | route.FlagHasPath, Path: route.Path{ASNs: append([]route.ASN{s.ASN}, hops...)},
		Announced: []route.NLRI{route.MustPrefix(prefix).NLRI(0)},
	}
	w.add(&u, s)
}

func (w *world) withdraw(peer int, prefix string) {
	w.t.Helper()
	w.add(&route.Update{Withdrawn: []route.NLRI{route.MustPrefix(prefix).NLRI(0)}}, w.peers[peer])
}

// known says that the tables end here.
func (w *world) known() {
	w.t.Helper()
	w.add(&route.Update{Kind: route.KindEndOfRIB}, nil)
}

func (w *world) later(d route.Time) { w.now += d }

// end lets a moment pass and finishes.
func (w *world) end() *Inquiry {
	w.t.Helper()
	w.later(route.Second)
	w.add(&route.Update{Kind: route.KindTick}, nil)
	if err := w.q.Finish(w.t.Context(), false); err != nil {
		w.t.Fatal(err)
	}
	return w.q
}

// prefixText returns the report of a finished Inquiry, for people and as JSON.
func prefixOf(t *testing.T, q *Inquiry) (text, data []byte) {
	t.Helper()
	r, err := q.Prefix()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b, Text{}); err != nil {
		t.Fatal(err)
	}
	data, err = json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), append(data, '\n')
}

func watchOf(t *testing.T, text string) *reference.Watch {
	t.Helper()
	w, err := reference.ReadWatch(bytes.NewReader([]byte(text)), "watch")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// asking is a Config that asks about a prefix, in a mature world.
func asking(prefix string, outside correlate.Outside) Config {
	cfg := Config{Correlate: correlate.Config{Maturity: correlate.MatureYes, Outside: outside}}
	if prefix != "" {
		cfg.Prefix = route.MustPrefix(prefix)
	}
	if outside.Watch != nil {
		cfg.Watched = func(p route.Prefix, origin route.ASN) bool {
			return outside.Watch.Match(p) != nil || outside.Watch.ASN(origin) != nil
		}
	}
	return cfg
}
