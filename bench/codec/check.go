package codec

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"detour/route"
)

var errChanged = errors.New("updates do not come back as they were")

// encoded is traffic as bytes, by both codecs.
type encoded struct {
	frames, messages [][]byte
	sizes            []int // updates in each
}

// check encodes and decodes traffic with both codecs and compares every update.
func check(t *traffic) (*encoded, error) {
	c, g, e := newFrames(), &generated{}, &encoded{}
	c.encode(t, func(raw []byte) { e.frames = append(e.frames, bytes.Clone(raw)) })
	for i, raw := range e.frames {
		if err := c.f.Decode(raw); err != nil {
			return nil, fmt.Errorf("frame %d: %w", i, err)
		}
		e.sizes = append(e.sizes, c.f.NumUpdates())
	}
	compare := comparer{t: t}
	if err := c.decode(e.frames, compare.next); err != nil {
		return nil, err
	}
	if err := compare.end(); err != nil {
		return nil, fmt.Errorf("frames: %w", err)
	}
	err := g.marshal(batches(t, e.sizes), func(raw []byte) { e.messages = append(e.messages, bytes.Clone(raw)) })
	if err != nil {
		return nil, err
	}
	compare = comparer{t: t}
	if err := g.decode(e.messages, compare.next); err != nil {
		return nil, err
	}
	if err := compare.end(); err != nil {
		return nil, fmt.Errorf("generated code: %w", err)
	}
	return e, nil
}

// comparer holds what comes back against what was put in.
type comparer struct {
	t   *traffic
	n   int
	err error
}

func (c *comparer) next(u *route.Update) {
	if c.err == nil && c.n < len(c.t.updates) && !same(&c.t.updates[c.n], u) {
		c.err = fmt.Errorf("%w: update %d was %+v, is %+v", errChanged, c.n, c.t.updates[c.n], *u)
	}
	c.n++
}

func (c *comparer) end() error {
	if c.err == nil && c.n != len(c.t.updates) {
		return fmt.Errorf("%w: %d were put in, %d came back", errChanged, len(c.t.updates), c.n)
	}
	return c.err
}

func same(a, b *route.Update) bool {
	return a.Kind == b.Kind && a.Flags == b.Flags && a.Origin == b.Origin && a.Peer == b.Peer && a.Number == b.Number &&
		a.Engine == b.Engine && a.Collected == b.Collected && a.OTC == b.OTC &&
		a.NextHop == b.NextHop && a.MPNextHop == b.MPNextHop &&
		slices.Equal(a.Path.ASNs, b.Path.ASNs) && slices.Equal(a.Path.Segments, b.Path.Segments) &&
		bytes.Equal(a.Communities, b.Communities) && bytes.Equal(a.LargeCommunities, b.LargeCommunities) &&
		slices.Equal(a.Announced, b.Announced) && slices.Equal(a.Withdrawn, b.Withdrawn)
}
