package traffic

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"detour/bench/mrtfile"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// Endless is churn without end, of which paths and the sets of networks on them
// turn over all the time.
type Endless struct {
	Table    string // file that primes it
	sessions []route.Session
	updates  []route.Update
	elements int
}

// MakeEndless makes churn over a table of one ingester and writes the table.
func MakeEndless(dir string, shape Shape) (*Endless, error) {
	w, err := newWorld(shape)
	if err != nil {
		return nil, fmt.Errorf("make traffic: %w", err)
	}
	e := &Endless{Table: filepath.Join(dir, "endless.table.mrt"), sessions: w.table.Sessions()}
	if err := create(e.Table, func(out io.Writer) error { return w.writeTable(out, 0) }); err != nil {
		return nil, fmt.Errorf("write traffic: %w", err)
	}
	fulltable.Updates(w.table, 0, slices.Values(w.churn))(func(_ *route.Session, u *route.Update, _ bool) bool {
		if int(u.Peer) < shape.Peers {
			e.updates = append(e.updates, route.Update{
				Kind: u.Kind, Peer: u.Peer, Path: route.Path{ASNs: slices.Clone(u.Path.ASNs)},
				Announced: slices.Clone(u.Announced), Withdrawn: slices.Clone(u.Withdrawn),
			})
			e.elements += u.Elements()
		}
		return true
	})
	return e, nil
}

// Networks that stand on paths in turn, each for one round over the churn, which
// takes half a minute. What the correlator learns of a network on the way to an origin
// it keeps, so all of them must have been there before memory is judged.
const (
	firstPassing = 2_000_000
	passing      = 16
)

// Write writes updates at so many elements a second of engine time, until out
// takes no more.
func (e *Endless) Write(out io.Writer, rate int) error {
	file := mrtfile.NewWriter(out)
	var path []route.ASN
	sent := 0
	for round := 0; ; round++ {
		by := route.ASN(firstPassing + round%passing)
		for i := range e.updates {
			u := e.updates[i]
			u.Engine = Start + route.Time(sent)*route.Second/route.Time(rate)
			if len(u.Path.ASNs) > 1 && i%2 == 0 { // half of the routes pass by another network in each round
				path = append(append(append(path[:0], u.Path.ASNs[0]), by), u.Path.ASNs[1:]...)
				u.Path.ASNs = path
			}
			if err := file.Update(&u, &e.sessions[u.Peer]); err != nil {
				return err
			}
			sent += u.Elements()
		}
	}
}

// Round is how many elements there are before other networks pass.
func (e *Endless) Round() int { return e.elements }

// OpenPipe makes a pipe at a path, for a reader who opens it as a file, and
// returns the end to write to.
func OpenPipe(path string) (*os.File, error) {
	if err := makePipe(path); err != nil {
		return nil, fmt.Errorf("make pipe %s: %w", path, err)
	}
	return os.OpenFile(path, os.O_RDWR, 0) // opened both ways it waits for nobody
}
