package eval

import (
	"slices"
	"strings"
	"testing"

	"detour/route"
)

const streamSample = `[
 {"type": "A", "time": 12.5, "collector": "rrc11", "peer_asn": 1, "peer_address": "192.0.2.1",
  "prefix": "198.51.100.0/24", "as-path": "1 2 2 3", "communities": "1:2"},
 {"type": "R", "time": 1},
 {"type": "W", "time": 11, "collector": "rrc11", "peer_asn": 1, "peer_address": "192.0.2.1",
  "prefix": "2001:db8::/32", "as-path": null},
 {"type": "A", "time": 12.5, "collector": "rrc12", "peer_asn": 1, "peer_address": "192.0.2.1",
  "prefix": "198.51.100.0/24", "as-path": "1 {7} {8,9}"}
]`

func TestStreamElementsAreRead(t *testing.T) {
	bg, err := ReadBGPStream(strings.NewReader(streamSample), "sample")
	if err != nil {
		t.Fatal(err)
	}
	if len(bg.Peers) != 2 || bg.Peers[0].Collector != "rrc11" || bg.Peers[0].ASN != 1 {
		t.Errorf("peers: %+v", bg.Peers)
	}
	if len(bg.Updates) != 3 {
		t.Fatalf("%d elements, want 3", len(bg.Updates))
	}
	w, a, b := bg.Updates[0], bg.Updates[1], bg.Updates[2]
	if w.At != 11*route.Second || w.Path != nil || w.Prefix != route.MustPrefix("2001:db8::/32") || w.Peer != 0 {
		t.Errorf("withdrawal: %+v", w)
	}
	if a.At != 12_500_000 || !slices.Equal(a.Path, []route.ASN{1, 2, 2, 3}) {
		t.Errorf("announcement: %+v", a)
	}
	if b.Peer != 1 || !slices.Equal(b.Path, []route.ASN{1, 7, 0}) {
		t.Errorf("announcement with sets: %+v", b)
	}
}

func TestWhatIsNoStreamIsRefused(t *testing.T) {
	element := func(fields string) string {
		return `[{"type": "A", "time": 1, "peer_address": "192.0.2.1", "prefix": "10.0.0.0/8", "as-path": "1"` + fields + `}]`
	}
	if _, err := ReadBGPStream(strings.NewReader(element("")), "x"); err != nil {
		t.Fatalf("a whole element is refused: %v", err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "not a list"},
		"no list":         {`{"type": "A"}`, "not a list"},
		"no element":      {`["x"]`, "element 0"},
		"cut":             {strings.TrimSuffix(element(""), "}]"), "element 0"},
		"no peer":         {element(`, "peer_address": ""`), "peer"},
		"no prefix":       {element(`, "prefix": "10.0.0.0"`), "prefix"},
		"no path":         {element(`, "as-path": " "`), "no AS path"},
		"no number":       {element(`, "as-path": "1 x"`), "AS path"},
		"AS beyond 32 b.": {element(`, "as-path": "4294967296"`), "AS path"},
		"no time":         {element(`, "time": 0`), "time"},
		"time beyond":     {element(`, "time": 1e300`), "time"},
	} {
		if _, err := ReadBGPStream(strings.NewReader(c.text), "x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
}

func FuzzReadBGPStream(f *testing.F) {
	f.Add(streamSample)
	f.Add(`[{"type":"A","time":1,"peer_address":"::ffff:1.2.3.4%a","prefix":"1.2.3.4/0","as-path":"{1} {}"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		bg, err := ReadBGPStream(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		last := route.Time(0)
		for _, e := range bg.Updates {
			if int(e.Peer) >= len(bg.Peers) || e.At < last || e.Prefix.Family == 0 || e.Path != nil && len(e.Path) == 0 {
				t.Fatalf("%+v of %d peers after %v", e, len(bg.Peers), last)
			}
			last = e.At
		}
		list := pack(bg.Updates)
		n := 0
		for i := range list {
			n += len(list[i].nlri)
		}
		if n != len(bg.Updates) {
			t.Fatalf("%d elements are packed as %d", len(bg.Updates), n)
		}
	})
}
