package traffic

import (
	"io"
	"iter"

	"detour/bench/mrtfile"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/internal/scenario/topo"
	"detour/route"
)

// writeTable writes the table as an ingester's peers have it.
func (w *world) writeTable(out io.Writer, ingester int) error {
	from, to := w.own(ingester)
	_, err := WriteTable(out, w.table, Start, from, to)
	return err
}

// WriteTable writes a table as its sessions from one to before another have it, and
// returns how many routes that are.
func WriteTable(out io.Writer, table *topo.Table, at route.Time, from, to int) (n int, err error) {
	sessions := table.Sessions()[from:to]
	file := mrtfile.NewWriter(out)
	if err := file.Peers(at, sessions); err != nil {
		return 0, err
	}
	view := table.NewView()
	var routes []mrtfile.Route
	for a := range uint32(table.NumAtoms()) {
		atom := table.AtomAt(a)
		routes = routes[:0]
		for i := range sessions {
			if path, ok := view.AppendPath(nil, from+i, atom); ok {
				routes = append(routes, mrtfile.Route{Peer: i, Session: &sessions[i], Path: path})
			}
		}
		if len(routes) == 0 {
			continue
		}
		for _, p := range atom.Prefixes {
			if err := file.Prefix(at, p, routes); err != nil {
				return n, err
			}
			n += len(routes)
		}
	}
	return n, nil
}

// writeUpdates writes what the peers of all ingesters tell into a file of each,
// and returns how many elements each got.
func (w *world) writeUpdates(
	names [Ingesters]string, elements iter.Seq[scenario.Element],
) (counts [Ingesters]int, err error) {
	var files [Ingesters]*mrtfile.Writer
	var fill func(i int) error
	fill = func(i int) error {
		if i < Ingesters {
			return create(names[i], func(out io.Writer) error {
				files[i] = mrtfile.NewWriter(out)
				return fill(i + 1)
			})
		}
		var err error
		fulltable.Updates(w.table, 0, elements)(func(s *route.Session, u *route.Update, _ bool) bool {
			i := int(u.Peer) / w.shape.Peers
			counts[i] += u.Elements()
			err = files[i].Update(u, s)
			return err == nil
		})
		return err
	}
	return counts, fill(0)
}
