package topo

import (
	"bufio"
	"fmt"
	"io"

	"detour/route"
)

// WriteRelationships writes the graph in CAIDA's serial-1 form, for whoever reads
// such files: a|b|-1 where b is a customer of a, a|b|0 between peers. Siblings
// have no place in it and are left out.
func (g *Graph) WriteRelationships(w io.Writer) error {
	out := bufio.NewWriter(w)
	g.Each(func(a, b route.ASN, r Rel) bool {
		var err error
		switch r {
		case Provider:
			_, err = fmt.Fprintf(out, "%d|%d|-1\n", b, a)
		case Customer:
			_, err = fmt.Fprintf(out, "%d|%d|-1\n", a, b)
		case Peer:
			_, err = fmt.Fprintf(out, "%d|%d|0\n", a, b)
		}
		return err == nil // an error stays in out
	})
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write relationships: %w", err)
	}
	return nil
}
