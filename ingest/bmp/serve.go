package bmp

import (
	"context"
	"errors"
	"fmt"
	"io"

	"detour/ingest/live"
)

// Serve reads the BMP stream of one router from conn and hands in at the desk what its
// peers send, until the stream ends, however it does: what ended it is told to the
// desk, and the sessions are down with it. An error means that the desk takes nothing
// more. When ctx ends, Serve returns nil and leaves the sessions as they are. It
// closes conn.
//
// A router has one stream at a time: two calls for the same Collector and Router must
// not overlap.
func Serve(ctx context.Context, conn io.ReadCloser, desk *live.Desk, cfg RouterConfig) error {
	who := "BMP stream"
	if cfg.Router.IsValid() {
		who = "router " + cfg.Router.String()
	}
	return newRouter(desk, cfg, who).serve(ctx, conn, func(context.Context, string) error { return nil })
}

// admission lets a router in, or not, once it has said who it is.
type admission func(ctx context.Context, collector string) error

// errNotAdmitted is for admissions that turn a router away.
type errNotAdmitted struct{ why string }

func (e errNotAdmitted) Error() string { return e.why }

// serve is Serve.
func (r *router) serve(ctx context.Context, conn io.ReadCloser, admit admission) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	ahead := live.NewReadAhead(conn, r.cfg.Limits.ReadAhead)
	giveUp := func() { _ = conn.Close() }
	r.in = newFrames(ahead, r.cfg.Limits, giveUp)
	first := live.Watch(r.cfg.Limits.FirstMessage, giveUp)
	why, failed := r.read(ctx, first, admit)
	stalled := ""
	switch {
	case first.Stalled():
		stalled = fmt.Sprintf("nothing that is BMP came within %v", r.cfg.Limits.FirstMessage)
	case r.in.watch.Stalled():
		stalled = fmt.Sprintf("%s: a message was not whole after %v", r.in.at(), r.cfg.Limits.WholeMessage)
	}
	first.Stop()
	r.in.close()
	_ = conn.Close() // it may be closed already
	_ = ahead.Close()
	r.flush()
	switch {
	case ctx.Err() != nil:
		return nil
	case failed != nil:
		return failed
	}
	return r.end(ctx, why, stalled)
}

// read handles messages until the stream ends (why), or the desk takes nothing more
// (err).
func (r *router) read(ctx context.Context, first *live.Watchdog, admit admission) (why, err error) {
	for {
		typ, body, err := r.in.next()
		if err != nil {
			return err, nil
		}
		if !r.admitted {
			first.Stop()
			r.introduce(typ, body)
			if err := admit(ctx, r.collector); err != nil {
				return err, nil
			}
			r.admitted = true
			r.desk.Tell(live.EventConnect, r.who, r.description)
		}
		r.count(typ, headerLen+len(body))
		why, err := r.message(ctx, typ, body)
		if err != nil || why != nil {
			return why, err
		}
		r.in.release()
		if r.in.waiting() || r.messages >= flushEvery {
			r.flush()
		}
	}
}

// end tells why the stream ended and takes all sessions down: what nobody tells of any
// more must not stand as if it were alive.
func (r *router) end(ctx context.Context, why error, stalled string) error {
	text := "the router closed it"
	if why != nil && !errors.Is(why, io.EOF) {
		text = why.Error()
	}
	kind := live.EventDisconnect
	var refused errNotAdmitted
	switch {
	case stalled != "":
		kind, text = live.EventStall, stalled
	case errors.As(why, &refused), !r.admitted:
		kind = live.EventRefused
	}
	r.desk.Tell(kind, r.who, text)
	for _, n := range r.order {
		if err := n.down(ctx, "BMP connection lost: "+text, bothViews); err != nil {
			return err
		}
	}
	return nil
}
