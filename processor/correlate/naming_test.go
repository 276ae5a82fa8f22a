package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

// segmentOf returns the segment of the first incident that was told.
func (w *world) segmentOf() string {
	w.Helper()
	for _, a := range w.alerts {
		if s := a.Segment; a.Scope == alert.ScopeIncident && s != nil {
			return fmt.Sprint(uint32(s.ExportedTo), uint32(s.Leaker), uint32(s.LearnedFrom))
		}
	}
	return "none"
}

// TestLeakerIsNamed plays leaks on paths of several suspects. "P>C" in knows is
// a route from the one to the other that the tables hold, so that its reverse is
// a flip.
func TestLeakerIsNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		knows []string
		base  []string // paths of the tables, each to networks of its own
		path  string
		n     int
		file  []string
		want  string
	}{
		"of a run of flips the one nearest the vantage point": {
			knows: []string{"33154>396531", "3356>33154", "1299>3356"}, path: "701 396531 33154 3356 1299", n: 10,
			want: "701 396531 33154",
		},
		"of two runs the nearer one": {
			knows: []string{"301>300", "311>310"}, path: "701 300 301 302 310 311", n: 10,
			want: "701 300 301",
		},
		"of two runs the one that was on the way to fewer": {
			knows: []string{"301>300", "311>310"}, base: []string{"300", "302"}, path: "701 300 301 302 310 311", n: 10,
			want: "302 310 311",
		},
		"of two runs the one in a valley": {
			knows: []string{"301>300", "311>310"}, path: "701 300 301 302 310 311", n: 10,
			file: []string{"302>310", "311>310"},
			want: "302 310 311",
		},
		"without flips, of two unseen ones, the nearer": {
			knows: []string{"701>800"}, path: "701 300 301 3356", n: 120,
			want: "701 300 301",
		},
		"one that was never seen, rather than its provider": {
			knows: []string{"301>300"}, base: []string{"300"}, path: "701 299 300 301", n: 10,
			want: "701 299 300",
		},
		"not one that was never seen, but that the file knows": {
			knows: []string{"301>300"}, base: []string{"300"}, path: "701 299 300 301", n: 10,
			file: []string{"701>299"},
			want: "299 300 301",
		},
		"one that the file has in a valley, rather than its provider": {
			knows: []string{"3356>33154"}, path: "701 396531 33154 3356", n: 10,
			file: []string{"701>396531", "33154>396531", "3356>33154"},
			want: "701 396531 33154",
		},
		"not one in a valley for another in a valley": {
			knows: []string{"3356>33154"}, path: "701 396531 33154 3356", n: 10,
			file: []string{"701>396531", "33154-396531", "3356>33154"},
			want: "396531 33154 3356",
		},
		"not one that was on the way before": {
			knows: []string{"301>300"}, base: []string{"299", "300"}, path: "701 299 300 301", n: 10,
			want: "299 300 301",
		},
		"not one next to the only vantage point": {
			knows: []string{"301>300"}, base: []string{"300"}, path: "299 300 301", n: 10,
			want: "299 300 301",
		},
		"next to the vantage point, exported to that": {
			knows: []string{"301>300"}, path: "300 301", n: 10,
			want: "2914 300 301",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			if tc.file != nil {
				cfg.Outside.Relationships = relations(t, tc.file...)
			}
			w := newWorld(t, cfg, 2914, 1299, 174)
			list := w.victims(tc.n, tc.n, "3356", "701")
			for i, k := range tc.knows {
				w.table("1299 7018 "+strings.Replace(k, ">", " ", 1), nets(5000+i, 1)...)
			}
			for i, x := range tc.base {
				w.table(fmt.Sprintf("1299 7018 %s %d", x, 30001+i), nets(5100+i, 1)...)
			}
			w.begin()
			w.leaks("2914 "+tc.path, tc.n, list)
			w.wait(1)
			if got := w.segmentOf(); got != tc.want {
				t.Errorf("segment %s, want %s: %v", got, tc.want, w.incidents())
			}
		})
	}
}

// TestSegmentHoldsTheMostFrequentNeighbours lets a leak go to two neighbours
// and come from three.
func TestSegmentHoldsTheMostFrequentNeighbours(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := w.victims(90, 45, "6762 3320", "3257 6453", "2828")
	w.table("2914 6762 9121 30001", nets(5100, 1)...)
	w.begin()
	for i, p := range list {
		to, from := []string{"6762", "6453", "6453"}[i%3], []string{"3320", "3257", "2828", "2828"}[i%4]
		w.says(fmt.Sprintf("2914 %s 9121 %s %d", to, from, originOf(i, 45)), p)
	}
	w.wait(1)
	if got := w.segmentOf(); got != "6453 9121 2828" {
		t.Errorf("segment %s", got)
	}
}

