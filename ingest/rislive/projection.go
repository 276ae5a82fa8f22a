package rislive

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"detour/route"
)

// Bounds of what may stand in one message: more does not fit into a BGP message.
const (
	maxRoutes      = 1 << 14
	maxASNs        = 1 << 14
	maxCommunities = 1 << 14
)

var errTooLarge = errors.New("more than fits into a BGP message")

// projection reads the JSON of an UPDATE, which shows only a part of it. It is
// filled again and again.
type projection struct {
	update        route.Update
	hops          []hop
	announcements []announcement
	withdrawals   []netip.Prefix
	communities   [][2]uint16
	bytes         []byte
	seen          map[route.Prefix]struct{}
}

// announcement is some prefixes and their next hop; a global and a link-local one
// (RFC 2545 §3) are joined by a comma, or come as two with the same prefixes.
type announcement struct {
	NextHop  string         `json:"next_hop"`
	Prefixes []netip.Prefix `json:"prefixes"`
}

// read fills p.update; its kind is End-of-RIB where m holds nothing.
func (p *projection) read(m *body) error {
	p.update.Reset()
	// JSON leaves what an element lacks as it was in memory.
	clear(p.announcements[:cap(p.announcements)])
	clear(p.withdrawals[:cap(p.withdrawals)])
	p.announcements, p.withdrawals = p.announcements[:0], p.withdrawals[:0]
	if err := errors.Join(
		fill(m.Announcements, &p.announcements, "announcements"), fill(m.Withdrawals, &p.withdrawals, "withdrawals"),
	); err != nil {
		return err
	}
	n := len(p.withdrawals)
	for i := range p.announcements {
		n += len(p.announcements[i].Prefixes)
	}
	switch {
	case n > maxRoutes:
		return errTooLarge
	case n == 0:
		p.update.Kind = route.KindEndOfRIB
		if m.Path.given() || m.Origin.given() {
			p.update.Kind = route.KindUpdate
		}
		return nil
	}
	p.routes()
	if p.update.Elements() == 0 {
		return errors.New("no valid prefix")
	}
	if len(p.update.Announced) == 0 {
		return nil
	}
	return p.attributes(m)
}

// fill reads v into what; nothing where v is not given.
func fill(v value, what any, name string) error {
	if !v.given() {
		return nil
	}
	if err := json.Unmarshal(v, what); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// routes puts the prefixes in the order of an Update: IPv4 with a next hop of IPv4
// first, as in an UPDATE's own fields, then what MP_REACH and MP_UNREACH hold.
func (p *projection) routes() {
	u := &p.update
	for _, own := range []bool{true, false} {
		for _, w := range p.withdrawals {
			if w.IsValid() && w.Addr().Is4() == own {
				u.Withdrawn = append(u.Withdrawn, route.PrefixFrom(w).NLRI(0))
			}
		}
		for i := range p.announcements {
			p.announce(&p.announcements[i], own)
		}
		if own {
			u.MPWithdrawn, u.MPAnnounced = len(u.Withdrawn), len(u.Announced)
		}
	}
	clear(p.seen)
}

func (p *projection) announce(a *announcement, own bool) {
	u := &p.update
	hop := nextHop(a.NextHop)
	for _, prefix := range a.Prefixes {
		if !prefix.IsValid() || (prefix.Addr().Is4() && hop.Len <= 4) != own {
			continue
		}
		if own {
			u.NextHop = hop
		} else {
			joinHops(&u.MPNextHop, hop)
		}
		r := route.PrefixFrom(prefix)
		if len(p.announcements) > 1 {
			if _, twice := p.seen[r]; twice {
				continue
			}
			if p.seen == nil {
				p.seen = map[route.Prefix]struct{}{}
			}
			p.seen[r] = struct{}{}
		}
		u.Announced = append(u.Announced, r.NLRI(0))
	}
}

// nextHop reads one address, or a global and a link-local one.
func nextHop(s string) (h route.NextHop) {
	for one := range strings.SplitSeq(s, ",") {
		a, err := netip.ParseAddr(strings.TrimSpace(one))
		if err != nil {
			continue
		}
		var next route.NextHop
		next.Len = uint8(copy(next.Bytes[:], a.WithZone("").AsSlice()))
		joinHops(&h, next)
	}
	return h
}

// joinHops adds a link-local next hop to a global one; any other is not the first,
// and only the first fits.
func joinHops(h *route.NextHop, next route.NextHop) {
	const address = 16
	switch {
	case h.Len == 0:
		*h = next
	case h.Len == address && next.Len == address && h.Bytes != next.Bytes &&
		netip.AddrFrom16([16]byte(next.Bytes[:address])).IsLinkLocalUnicast():
		copy(h.Bytes[address:], next.Bytes[:address])
		h.Len = 2 * address
	}
}

// attributes reads what an announcement has.
func (p *projection) attributes(m *body) error {
	if !m.Path.given() {
		return errors.New("announcement without a path")
	}
	p.hops = p.hops[:0]
	if err := fill(m.Path, &p.hops, "path"); err != nil {
		return err
	}
	p.community(m.Community)
	if med, err := strconv.ParseUint(string(m.MED.text()), 10, 32); err == nil {
		p.update.MED = uint32(med)
		p.update.Flags |= route.FlagHasMED
	}
	p.origin(m.Origin)
	p.aggregator(m.Aggregator)
	return p.path()
}

// community reads pairs of numbers. Communities of another form are left out: they
// take nothing from the route.
func (p *projection) community(v value) {
	p.communities, p.bytes = p.communities[:0], p.bytes[:0]
	if fill(v, &p.communities, "community") != nil || len(p.communities) > maxCommunities {
		return
	}
	for _, c := range p.communities {
		p.bytes = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(p.bytes, c[0]), c[1])
	}
	if len(p.bytes) > 0 {
		p.update.Communities = p.bytes
	}
}

func (p *projection) origin(v value) {
	for code, name := range []string{"igp", "egp", "incomplete"} {
		if strings.EqualFold(string(v.text()), name) {
			p.update.Origin = uint8(code)
			p.update.Flags |= route.FlagHasOrigin
		}
	}
}

// aggregator reads "ASN:address", or the same with a space.
func (p *projection) aggregator(v value) {
	asn, addr, ok := strings.Cut(strings.Replace(string(v.text()), " ", ":", 1), ":")
	n, err := strconv.ParseUint(asn, 10, 32)
	a, bad := netip.ParseAddr(addr)
	if !ok || err != nil || bad != nil || !a.Is4() {
		return
	}
	p.update.AggregatorASN, p.update.AggregatorAddr = route.ASN(n), a.As4()
	p.update.Flags |= route.FlagHasAggregator
}
