package eval

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"detour/alert"
	"detour/internal/scenario/topo"
	"detour/processor"
	"detour/route"
)

func TestProbe(t *testing.T) {
	if os.Getenv("PROBE") == "" {
		t.Skip()
	}
	b := time.Now()
	lap := func(s string) { fmt.Println(s, time.Since(b).Round(time.Millisecond)); b = time.Now() }
	g, err := topo.Generate(topo.Config{ASes: 12000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	lap("graph")
	table, err := topo.NewTable(g, topo.TableConfig{Peers: 40, Prefixes4: 105000}, 1)
	if err != nil {
		t.Fatal(err)
	}
	lap(fmt.Sprint("table ", table.NumAtoms()))
	n := 0
	table.Each(func(s *route.Session, u *route.Update) bool { n += len(u.Announced); return true })
	lap(fmt.Sprint("each ", n))
	r := &run{tally: newTally(0)}
	r.line, err = processor.NewLine(Setup{}.config(), func(a *alert.Alert) { r.tally.take(a) })
	if err != nil {
		t.Fatal(err)
	}
	if err := r.dump(context.Background(), table, 1e15); err != nil {
		t.Fatal(err)
	}
	lap("dump")
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("heap MB", m.HeapAlloc>>20, "mature", r.line.Stats().Correlate.Mature)
	runtime.KeepAlive(r)
}
