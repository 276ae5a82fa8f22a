package traffic

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/route"
)

// Sizes of a made-up Internet.
const (
	networksMax = 75_000
	networksMin = 2000
	perNetwork  = 10 // prefixes
)

// world is what the recordings are made of.
type world struct {
	shape   Shape
	table   *topo.Table
	leak    *fulltable.Verizon
	victims map[route.ASN]bool // of the leak
	targets []target
	churn   []scenario.Element
}

// Make makes a traffic and writes its files into dir.
func Make(dir string, shape Shape) (*Traffic, error) {
	w, err := newWorld(shape)
	if err != nil {
		return nil, fmt.Errorf("make traffic: %w", err)
	}
	t, err := w.write(dir)
	if err != nil {
		return nil, fmt.Errorf("write traffic: %w", err)
	}
	return t, nil
}

func newWorld(shape Shape) (w *world, err error) {
	w = &world{shape: shape, victims: map[route.ASN]bool{}}
	g, err := topo.Generate(topo.Config{ASes: min(networksMax, max(networksMin, shape.Prefixes/perNetwork))}, seed)
	if err != nil {
		return nil, err
	}
	w.table, err = topo.NewTable(g, topo.TableConfig{
		At: Start, Peers: Ingesters * shape.Peers, Prefixes4: shape.Prefixes,
	}, seed)
	if err != nil {
		return nil, err
	}
	w.leak, err = fulltable.NewVerizon(w.table, fulltable.VerizonConfig{
		Start: Start + shape.engine(shape.LeakAt), Ramp: leakRamp, Hold: leakHold, Churn: -1,
		Prefixes: shape.Leaked, Origins: max(10, shape.Leaked/10), Peers: Ingesters*shape.Peers + 1,
	}, seed)
	if err != nil {
		return nil, err
	}
	for e := range w.leak.Elements {
		if len(e.Path) > 0 {
			w.victims[e.Path[len(e.Path)-1]] = true
		}
	}
	if err := w.choose(); err != nil {
		return nil, err
	}
	return w, w.makeChurn()
}

// write writes all files.
func (w *world) write(dir string) (*Traffic, error) {
	t := &Traffic{
		Shape: w.shape, Watch: filepath.Join(dir, "watch.txt"), ASRel: filepath.Join(dir, "as-rel.txt"),
	}
	for i := range t.Files {
		t.Files[i] = Files{
			History: filepath.Join(dir, fmt.Sprintf("ingester-%d.history.mrt", i)),
			Table:   filepath.Join(dir, fmt.Sprintf("ingester-%d.table.mrt", i)),
			Updates: filepath.Join(dir, fmt.Sprintf("ingester-%d.updates.mrt", i)),
		}
		if err := create(t.Files[i].Table, func(out io.Writer) error { return w.writeTable(out, i) }); err != nil {
			return nil, err
		}
	}
	histories, updates := [Ingesters]string{}, [Ingesters]string{}
	for i, f := range t.Files {
		histories[i], updates[i] = f.History, f.Updates
	}
	if _, err := w.writeUpdates(histories, w.history); err != nil {
		return nil, err
	}
	var err error
	if t.Elements, err = w.writeUpdates(updates, w.elements()); err != nil {
		return nil, err
	}
	if err := create(t.ASRel, w.table.Graph().WriteRelationships); err != nil {
		return nil, err
	}
	err = create(t.Watch, func(out io.Writer) error {
		for i := range w.targets {
			if _, err := fmt.Fprintf(out, "%v AS%v\n", w.targets[i].prefix, w.targets[i].origin); err != nil {
				return err
			}
			t.Events = append(t.Events, w.event(i))
		}
		return nil
	})
	return t, err
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// own returns the places of an ingester's peers among all.
func (w *world) own(ingester int) (from, to int) {
	return ingester * w.shape.Peers, (ingester + 1) * w.shape.Peers
}
