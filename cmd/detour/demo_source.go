package main

import (
	"context"
	"sync/atomic"

	"detour/ingest"
	"detour/ingest/replay"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// demoSource feeds the demo's routes into a pipeline: the table at full speed,
// then the story at the speeds of its chapters.
type demoSource struct {
	world    *demoWorld
	out      ingest.Output
	chapters []demoChapter
	pace     demoPace

	number   uint64
	lastTick route.Time
	bad      []demoBad // the first bad prefixes, in order
	badSent  uint64    // updates that carried them

	priming                   atomic.Bool
	updates, elements, engine atomic.Int64
}

// demoBad is one leaked prefix at one peer.
type demoBad struct {
	at     route.Time
	update uint64 // how many bad updates there were up to this one
	prefix route.Prefix
}

// demoBadKept bounds them: the incident opens within the first.
const demoBadKept = 100_000

// demoChapter is a part of the story.
type demoChapter struct {
	from  route.Time
	speed float64                         // a multiple of real time
	begin func(ctx context.Context) error // nil for nothing
}

// Run sends everything and ends the log.
func (s *demoSource) Run(ctx context.Context) error {
	if err := s.prime(ctx); err != nil {
		return err
	}
	var err error
	feed := fulltable.Updates(s.world.table, s.number, s.world.story())
	feed(func(se *route.Session, u *route.Update, bad bool) bool {
		if err = s.turn(ctx, u.Engine); err == nil {
			if bad {
				s.note(u)
			}
			err = s.add(ctx, u, se)
		}
		return err == nil
	})
	if err == nil {
		err = s.turn(ctx, s.world.end())
	}
	if err != nil {
		return err
	}
	return s.out.End(ctx)
}

// prime sends the table, all of it at one moment, and says that it is whole.
func (s *demoSource) prime(ctx context.Context) (err error) {
	s.priming.Store(true)
	defer s.priming.Store(false)
	s.world.table.Each(func(se *route.Session, u *route.Update) bool {
		err = s.add(ctx, u, se)
		return err == nil
	})
	if err != nil {
		return err
	}
	at := route.TimeOf(demoTableAt)
	return s.add(ctx, &route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers, Engine: at, Collected: at}, nil)
}

// turn begins the chapters that have come, keeps the pace and ticks.
func (s *demoSource) turn(ctx context.Context, at route.Time) error {
	for len(s.chapters) > 0 && at >= s.chapters[0].from {
		c := s.chapters[0]
		s.chapters = s.chapters[1:]
		if c.begin != nil {
			if err := c.begin(ctx); err != nil {
				return err
			}
		}
		s.pace.change(c.from, c.speed)
	}
	if s.lastTick == 0 {
		s.lastTick = at
	}
	for s.lastTick+route.Second <= at {
		s.lastTick += route.Second
		if err := s.pace.wait(ctx, s.lastTick); err != nil {
			return err
		}
		if err := s.out.Tick(ctx, s.lastTick); err != nil {
			return err
		}
	}
	return s.pace.wait(ctx, at)
}

// add numbers and hands on one update.
func (s *demoSource) add(ctx context.Context, u *route.Update, se *route.Session) error {
	s.number++
	u.Number = s.number
	s.updates.Add(1)
	s.elements.Add(int64(u.Elements()))
	s.engine.Store(int64(u.Engine))
	return s.out.Add(ctx, u, se)
}

func (s *demoSource) note(u *route.Update) {
	s.badSent++
	for _, n := range u.Announced {
		if len(s.bad) < demoBadKept {
			s.bad = append(s.bad, demoBad{u.Engine, s.badSent, n.Prefix()})
		}
	}
}

// Progress may be called from any goroutine.
func (s *demoSource) Progress() replay.Progress {
	return replay.Progress{
		Priming: s.priming.Load(), Updates: uint64(s.updates.Load()), Elements: uint64(s.elements.Load()),
		Engine: route.Time(s.engine.Load()),
	}
}
