package wire

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// TestAFrameIsNamedByItsBeginning: whose frame it was is known even where
// nothing else can be read.
func TestAFrameIsNamedByItsBeginning(t *testing.T) {
	b := NewFrameBuilder("collector-1", 3)
	b.Reset(5)
	whole := bytes.Clone(b.Bytes(1))
	long := NewFrameBuilder(strings.Repeat("x", MaxName+1), 3)
	long.Reset(5)
	for name, c := range map[string]struct {
		frame []byte
		want  string
		ok    bool
	}{
		"whole":            {whole, "collector-1", true},
		"cut behind it":    {whole[:13], "collector-1", true},
		"garbage behind":   {append(whole[:13:13], 0xff), "collector-1", true},
		"cut in the name":  {whole[:12], "", false},
		"another field":    {whole[13:], "", false},
		"nothing":          {nil, "", false},
		"a name too long":  {long.Bytes(1), "", false},
		"not UTF-8":        {[]byte{frmIngester<<3 | typeBytes, 1, 0xff}, "", false},
		"beyond any frame": {append(whole[:13:13], make([]byte, MaxFrame)...), "", false},
	} {
		if got, ok := FrameIngester(c.frame); string(got) != c.want || ok != c.ok {
			t.Errorf("%s: %q %t, want %q %t", name, got, ok, c.want, c.ok)
		}
	}
}

// TestEngineTimesAreThoseOfTheUpdates holds them against what a reader yields.
func TestEngineTimesAreThoseOfTheUpdates(t *testing.T) {
	at := rapid.OneOf(
		rapid.Int64(), rapid.Int64Range(1e15, 1e15+5e9), rapid.SampledFrom([]int64{0, math.MaxInt64, math.MinInt64}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		b := NewFrameBuilder("c", 1)
		b.Reset(1)
		for i, engine := range rapid.SliceOfN(at, 0, 9).Draw(rt, "times") {
			collected := route.Time(at.Draw(rt, "collected"))
			b.Add(&route.Update{
				Kind: route.KindTick, Peer: route.AllPeers, Number: uint64(i), Engine: route.Time(engine), Collected: collected,
			}, nil, nil, nil)
		}
		var f Frame
		if err := f.Decode(b.Bytes(1)); err != nil {
			rt.Fatal(err)
		}
		wantLeast, wantGreatest := route.Time(math.MaxInt64), route.Time(math.MinInt64)
		var u route.Update
		for r := f.Updates(); r.Next(&u); {
			if wantLeast = min(wantLeast, u.Engine); u.Engine != math.MaxInt64 {
				wantGreatest = max(wantGreatest, u.Engine)
			}
		}
		least, greatest, ok := f.EngineTimes()
		if least != wantLeast || greatest != wantGreatest || ok != (f.NumUpdates() > 0) {
			rt.Fatalf("%d to %d, %t; want %d to %d", least, greatest, ok, wantLeast, wantGreatest)
		}
	})
}
