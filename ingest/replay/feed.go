package replay

import (
	"context"
	"io"
	"os"

	"detour/ingest/mrt"
	"detour/route"
)

// Feed gives the recordings of one collector, the oldest first.
type Feed interface {
	// Next returns what comes next, and waits until there is something; io.EOF says
	// that nothing will come. Any other error ends the replay. It is called by the
	// goroutine of Run.
	Next(ctx context.Context) (*Recording, error)
}

// Recording is what a Feed gives: a file, or an event that stands in none.
type Recording struct {
	Collector string   // goes into the peers of File
	Name      string   // of File, for reports
	File      *os.File // is closed once it has been read

	// Event and At are used without a File: an event of all peers, such as
	// route.KindGap, or route.KindTick, which says nothing but that it is At.
	Event route.Kind
	At    route.Time
}

// eventKind is the Kind of records that stand for a Feed's event. No reader gives it.
const eventKind mrt.Kind = 0

// chain reads the recordings of a Feed as one.
type chain struct {
	source *Source
	next   func() (*Recording, error)
	now    *input // nil between two
}

func (s *Source) chain(ctx context.Context, f Feed) *chain {
	return &chain{source: s, next: func() (*Recording, error) { return f.Next(ctx) }}
}

// Next implements mrt.Records.
func (c *chain) Next(rec *mrt.Record) error {
	for {
		if c.now == nil {
			r, err := c.next()
			switch {
			case err != nil:
				return err
			case r.File == nil:
				*rec = mrt.Record{Kind: eventKind, Time: r.At}
				rec.Update.Kind, rec.Update.Peer = r.Event, route.AllPeers
				return nil
			}
			if err := c.open(r); err != nil {
				return err
			}
		}
		if err := c.now.Next(rec); err != io.EOF {
			return err
		}
		c.close()
	}
}

func (c *chain) open(r *Recording) error {
	in := &input{file: r.File, read: &c.source.read}
	if err := in.begin(r.File, mrt.Options{Name: r.Name, Collector: r.Collector}); err != nil {
		return err
	}
	c.source.tally.begin(in)
	c.now = in
	return nil
}

func (c *chain) close() {
	if c.now != nil {
		c.source.finish([]*input{c.now})
		c.now = nil
	}
}
