package decode

import (
	"fmt"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
	"github.com/osrg/gobgp/v3/pkg/packet/mrt"
)

// gobgp walks data with gobgp's packages, as its users do.
func gobgp(data []byte) (s Sums, err error) {
	for len(data) > 0 {
		h := &mrt.MRTHeader{}
		if err := h.DecodeFromBytes(data); err != nil {
			return s, fmt.Errorf("gobgp: header: %w", err)
		}
		body := data[mrt.MRT_COMMON_HEADER_LEN : mrt.MRT_COMMON_HEADER_LEN+int(h.Len)]
		data = data[mrt.MRT_COMMON_HEADER_LEN+int(h.Len):]
		m, err := mrt.ParseMRTBody(h, body)
		if err != nil {
			return s, fmt.Errorf("gobgp: record: %w", err)
		}
		msg, ok := m.Body.(*mrt.BGP4MPMessage)
		if !ok {
			continue
		}
		if up, ok := msg.BGPMessage.Body.(*bgp.BGPUpdate); ok {
			s.addGobgp(up)
		}
	}
	return s, nil
}

func (s *Sums) addGobgp(up *bgp.BGPUpdate) {
	s.Updates++
	s.Announced += uint64(len(up.NLRI))
	s.Withdrawn += uint64(len(up.WithdrawnRoutes))
	for _, p := range up.NLRI {
		s.Bits += uint64(p.Length)
	}
	for _, p := range up.WithdrawnRoutes {
		s.Bits += uint64(p.Length)
	}
	for _, a := range up.PathAttributes {
		s.addAttribute(a)
	}
}

func (s *Sums) addAttribute(a bgp.PathAttributeInterface) {
	switch a := a.(type) {
	case *bgp.PathAttributeAsPath:
		for _, seg := range a.Value {
			switch seg := seg.(type) {
			case *bgp.As4PathParam:
				for _, asn := range seg.AS {
					s.ASNs += uint64(asn)
				}
			case *bgp.AsPathParam:
				for _, asn := range seg.AS {
					s.ASNs += uint64(asn)
				}
			}
		}
	case *bgp.PathAttributeMpReachNLRI:
		s.Announced += uint64(len(a.Value))
		s.addPrefixes(a.Value)
	case *bgp.PathAttributeMpUnreachNLRI:
		s.Withdrawn += uint64(len(a.Value))
		s.addPrefixes(a.Value)
	}
}

func (s *Sums) addPrefixes(list []bgp.AddrPrefixInterface) {
	for _, p := range list {
		switch p := p.(type) {
		case *bgp.IPAddrPrefix:
			s.Bits += uint64(p.Length)
		case *bgp.IPv6AddrPrefix:
			s.Bits += uint64(p.Length)
		}
	}
}
