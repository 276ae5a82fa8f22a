package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

// said is one call of an Output.
type said struct {
	Kind     route.Kind
	Flags    route.Flags
	Peer     route.ASN
	ID       uint32
	Number   uint64
	Engine   route.Time
	Elements int
	at       time.Time
}

// listener keeps what it is told.
type listener struct {
	said  []said
	ticks []route.Time
	ended int
	fail  error
}

func (l *listener) Add(_ context.Context, u *route.Update, s *route.Session) error {
	if s == nil {
		s = &route.Session{ID: route.AllPeers}
	}
	if u.Peer != s.ID {
		return fmt.Errorf("update %d of session %d comes with session %d", u.Number, u.Peer, s.ID)
	}
	l.said = append(l.said, said{
		Kind: u.Kind, Flags: u.Flags & (route.FlagTableDump | route.FlagInitialTransfer),
		Peer: s.ASN, ID: s.ID, Number: u.Number, Engine: u.Engine, Elements: u.Elements(), at: time.Now(),
	})
	return l.fail
}

func (l *listener) Tick(_ context.Context, t route.Time) error {
	l.ticks = append(l.ticks, t)
	return nil
}

func (l *listener) End(context.Context) error {
	l.ended++
	return nil
}

const samples = "../../testdata/mrt/"

func replayed(t *testing.T, cfg Config) (*listener, *Source) {
	t.Helper()
	var l listener
	s, err := New(cfg, &l)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.ended != 1 {
		t.Errorf("log ended %d times", l.ended)
	}
	for i, e := range l.said {
		if e.Number != uint64(i)+1 {
			t.Fatalf("update %d has number %d", i, e.Number)
		}
		if i > 0 && e.Engine < l.said[i-1].Engine {
			t.Fatalf("engine time runs back at update %d", e.Number)
		}
	}
	return &l, s
}

func TestSessionEventsAndUpdatesAreReplayed(t *testing.T) {
	l, s := replayed(t, Config{Files: []string{samples + "quagga_bgp"}})
	kinds, elements := map[route.Kind]int{}, 0
	for _, e := range l.said {
		kinds[e.Kind]++
		elements += e.Elements
	}
	want := map[route.Kind]int{route.KindUpdate: 6, route.KindPeerUp: 4, route.KindPeerDown: 2, route.KindEndOfRIB: 6}
	if d := cmp.Diff(want, kinds); d != "" || elements != 18 {
		t.Errorf("%d elements, want 18; kinds (-want +got):\n%s", elements, d)
	}
	if reports, _ := s.Reports(); len(reports) != 1 || reports[0].Damaged() || s.Peers() == 0 {
		t.Errorf("reports %v, peers %d", reports, s.Peers())
	}
}

func TestATableIsPrimedAtTheTimeOfTheFirstUpdate(t *testing.T) {
	l, _ := replayed(t, Config{Prime: []string{samples + "quagga_rib"}, Files: []string{samples + "quagga_bgp"}})
	// The table is four minutes younger than the updates.
	first := l.said[0]
	if first.Flags != route.FlagTableDump || first.Elements != 1 {
		t.Fatalf("first is %+v, want a table entry", first)
	}
	for _, e := range l.said {
		if e.Flags == 0 {
			if e.Engine != first.Engine {
				t.Errorf("table at %v, first update at %v", first.Engine, e.Engine)
			}
			break
		}
	}
	// Table and updates mean the same peers although only the updates know the
	// collector's ASN.
	ids := map[route.ASN]map[uint32]bool{}
	for _, e := range l.said {
		if ids[e.Peer] == nil {
			ids[e.Peer] = map[uint32]bool{}
		}
		ids[e.Peer][e.ID] = true
	}
	table := l.said[0].ID
	shared := false
	for _, e := range l.said {
		shared = shared || e.Flags == 0 && e.ID == table
	}
	if !shared {
		t.Errorf("no update of the peer that the table begins with: %v", ids)
	}
}

func TestARecordingOfUpdatesIsTakenAsATable(t *testing.T) {
	l, _ := replayed(t, Config{Prime: []string{samples + "quagga_bgp"}})
	if len(l.said) < 2 {
		t.Fatal("nothing was primed")
	}
	for _, e := range l.said[:len(l.said)-1] {
		if e.Kind != route.KindUpdate || e.Flags != route.FlagTableDump|route.FlagInitialTransfer || e.Elements == 0 {
			t.Errorf("%+v, want announcements of a table only", e)
		}
	}
}

