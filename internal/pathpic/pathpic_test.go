package pathpic_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"detour/alert"
	"detour/internal/pathpic"
	"detour/route"
)

func leakOf(samples ...alert.Sample) *alert.Alert {
	return &alert.Alert{
		Kind: alert.KindLeak, Suspect: 3, Segment: &alert.Segment{ExportedTo: 2, Leaker: 3, LearnedFrom: 4},
		Summary: "AS3 leaks", Samples: samples,
	}
}

func sample(before, after alert.Path) alert.Sample {
	return alert.Sample{
		Prefix: route.MustPrefix("192.0.2.0/24"), Peer: alert.Peer{ASN: 1}, Before: before, After: after,
	}
}

// texts returns what people read in a picture, in order.
func texts(t interface{ Fatal(...any) }, svg []byte) (out []string) {
	d := xml.NewDecoder(bytes.NewReader(svg))
	in := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			in = x.Name.Local == "text"
		case xml.EndElement:
			in = false
		case xml.CharData:
			if in {
				out = append(out, string(x))
			}
		}
	}
}

func TestSharedHopsAreDrawnOnce(t *testing.T) {
	a := leakOf(sample(alert.Path{1, 9, 5, 6}, alert.Path{1, 2, 3, 4, 5, 6}))
	got := strings.Join(texts(t, pathpic.BeforeAfter(a, pathpic.Options{})), "|")
	want := "AS3 leaks|192.0.2.0/24 at AS1: 4 networks before (dashed), 6 after|" +
		"AS1|peer|AS9|AS2|exported to|AS3|leaker|AS4|learned from|AS5|AS6|origin"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestRoutesThatCameOrWentAreDrawn(t *testing.T) {
	for name, c := range map[string]struct {
		s    alert.Sample
		want string
	}{
		"came": {sample(nil, alert.Path{1, 2}), "no route before, 2 networks after"},
		"went": {sample(alert.Path{1, 2}, nil), "2 networks before, no route after"},
		"own":  {sample(alert.Path{1}, alert.Path{1, 2}), "1 network before (dashed), 2 after"},
		"none": {sample(alert.Path{1, 0, 2}, alert.Path{1, 0, 2}), "no public AS"},
	} {
		if svg := pathpic.BeforeAfter(leakOf(c.s), pathpic.Options{}); !bytes.Contains(svg, []byte(c.want)) {
			t.Errorf("%s: %q is not in %s", name, c.want, svg)
		}
	}
}

func TestReachMergesWhatRoutesShare(t *testing.T) {
	a := leakOf(
		sample(alert.Path{1, 6}, alert.Path{1, 2, 3, 4, 6}), sample(alert.Path{8, 7}, alert.Path{8, 2, 3, 4, 7}),
	)
	a.Counts = alert.Counts{Peers: 2, PeersTotal: 5, Prefixes: 40, Origins: 20}
	svg, err := pathpic.Reach(a, pathpic.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, s := range texts(t, svg) {
		seen[s]++
	}
	for _, once := range []string{
		"AS1", "AS2", "AS3", "AS4", "AS6", "AS7", "AS8", "seen by 2 of 5 peers", "40 prefixes of 20 networks",
	} {
		if seen[once] != 1 {
			t.Errorf("%q is there %d times", once, seen[once])
		}
	}
}

func TestReachNeedsASuspect(t *testing.T) {
	for name, a := range map[string]*alert.Alert{
		"no sample":      leakOf(),
		"not on it":      leakOf(sample(alert.Path{1, 2}, alert.Path{1, 7, 2})),
		"a loss":         {Kind: alert.KindVisibilityLoss, Samples: []alert.Sample{sample(alert.Path{1, 0}, nil)}},
		"nobody in name": {Kind: alert.KindLeak, Samples: []alert.Sample{sample(nil, alert.Path{1, 0, 2})}},
	} {
		if _, err := pathpic.Reach(a, pathpic.Options{}); !errors.Is(err, pathpic.ErrNoSuspect) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Names and titles come from outside.
func TestEveryPictureIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SliceOfN(rapid.Map(rapid.Uint32Range(0, 12), func(n uint32) route.ASN { return route.ASN(n) }), 0, 9)
		var samples []alert.Sample
		for range rapid.IntRange(0, 6).Draw(t, "samples") {
			samples = append(samples, sample(path.Draw(t, "before"), path.Draw(t, "after")))
		}
		a, title := leakOf(samples...), rapid.String().Draw(t, "title")
		o := pathpic.Options{
			Title: title, Note: rapid.String().Draw(t, "note"), Names: func(route.ASN) string { return title },
		}
		texts(t, pathpic.BeforeAfter(a, o))
		if svg, err := pathpic.Reach(a, o); err == nil {
			texts(t, svg)
		}
	})
}
