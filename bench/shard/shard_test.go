package shard

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"detour/internal/cputime"
)

var prefixes = flag.Int("prefixes", 1_300_000, "")
var peers = flag.Int("peers", 40, "")
var prof = flag.String("prof", "", "")

func rss() string {
	b, _ := os.ReadFile("/proc/self/smaps_rollup")
	var out []string
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "AnonHuge") || strings.HasPrefix(l, "Rss") || strings.HasPrefix(l, "VmHWM") || strings.HasPrefix(l, "RssAnon") {
			out = append(out, l)
		}
	}
	return strings.Join(out, " ")
}

func TestTry(t *testing.T) {
	table, err := newTable(*prefixes, *peers, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), table: table}
	var m0, m1 runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m0)
	c := cputime.Now()
	w.fill()
	c = cputime.Now() - c
	fmt.Println(rss())
	runtime.GC()
	runtime.ReadMemStats(&m1)
	fmt.Println(w.routes, "routes", float64(w.routes)/c.Seconds()/1e6, "M fills/s", float64(m1.HeapAlloc-m0.HeapAlloc)/float64(w.routes), "B/route", rss())
	fmt.Println(w.rib.Sizes())
	if *prof != "" {
		f, _ := os.Create(*prof)
		defer f.Close()
		defer pprof.StopCPUProfile()
		defer func() {}()
		defer fmt.Println("done")
		pprof.StartCPUProfile(f)
	}
	for k := range 12 {
		window = []int{16, 32, 64}[k%3]

		ops, _ := w.traffic(500_000)
		w.cpu = 0
		a := w.apply(ops)
		c := w.cpu
		fmt.Printf("%.3f M/s %+v\n", float64(a.elements)/c.Seconds()/1e6, a)
	}
	runtime.GC()
	runtime.ReadMemStats(&m1)
	fmt.Println(float64(m1.HeapAlloc-m0.HeapAlloc)/float64(w.routes), "B/route", rss())
	fmt.Println(w.rib.Sizes())
}
