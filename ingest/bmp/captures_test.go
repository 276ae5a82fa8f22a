package bmp_test

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/bmp"
	"detour/ingest/live"
)

const corpus = "../../../shared/corpus"

// manifest returns what the corpus says of the messages in each capture.
func manifest(t *testing.T) map[string]bmp.Counts {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "MANIFEST.tsv"))
	if err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	defer func() { _ = f.Close() }()
	types := map[string]int{
		"RouteMonitoring": bmp.TypeRouteMonitoring, "RM": bmp.TypeRouteMonitoring, "Stats": bmp.TypeStatistics,
		"PeerDown": bmp.TypePeerDown, "PeerUp": bmp.TypePeerUp, "Init": bmp.TypeInitiation, "type100": bmp.TypeOther,
	}
	word := regexp.MustCompile(`(\w+) (\d+)`)
	list := map[string]bmp.Counts{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		cells := strings.Split(lines.Text(), "\t")
		if !strings.HasPrefix(cells[0], "bmp/") {
			continue
		}
		var c bmp.Counts
		for _, m := range word.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			if typ, ok := types[m[1]]; ok {
				c.Messages[typ], _ = strconv.ParseUint(m[2], 10, 64)
			}
		}
		list[cells[0]] = c
	}
	return list
}

func TestCapturesHoldWhatTheManifestSays(t *testing.T) {
	want := manifest(t)
	if len(want) < 8 {
		t.Fatalf("%d captures, want 8 or more", len(want))
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Run(strings.TrimPrefix(name, "bmp/"), func(t *testing.T) {
			out := &book{quiet: true}
			l := listen(t, bmp.Config{}, out)
			streams := flows(t, filepath.Join(corpus, name))
			for i, from := range slices.Sorted(maps.Keys(streams)) {
				conn := l.dial(i)
				l.send(conn, streams[from])
				_ = conn.Close() // the listener sees the end
			}
			l.await("the end of all connections", func() bool { return l.Stats().Disconnects == uint64(len(streams)) })
			l.await("the end of all sessions", func() bool { return out.alive() == 0 })
			got := l.Counts()
			got.BeforeUp = 0
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("messages (-manifest +counted):\n%s", diff)
			}
			st := l.Stats()
			if n := st.Decode.Undecodable; n > 0 {
				t.Errorf("%d updates were not decoded: %q", n, details(st, live.EventUndecodable))
			}
			t.Logf("%d sessions, %d updates; skipped %v; decoded %+v", st.Sessions, out.count(), st.Skipped, st.Decode)
		})
	}
}
