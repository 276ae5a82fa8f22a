package codec

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"detour/bench/recording"
	"detour/ingest/mrt"
	"detour/route"
)

// Runs of a recording that stand for all of it. Together they are few enough to
// stay in the processor's cache, as an update does that was just decoded.
const (
	runs      = 8
	runLength = 250
)

// carried are the flags that are of use behind the ingester.
const carried = route.FlagTableDump | route.FlagInitialTransfer | route.FlagPathIDs | route.FlagHasOTC |
	route.FlagAtomicAggregate | route.FlagTreatAsWithdraw | route.FlagHasOrigin | route.FlagHasPath

// traffic is updates and who sent them.
type traffic struct {
	name     string
	updates  []route.Update
	sessions []*route.Session // by ID
	elements int
}

func (t *traffic) add(u *route.Update, s *route.Session) {
	c := clean(u)
	c.Peer, c.Number = s.ID, uint64(len(t.updates)+1)
	t.updates = append(t.updates, c)
	t.elements += c.Elements()
}

// clean returns a copy of u with what is carried to shards and no more.
func clean(u *route.Update) route.Update {
	c := *u
	c.Flags &= carried
	c.MED, c.LocalPref, c.AggregatorASN, c.AggregatorAddr = 0, 0, 0, [4]byte{}
	c.MPAnnounced, c.MPWithdrawn = 0, 0
	c.Path.ASNs, c.Path.Segments = slices.Clone(u.Path.ASNs), slices.Clone(u.Path.Segments)
	c.Communities, c.LargeCommunities = bytes.Clone(u.Communities), bytes.Clone(u.LargeCommunities)
	c.Announced, c.Withdrawn = byFamily(u.Announced), byFamily(u.Withdrawn)
	return c
}

// byFamily returns a copy of list with IPv4 first, in the order of a frame.
func byFamily(list []route.NLRI) []route.NLRI {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b route.NLRI) int { return int(a.Family) - int(b.Family) })
	return out
}

// recorded takes runs of updates from all over the recordings of ordinary
// traffic.
func recorded(corpus string) (*traffic, error) {
	data, err := recording.Plain(corpus, recording.Dev())
	if err != nil {
		return nil, err
	}
	total := 0
	if err := each(data, func(*mrt.Record) { total++ }); err != nil {
		return nil, err
	}
	t := &traffic{name: "recorded"}
	ids := map[route.Peer]*route.Session{}
	n, stride := 0, total/runs
	err = each(data, func(rec *mrt.Record) {
		if n%stride < runLength {
			t.add(&rec.Update, t.session(ids, rec))
		}
		n++
	})
	return t, err
}

func each(data []byte, f func(*mrt.Record)) error {
	r := mrt.NewReader(bytes.NewReader(data), mrt.Options{Name: "memory", Collector: "rrc00"})
	var rec mrt.Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read recording: %w", err)
		}
		if rec.Kind == mrt.KindUpdate && rec.Update.Elements() > 0 {
			rec.Update.Engine = rec.Update.Collected + 2*route.Second
			f(&rec)
		}
	}
}

func (t *traffic) session(ids map[route.Peer]*route.Session, rec *mrt.Record) *route.Session {
	s := ids[rec.Peer]
	if s == nil {
		s = &route.Session{Peer: rec.Peer, ID: uint32(len(t.sessions)), Start: rec.Time}
		ids[rec.Peer] = s
		t.sessions = append(t.sessions, s)
	}
	return s
}

// made is traffic of an ordinary mix for those who have no recordings: paths of
// 5, 4 communities, 2.7 prefixes, an eighth withdrawn, a tenth IPv6.
func made(n int) *traffic {
	t := &traffic{name: "made up"}
	for i := range 40 {
		t.sessions = append(t.sessions, &route.Session{ID: uint32(i), Peer: route.Peer{
			Collector: "rrc00", Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), ASN: route.ASN(64500 + i), LocalASN: 12654,
		}})
	}
	for i := range n {
		h := uint64(i+1) * 0x9e3779b97f4a7c15
		t.add(madeUpdate(i, h), t.sessions[h%uint64(len(t.sessions))])
	}
	return t
}

func madeUpdate(i int, h uint64) *route.Update {
	u := &route.Update{
		Flags:     route.FlagHasOrigin | route.FlagHasPath,
		Engine:    1_561_375_000*route.Second + route.Time(i*700),
		Collected: 1_561_374_998*route.Second + route.Time(i*700),
	}
	family, bits, next := route.IPv4, uint8(20+h%5), &u.NextHop
	if i%10 == 0 {
		family, bits, next = route.IPv6, 48, &u.MPNextHop
	}
	mask, _ := route.Mask(bits)
	var list []route.NLRI
	for k := range 1 + h>>13%4 + h>>20%2*(h>>21%2) {
		list = append(list, route.NLRI{Hi: h * (k + 3) & mask, Bits: bits, Family: family})
	}
	if i%8 == 0 {
		u.Flags, u.Withdrawn = 0, list
		return u
	}
	u.Announced = list
	*next = route.NextHop{Bytes: [32]byte{192, 0, 2, 1}, Len: 4}
	if family == route.IPv6 {
		*next = route.NextHop{Bytes: [32]byte{0x20, 1, 0xd, 0xb8, 15: 1}, Len: 16}
	}
	for k := range 5 {
		u.Path.ASNs = append(u.Path.ASNs, route.ASN(h>>k%400000))
		if k > 0 {
			u.Communities = append(u.Communities, byte(h>>8), byte(h), 0, byte(k))
		}
	}
	return u
}
