package speaker

import (
	"fmt"
	"slices"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/decode"
	"detour/route"
)

// open is what matters of an OPEN message.
type open struct {
	asn      route.ASN
	as4      bool
	holds    bool // its hold time is not 0
	families []route.Family
	addPath  map[route.Family]bgp.BGPAddPathMode
}

var familyOf = map[bgp.RouteFamily]route.Family{bgp.RF_IPv4_UC: route.IPv4, bgp.RF_IPv6_UC: route.IPv6}

// parseOpen reads an OPEN as GoBGP will. It also keeps from GoBGP what would make it
// panic, there in a goroutine that nobody could recover.
func parseOpen(m []byte) (o open, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the OPEN cannot be read: %v", p)
		}
	}()
	msg, err := bgp.ParseBGPMessage(m)
	if err != nil {
		return o, fmt.Errorf("the OPEN cannot be read: %w", err)
	}
	body, ok := msg.Body.(*bgp.BGPOpen)
	if !ok {
		return o, fmt.Errorf("a message of type %d instead of an OPEN", msg.Header.Type)
	}
	o.asn, o.holds = route.ASN(body.MyAS), body.HoldTime != 0
	o.addPath = map[route.Family]bgp.BGPAddPathMode{}
	multi := false
	for _, p := range body.OptParams {
		caps, ok := p.(*bgp.OptionParameterCapability)
		if !ok {
			continue
		}
		for _, c := range caps.Capability {
			_, isMulti := c.(*bgp.CapMultiProtocol)
			multi = multi || isMulti
			o.take(c)
		}
	}
	if !multi { // RFC 4760 §8: who does not say so speaks IPv4
		o.families = []route.Family{route.IPv4}
	}
	return o, nil
}

func (o *open) take(c bgp.ParameterCapabilityInterface) {
	switch c := c.(type) {
	case *bgp.CapFourOctetASNumber:
		o.asn, o.as4 = route.ASN(c.CapValue), true
	case *bgp.CapMultiProtocol:
		if f, ok := familyOf[c.CapValue]; ok && !slices.Contains(o.families, f) {
			o.families = append(o.families, f)
		}
	case *bgp.CapAddPath:
		for _, t := range c.Tuples {
			if f, ok := familyOf[t.RouteFamily]; ok {
				o.addPath[f] = t.Mode
			}
		}
	}
}

// negotiate says what a peer sends after both OPENs: which families, and how its
// octets are to be read.
func negotiate(ours, theirs open) (families []route.Family, how decode.Session) {
	for _, f := range ours.families {
		if slices.Contains(theirs.families, f) {
			families = append(families, f)
		}
	}
	addPath := func(f route.Family) bool {
		return slices.Contains(families, f) &&
			ours.addPath[f]&bgp.BGP_ADD_PATH_RECEIVE != 0 && theirs.addPath[f]&bgp.BGP_ADD_PATH_SEND != 0
	}
	how = decode.Session{
		AS4: ours.as4 && theirs.as4, AddPath4: addPath(route.IPv4), AddPath6: addPath(route.IPv6),
	}
	return families, how
}