// TestTheEndOfTheTablesIsStated: once, of all sessions, between what was primed
// and the first update, at the time of both.
func TestTheEndOfTheTablesIsStated(t *testing.T) {
	table, updates := samples+"quagga_rib", samples+"quagga_bgp"
	for _, c := range []struct {
		name string
		cfg  Config
		want int // events
	}{
		{"a table", Config{Prime: []string{table}, Files: []string{updates}}, 1},
		{"several tables", Config{Prime: []string{table, table}, Files: []string{updates}}, 1},
		{"updates taken as a table", Config{Prime: []string{updates}, Files: []string{updates}}, 1},
		{"a table alone", Config{Prime: []string{table}}, 1},
		{"no table", Config{Files: []string{updates}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, _ := replayed(t, c.cfg)
			ends := 0
			for i, e := range l.said {
				if e.ID != route.AllPeers {
					if primed := e.Flags&route.FlagTableDump != 0; primed != (ends < c.want) {
						t.Fatalf("update %d is primed: %t, behind %d ends", e.Number, primed, ends)
					}
					continue
				}
				if ends++; e.Kind != route.KindEndOfRIB || i == 0 || e.Engine != l.said[i-1].Engine {
					t.Errorf("%+v behind %+v", e, l.said[i-1])
				}
			}
			if ends != c.want {
				t.Errorf("%d ends of tables, want %d", ends, c.want)
			}
		})
	}
}

func TestStandardInputIsReplayed(t *testing.T) {
	data, err := os.ReadFile(samples + "quagga_bgp")
	if err != nil {
		t.Fatal(err)
	}
	fromFile, _ := replayed(t, Config{Files: []string{samples + "quagga_bgp"}})
	fromStdin, _ := replayed(t, Config{Files: []string{"-"}, Stdin: bytes.NewReader(data)})
	if len(fromFile.said) != len(fromStdin.said) {
		t.Errorf("file gives %d updates, standard input %d", len(fromFile.said), len(fromStdin.said))
	}
}

func TestSpeedKeepsTheRecordingsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := replayed(t, Config{Files: []string{samples + "quagga_bgp"}, Speed: 2})
		begin := l.said[0]
		for _, e := range l.said {
			want := time.Duration(e.Engine-begin.Engine) * time.Microsecond / 2
			if got := e.at.Sub(begin.at); got != want {
				t.Fatalf("update %d came after %v, want %v", e.Number, got, want)
			}
		}
		if span := l.said[len(l.said)-1].Engine - begin.Engine; len(l.ticks) < 2 || span < route.Second {
			t.Errorf("%d ticks in %v of engine time", len(l.ticks), span)
		}
	})
}

func TestDamageIsReportedAndTheRestReplayed(t *testing.T) {
	data, err := os.ReadFile(samples + "quagga_bgp")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.mrt")
	if err := os.WriteFile(cut, data[:len(data)-7], 0o600); err != nil {
		t.Fatal(err)
	}
	_, whole := replayed(t, Config{Files: []string{samples + "quagga_bgp"}})
	_, s := replayed(t, Config{Files: []string{cut}})
	reports, _ := s.Reports()
	all, _ := whole.Reports()
	if !reports[0].Damaged() || reports[0].TailBytes == 0 || reports[0].Records != all[0].Records-1 {
		t.Errorf("damaged %v, %d records of %d", reports[0].Damaged(), reports[0].Records, all[0].Records)
	}
}

func TestWhatCannotWorkIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"no file":         {Config{}, "no recording given"},
		"negative speed":  {Config{Files: []string{"x"}, Speed: math.Inf(-1)}, "speed is -Inf"},
		"stdin and again": {Config{Files: []string{"-", "-"}}, "more than once"},
		"stdin twice":     {Config{Files: []string{"-"}, Prime: []string{"-"}}, "more than once"},
	} {
		if _, err := New(c.cfg, &listener{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	s, err := New(Config{Files: []string{"does-not-exist"}}, &listener{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "does-not-exist") {
		t.Errorf("absent file: %v", err)
	}
	broken := errors.New("no room")
	s, err = New(Config{Files: []string{samples + "quagga_bgp"}}, &listener{fail: broken})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("output that fails: %v", err)
	}
}
