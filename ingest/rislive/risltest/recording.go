package risltest

import (
	"errors"
	"fmt"
	"io"

	"detour/ingest/mrt"
	"detour/route"
)

// Recording returns the messages that RIS Live would have sent while a recording was
// made: updates and session states.
func Recording(file string, f Format) ([][]byte, error) {
	r, err := mrt.Open(file, mrt.Options{Collector: f.Host})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all [][]byte
	var rec mrt.Record
	for {
		switch err := r.Next(&rec); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		switch u := &rec.Update; {
		case rec.Kind == mrt.KindState && u.Kind == route.KindPeerUp:
			all = append(all, f.State(rec.Time, rec.Peer, "connected"))
		case rec.Kind == mrt.KindState && u.Kind == route.KindPeerDown:
			all = append(all, f.State(rec.Time, rec.Peer, "down"))
		case rec.Kind == mrt.KindUpdate:
			all = append(all, f.Update(rec.Time, rec.Peer, u, message(&rec)))
		}
	}
}

// message returns the BGP message of a record: what stands behind the ASNs, interface,
// family and addresses.
func message(rec *mrt.Record) []byte {
	n := 4
	switch rec.Subtype {
	case mrt.MessageAS4, mrt.MessageAS4AddPath, mrt.MessageAS4Local, mrt.MessageAS4LocalAddPath:
		n = 8
	}
	n += 4
	if rec.Type == mrt.TypeBGP4MPET {
		n += 4
	}
	if rec.Peer.Addr.Is4() {
		return rec.Body[n+8:]
	}
	return rec.Body[n+32:]
}
