package traffic

import (
	"io"

	"detour/bench/mrtfile"
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

// writeUpdates writes the recordings of all ingesters.
func (w *world) writeUpdates(t *Traffic) error {
	return w.writeFrom(0, t, nil)
}

// writeFrom opens the recording of an ingester and of all behind it, and then
// fills them.
func (w *world) writeFrom(ingester int, t *Traffic, files []*mrtfile.Writer) error {
	if ingester < Ingesters {
		return create(t.Files[ingester].Updates, func(out io.Writer) error {
			return w.writeFrom(ingester+1, t, append(files, mrtfile.NewWriter(out)))
		})
	}
	elements, err := w.elements()
	if err != nil {
		return err
	}
	fulltable.Updates(w.table, 0, elements)(func(s *route.Session, u *route.Update, _ bool) bool {
		i := int(u.Peer) / w.shape.Peers
		t.Elements[i] += u.Elements()
		err = files[i].Update(u, s)
		return err == nil
	})
	return err
}
