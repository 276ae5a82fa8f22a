package rislive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"detour/ingest/live"
)

// Why we end a connection ourselves.
var (
	errSilent   = errors.New("silent")
	errNoPong   = errors.New("no pong")
	errNoAnswer = errors.New("no answer")
)

// ending says how a connection ended, or that there was none.
type ending struct {
	kind  live.EventKind
	why   string
	after time.Duration // how long the server wants to be left alone
}

// connection makes a connection and reads it to its end. An error is one of the
// output.
func (s *Source) connection(all context.Context) (ending, error) {
	ctx, end := context.WithCancelCause(all)
	defer end(nil)
	answer := time.AfterFunc(s.cfg.Answer, func() { end(errNoAnswer) })
	f, err := s.open(ctx)
	answer.Stop()
	if err != nil {
		e := s.noConnection(ctx, err)
		if all.Err() == nil {
			s.desk.Tell(e.kind, s.name(), e.why)
			if !s.lost.IsZero() { // what is sent meanwhile is lost, too
				return e, s.desk.Gap(all, "there is still no connection to RIS Live: "+e.why)
			}
		}
		return e, nil
	}
	begun := time.Now()
	if err := s.begin(all); err != nil {
		f.close()
		return ending{}, err
	}
	e, err := s.follow(all, ctx, end, f)
	if err != nil || all.Err() != nil {
		return e, err
	}
	if s.handler.useful && time.Since(begun) >= s.cfg.RetryMost {
		s.retry.Reset() // not by one that ends at once, so that we do not come back each second
	}
	s.lost = time.Now()
	s.desk.Tell(e.kind, s.name(), e.why)
	return e, s.desk.Gap(all, "the connection to RIS Live was lost: "+e.why)
}

// begin tells that a connection stands, and what its absence cost.
func (s *Source) begin(ctx context.Context) error {
	s.handler.useful, s.handler.complaint = false, ""
	s.handler.peers.forgetStates()
	s.desk.Tell(live.EventConnect, s.name(), "")
	if s.lost.IsZero() {
		return nil
	}
	gone := max(time.Millisecond, time.Since(s.lost).Round(time.Millisecond))
	return s.desk.Gap(ctx, fmt.Sprintf("RIS Live is back after %v: what it sent meanwhile is missing", gone))
}

// follow reads an open connection, which lives as long as ctx, to its end.
func (s *Source) follow(all, ctx context.Context, end context.CancelCauseFunc, f *feed) (ending, error) {
	dog := live.Watch(s.cfg.Stall, func() {
		end(errSilent)
		f.close()
	})
	in := &watched{r: f, dog: dog, stall: s.cfg.Stall, asked: f.ping != nil && s.cfg.filtered()}
	if in.asked {
		dog.Stop()
	}
	ahead := live.NewReadAhead(in, s.cfg.ReadAhead)
	s.say(status{connected: true, since: time.Now(), ahead: ahead})
	var pings sync.WaitGroup
	if f.ping != nil {
		pings.Go(func() {
			if !s.ping(ctx, f, ahead) {
				end(errNoPong)
				f.close()
			}
		})
	}
	var e ending
	err, failed := s.lines(all, ahead)
	if failed == nil {
		e = s.ended(context.Cause(ctx), err, time.Since(ahead.LastFull()) < slowFor)
	}
	end(nil)
	f.close()
	ahead.Close()
	pings.Wait()
	dog.Stop()
	return e, failed
}

// lines hands in what comes. It returns why reading ended, or what the output said.
func (s *Source) lines(ctx context.Context, r io.Reader) (ended, failed error) {
	in := newLines(r)
	for {
		line, err := in.next()
		line = bytes.TrimSpace(line)
		messages := uint64(0)
		if len(line) > 0 || err == errLong {
			messages = 1
		}
		s.desk.Read(messages, uint64(in.n))
		switch {
		case err == errLong:
			s.desk.Skip("long-line")
			continue
		case len(line) == 0:
		case err != nil && !json.Valid(line):
			s.desk.Skip("partial-line")
		default:
			if failed := s.handler.line(ctx, line); failed != nil {
				return nil, failed
			}
		}
		if err != nil {
			return err, nil
		}
	}
}

// ping asks now and then whether anybody is there, until ctx ends or nobody answers.
// Where we ourselves are so far behind that nothing is read, no answer can come.
func (s *Source) ping(ctx context.Context, f *feed, ahead *live.ReadAhead) bool {
	tick := time.NewTicker(s.cfg.Stall / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return true
		}
		asking, done := context.WithTimeout(ctx, s.cfg.Stall/2)
		err := f.ping(asking)
		done()
		if !errors.Is(err, context.DeadlineExceeded) {
			continue // answered, or the connection has ended, of which the reader tells
		}
		if ctx.Err() == nil && time.Since(ahead.LastFull()) > s.cfg.Stall {
			return false
		}
	}
}

// watched runs a watchdog while a Read waits: that nothing is read because we are
// slow is no silence of the server's. Empty lines are silence, too: something on the
// way may keep a connection open that leads nowhere. Where pings ask instead, silence
// is no sign.
type watched struct {
	r      io.Reader
	dog    *live.Watchdog
	stall  time.Duration
	silent time.Duration // for so long already
	asked  bool
}

func (w *watched) Read(p []byte) (int, error) {
	began := time.Now()
	if !w.asked {
		w.dog.Await(w.stall - w.silent)
	}
	n, err := w.r.Read(p)
	w.dog.Stop()
	w.silent += time.Since(began)
	if len(bytes.TrimSpace(p[:n])) > 0 {
		w.silent = 0
	}
	return n, err
}
