package eval

import (
	"context"
	"encoding/binary"

	"detour/ingest/replay"
	"detour/internal/scenario"
	"detour/route"
)

// Load reads recordings as a background: cfg.Prime as its table, cfg.Files as
// its updates, in engine time.
func Load(ctx context.Context, name string, cfg replay.Config) (*scenario.Background, error) {
	l := &loader{
		bg:    &scenario.Background{Name: name},
		paths: map[string][]route.ASN{}, comms: map[string][]byte{},
	}
	s, err := replay.New(cfg, l)
	if err != nil {
		return nil, err
	}
	if err := s.Run(ctx); err != nil {
		return nil, err
	}
	return l.bg, nil
}

// loader is an ingest.Output that keeps what it is given as elements. Equal
// paths share their memory.
type loader struct {
	bg    *scenario.Background
	paths map[string][]route.ASN
	comms map[string][]byte
	key   []byte
	hops  []route.ASN
}

func (l *loader) Tick(context.Context, route.Time) error { return nil }
func (l *loader) End(context.Context) error              { return nil }

func (l *loader) Add(_ context.Context, u *route.Update, s *route.Session) error {
	if s == nil {
		return nil // an event of all peers: the runner states its own
	}
	for int(s.ID) >= len(l.bg.Peers) {
		l.bg.Peers = append(l.bg.Peers, route.Peer{})
	}
	l.bg.Peers[s.ID] = s.Peer
	e := scenario.Element{At: u.Engine, Peer: s.ID, Kind: u.Kind}
	if u.Kind != route.KindUpdate {
		l.bg.Updates = append(l.bg.Updates, e)
		return nil
	}
	for _, n := range u.Withdrawn {
		e.Prefix = n.Prefix()
		l.bg.Updates = append(l.bg.Updates, e)
	}
	if len(u.Announced) == 0 {
		return nil
	}
	e.Table = u.Flags&route.FlagTableDump != 0
	e.HasOTC, e.OTC = u.Flags&route.FlagHasOTC != 0, u.OTC
	e.Path, e.Communities = l.path(&u.Path), l.communities(u.Communities)
	if len(e.Path) == 0 {
		return nil // a network's own route over iBGP: nobody leaks it here
	}
	to := &l.bg.Updates
	if e.Table {
		to = &l.bg.Prime
	}
	for _, n := range u.Announced {
		e.Prefix = n.Prefix()
		*to = append(*to, e)
	}
	return nil
}

// path lays a path flat: confederations go, a set of several members and what
// stands behind it become the unknown origin.
func (l *loader) path(p *route.Path) []route.ASN {
	l.hops = l.hops[:0]
	if len(p.Segments) == 0 {
		l.hops = append(l.hops, p.ASNs...)
	}
	rest := p.ASNs
	for _, s := range p.Segments {
		members := rest[:s.Count]
		rest = rest[s.Count:]
		switch {
		case s.Type == route.ASConfedSequence || s.Type == route.ASConfedSet:
			continue
		case s.Type == route.ASSet && s.Count > 1:
			l.hops = append(l.hops, 0)
			rest = nil
		default:
			l.hops = append(l.hops, members...)
		}
		if rest == nil {
			break
		}
	}
	l.key = l.key[:0]
	for _, a := range l.hops {
		l.key = binary.BigEndian.AppendUint32(l.key, uint32(a))
	}
	known, ok := l.paths[string(l.key)]
	if !ok {
		known = append([]route.ASN(nil), l.hops...)
		l.paths[string(l.key)] = known
	}
	return known
}

func (l *loader) communities(c []byte) []byte {
	if len(c) == 0 {
		return nil
	}
	known, ok := l.comms[string(c)]
	if !ok {
		known = append([]byte(nil), c...)
		l.comms[string(known)] = known
	}
	return known
}