// TestLeakTypeIsThatOfTheFile names leaks after RFC 7908.
func TestLeakTypeIsThatOfTheFile(t *testing.T) {
	for links, want := range map[string]alert.LeakType{
		"701>396531 33154>396531": alert.LeakHairpin,
		"701-396531 33154-396531": alert.LeakLateral,
		"701-396531 33154>396531": alert.LeakProviderPeer,
		"701>396531 33154-396531": alert.LeakPeerProvider,
		"396531>701 33154>396531": alert.LeakUnknown,
		"701>396531":              alert.LeakUnknown,
	} {
		cfg := mature()
		cfg.Outside.Relationships = relations(t, strings.Fields(links)...)
		w, list := verizon(t, cfg, 10, 10, 0)
		w.leaks("2914 "+leakPath, 10, list)
		w.wait(1)
		if len(w.alerts) == 0 || w.alerts[0].LeakType != want {
			t.Errorf("%s: not %s: %v", links, want, w.alerts)
		}
		for _, a := range w.alerts {
			if a.LeakType != want {
				t.Errorf("%s: %s of %v", links, a.LeakType, a.Prefix)
			}
		}
	}
}

// organisations reads AS names and organisations, "AS organisation" each.
func organisations(t testing.TB, list ...string) *reference.Names {
	var text strings.Builder
	text.WriteString("# format:org_id|changed|org_name|country|source\n")
	for _, e := range list {
		org := strings.Fields(e)[1]
		fmt.Fprintf(&text, "%s|20260101|%s|ZZ|X\n", org, strings.ToUpper(org))
	}
	text.WriteString("# format:aut|changed|aut_name|org_id|opaque_id|source\n")
	for _, e := range list {
		as, org, _ := strings.Cut(e, " ")
		fmt.Fprintf(&text, "%s|20260101|NET-%s|%s|x|X\n", as, as, org)
	}
	names, err := reference.ReadNames(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestNetworksOfOneOrganisationAreTransparent holds that a flip between parts
// of one organisation is none, and that a valley is judged beyond them.
func TestNetworksOfOneOrganisationAreTransparent(t *testing.T) {
	for name, tc := range map[string]struct {
		orgs []string
		want []string
	}{
		"strangers": {[]string{"396531 allegheny", "33154 dqe"}, []string{"leak AS396531 firing by flip: 10 of 10"}},
		"sisters":   {[]string{"396531 dqe", "33154 dqe"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			cfg.Outside.Names = organisations(t, tc.orgs...)
			w := newWorld(t, cfg, 2914, 1299, 174)
			list := w.victims(10, 10, "3356", "3356", "33154 3356")
			w.table("1299 3356 33154 396531", nets(5000, 1)...)
			w.begin()
			w.leaks("2914 701 396531 33154 3356", 10, list)
			w.wait(1)
			if diff := cmp.Diff(tc.want, w.incidents()); diff != "" {
				t.Errorf("incidents (-want +got):\n%s", diff)
			}
		})
	}
	for sister, opens := range map[string]bool{"9120 one": true, "9120 other": false} {
		cfg := mature() // 6762 is above the sister, not above 9121 itself
		cfg.Outside.Relationships = relations(t, "6762>9120", "3257>9121", "3320>9121")
		cfg.Outside.Names = organisations(t, "9121 one", sister)
		w := newWorld(t, cfg, 2914, 1299, 174)
		list := w.victims(20, 10, "6762 9120", "3257", "3320")
		w.begin()
		for i, p := range list {
			w.says(fmt.Sprintf("2914 6762 9120 9121 %d %d", []int{3257, 3320}[i%2], originOf(i, 10)), p)
		}
		w.wait(route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("%s: incidents %v", sister, got)
		}
	}
}

// TestNamesStandInSentences holds what people read.
func TestNamesStandInSentences(t *testing.T) {
	cfg := mature()
	cfg.Outside.Names = organisations(t, "396531 allegheny", "701 verizon", "40001 first")
	w, list := verizon(t, cfg, 10, 5, 0)
	w.leaks("2914 "+leakPath, 5, list)
	w.wait(1)
	want := []string{
		"AS396531 (NET-396531) leaks 10 prefixes of 5 networks that it learned from AS33154 to AS701 (NET-701), " +
			"seen by 1 of 3 peers.",
		"20.0.0.0/24 of AS40001 (NET-40001) is reached through a leak by AS396531 (NET-396531) " +
			"(AS701 from AS396531 from AS33154), seen by 1 of 3 peers so far.",
	}
	if len(w.alerts) < 2 {
		t.Fatalf("%d alerts", len(w.alerts))
	}
	if diff := cmp.Diff(want, []string{w.alerts[0].Summary, w.alerts[1].Summary}); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
	if o := w.alerts[0].TopOrigins[0]; o.ASN != 40001 || o.Name != "NET-40001" {
		t.Errorf("top origin %+v", o)
	}
}
