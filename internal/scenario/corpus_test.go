package scenario

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"detour/ingest/mrt"
	"detour/route"
)

// long makes every case of every sweep.
var long = flag.Bool("long", false, "make every case of every sweep")

const corpus = "../../../shared/corpus"

// recording is a background of the corpus. Dumps prime it; selfPrimed ones are
// primed with what their own updates announce.
type recording struct {
	name       string
	dumps      []string
	updates    []string
	selfPrimed bool
	relations  string
	cut        route.Time // after the first update
}

func recordings() []recording {
	return []recording{
		{
			name: FivePeers, dumps: []string{"csv/derived.balancer-20230920.priming.mrt.gz"},
			updates: []string{"csv/derived.balancer-20230920.updates.rrc06.mrt.gz"}, cut: 480 * route.Second,
			relations: "asrel/20230101.as-rel.txt.bz2",
		},
		{
			name: SeventySixPeers, updates: []string{"mrt/ris.rrc00.updates.20190101.0000.gz"}, selfPrimed: true,
			cut: 120 * route.Second, relations: "asrel/20180101.as-rel.txt.gz",
		},
		{
			name: TwentyNinePeers, updates: []string{"mrt/routeviews.updates.20241028.0000.bz2"}, selfPrimed: true,
			cut: 480 * route.Second, relations: "asrel/20230101.as-rel.txt.bz2",
		},
	}
}

// load makes the background and its knowledge, or skips the test.
func (rec recording) load(tb testing.TB) *Knowledge {
	tb.Helper()
	bg := &Background{Name: rec.name}
	numbers := map[route.Peer]uint32{}
	for _, f := range rec.dumps {
		bg.Prime = append(bg.Prime, readElements(tb, f, bg, numbers)...)
	}
	for _, f := range rec.updates {
		bg.Updates = append(bg.Updates, readElements(tb, f, bg, numbers)...)
	}
	if rec.selfPrimed {
		for _, e := range bg.Updates {
			if e.Path != nil {
				bg.Prime = append(bg.Prime, e)
			}
		}
	}
	for i := range bg.Prime {
		bg.Prime[i].Table = true
	}
	return NewKnowledge(bg, bg.Updates[0].At+rec.cut, readRelations(tb, rec.relations))
}

func readElements(tb testing.TB, name string, bg *Background, numbers map[route.Peer]uint32) (out []Element) {
	tb.Helper()
	path := filepath.Join(corpus, name)
	if _, err := os.Stat(path); err != nil {
		tb.Skip("corpus absent: " + name)
	}
	r, err := mrt.Open(path, mrt.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	var rec mrt.Record
	for {
		if err := r.Next(&rec); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			tb.Fatal(err)
		}
		peer, ok := numbers[rec.Peer]
		if !ok {
			peer = uint32(len(bg.Peers))
			numbers[rec.Peer] = peer
			bg.Peers = append(bg.Peers, rec.Peer)
		}
		e := Element{At: rec.Time, Peer: peer, Kind: rec.Update.Kind}
		if e.Kind != route.KindUpdate {
			out = append(out, e)
			continue
		}
		for _, n := range rec.Update.Withdrawn {
			e.Prefix = n.Prefix()
			out = append(out, e)
		}
		e.Path = flat(rec.Update.Path)
		for _, n := range rec.Update.Announced {
			e.Prefix = n.Prefix()
			out = append(out, e)
		}
	}
}

// flat gives a path up to its first set, which 0 stands for.
func flat(p route.Path) []route.ASN {
	out, at := []route.ASN{}, 0
	if len(p.Segments) == 0 {
		return append(out, p.ASNs...)
	}
	for _, s := range p.Segments {
		if s.Type == route.ASSet && s.Count > 1 {
			return append(out, 0)
		}
		out = append(out, p.ASNs[at:at+int(s.Count)]...)
		at += int(s.Count)
	}
	return out
}

func readRelations(tb testing.TB, name string) *graph {
	tb.Helper()
	f, err := os.Open(filepath.Join(corpus, name))
	if err != nil {
		tb.Skip("corpus absent: " + name)
	}
	defer f.Close()
	src := bzip2.NewReader(f)
	if strings.HasSuffix(name, ".gz") {
		if src, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	g := &graph{
		providers: map[route.ASN][]route.ASN{}, peers: map[route.ASN][]route.ASN{},
		customers: map[route.ASN][]route.ASN{},
	}
	all := map[route.ASN]bool{}
	for lines := bufio.NewScanner(src); lines.Scan(); {
		part := strings.Split(lines.Text(), "|")
		if len(part) < 3 || strings.HasPrefix(part[0], "#") {
			continue
		}
		x, _ := strconv.ParseUint(part[0], 10, 32)
		y, _ := strconv.ParseUint(part[1], 10, 32)
		a, b := route.ASN(x), route.ASN(y)
		all[a], all[b] = true, true
		if part[2] == "-1" {
			g.providers[b], g.customers[a] = append(g.providers[b], a), append(g.customers[a], b)
		} else {
			g.peers[a], g.peers[b] = append(g.peers[a], b), append(g.peers[b], a)
		}
	}
	g.all = slices.Sorted(maps.Keys(all))
	for _, m := range []map[route.ASN][]route.ASN{g.providers, g.peers, g.customers} {
		for _, list := range m {
			slices.Sort(list)
		}
	}
	return g
}

// TestRecordingsHostTheirSweeps makes some cases of each cell; all with -long.
func TestRecordingsHostTheirSweeps(t *testing.T) {
	for _, rec := range recordings() {
		t.Run(rec.name, func(t *testing.T) {
			k := rec.load(t)
			t.Logf("%d peers, %d prefixes, %d routes, %d transits, %d carriers",
				len(k.bg.Peers), len(k.prefixes), len(k.slots), len(k.transits), len(k.carriers))
			for _, sweep := range Sweeps() {
				if sweep.Background != rec.name {
					continue
				}
				t.Run(sweep.Name, func(t *testing.T) { hostSweep(t, k, sweep) })
			}
		})
	}
}

func hostSweep(t *testing.T, k *Knowledge, sweep Sweep) {
	type cell struct {
		made, missed, elements int
		took                   time.Duration
	}
	cells, order := map[string]*cell{}, []string{}
	for _, run := range sweep.Runs {
		if !*long && run.Seed > 2 {
			continue
		}
		c := cells[run.Cell]
		if c == nil {
			c = &cell{}
			cells[run.Cell], order = c, append(order, run.Cell)
		}
		begin := time.Now()
		made, err := run.Make(k)
		c.took += time.Since(begin)
		if err != nil {
			c.missed++
			t.Errorf("%s, seed %d: %v", run.Cell, run.Seed, err)
			continue
		}
		c.made++
		c.elements += len(made.Elements)
		for i, f := range faults(k, made) {
			if i < 3 {
				t.Errorf("%s: %s: %s", made.Kind, made.Name, f)
			}
		}
	}
	for _, name := range order {
		c := cells[name]
		t.Logf("%s: %d made, %d missed, %d elements, %v each", name, c.made, c.missed,
			c.elements/max(c.made, 1), c.took/time.Duration(c.made+c.missed))
	}
}
