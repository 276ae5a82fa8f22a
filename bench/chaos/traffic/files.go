package traffic

import (
	"io"
	"iter"

	"detour/bench/mrtfile"
	"detour/internal/scenario"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// writeTable writes the table as an ingester's peers have it.
func (w *world) writeTable(out io.Writer, ingester int) error {
	from, to := w.own(ingester)
	sessions := w.table.Sessions()[from:to]
	file := mrtfile.NewWriter(out)
	if err := file.Peers(Start, sessions); err != nil {
		return err
	}
	view := w.table.NewView()
	var routes []mrtfile.Route
	for a := range uint32(w.table.NumAtoms()) {
		atom := w.table.AtomAt(a)
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
			if err := file.Prefix(Start, p, routes); err != nil {
				return err
			}
		}
	}
	return nil
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
