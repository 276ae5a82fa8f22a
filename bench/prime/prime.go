package prime

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"detour/bench/chaos/traffic"
	"detour/bench/measure"
	"detour/bench/report"
	"detour/internal/scenario/topo"
	"detour/route"
)

// Options of Run.
type Options struct {
	Prefixes, Peers int
	Detour          string // the program
	Short           bool
	Say             func(line string)
}

// Defaults of Options: a full table as one of RIPE's large collectors has it.
const (
	DefaultPrefixes = 1_000_000
	DefaultPeers    = 40

	shortPrefixes = 20_000
	shortPeers    = 3
	perNetwork    = 13 // prefixes
	seed          = 1
	tableAt       = 1_700_000_000 * route.Second
)

// took is what one priming cost.
type took struct {
	routes         int
	told, applied  time.Duration // since the start: all are in the log, all are in the state
	cpu            time.Duration
	resident, peak uint64 // bytes
	table, kept    int64  // bytes: of the file, of all that detour keeps
}

// Run makes a table and primes a detour with it.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	if o.Short {
		o.Prefixes, o.Peers = shortPrefixes, shortPeers
	}
	dir, err := os.MkdirTemp("", "detour-prime-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(dir)
	o.Say(fmt.Sprintf("making a table of %d prefixes at %d peers", o.Prefixes, o.Peers))
	t := took{}
	file := filepath.Join(dir, "table.mrt")
	if t.routes, err = writeTable(file, o.Prefixes, o.Peers); err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	st, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	t.table = st.Size()
	o.Say(fmt.Sprintf("priming with %d routes", t.routes))
	if err := t.run(ctx, o.Detour, dir, file); err != nil {
		return nil, err
	}
	return t.section(&o), nil
}

func writeTable(name string, prefixes, peers int) (routes int, err error) {
	g, err := topo.Generate(topo.Config{ASes: prefixes / perNetwork}, seed)
	if err != nil {
		return 0, err
	}
	table, err := topo.NewTable(g, topo.TableConfig{At: tableAt, Peers: peers, Prefixes4: prefixes}, seed)
	if err != nil {
		return 0, err
	}
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	if routes, err = traffic.WriteTable(out, table, tableAt, 0, peers); err == nil {
		err = out.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return routes, err
}

func (t *took) section(o *Options) *report.Section {
	each := func(d time.Duration) string { return measure.Number(float64(d) / float64(t.routes)) }
	mib := func(n int64) string { return measure.Number(measure.MiB(uint64(n))) + " MiB" }
	rows := [][]string{
		{"routes of the table", measure.Count(uint64(t.routes))},
		{"its file (MRT, not packed)", mib(t.table)},
		{"until all of it was in the log", t.told.Round(100 * time.Millisecond).String()},
		{"until all of it was in the state", t.applied.Round(100 * time.Millisecond).String()},
		{"CPU time of the process, ns a route", each(t.cpu)},
		{"memory of the process then", mib(int64(t.resident))},
		{"the most that it had", mib(int64(t.peak))},
		{"what it keeps on disk, log and checkpoints", mib(t.kept)},
	}
	return &report.Section{
		Name: "prime", Title: "Priming a live source", Command: "detour bench prime",
		Notes: []string{fmt.Sprintf("`detour run --source rislive=…,prime_files=…`: a table of %d prefixes at %d peers goes "+
			"through the log into 8 shards and the correlator, all in one process with its NATS server, while the live "+
			"source tries to connect to nobody. Every route was applied.", o.Prefixes, o.Peers)},
		Tables: []report.Table{{Name: "prime", Title: "A full table", Columns: []string{"what", "figure"}, Rows: rows}},
	}
}
