package decode_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAttributesOfRIBEntries(t *testing.T) {
	path := route.Path{ASNs: asns(3356, 196615)}
	tests := map[string]struct {
		attrs   []byte
		session decode.Session
		want    route.Update
	}{
		"TABLE_DUMP_V2": {basic4, wide, route.Update{Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1)}},
		"MP_REACH cut to the next hop": {
			b(origin, path4, attr(optional, 14, 16, next6)), wide,
			route.Update{Flags: hasBasic, Path: path, MPNextHop: hop6()},
		},
		"MP_REACH cut to an IPv4 next hop": {
			b(origin, path4, attr(optional, 14, 4, 192, 0, 2, 1)), wide,
			route.Update{Flags: hasBasic, Path: path, MPNextHop: hop4(192, 0, 2, 1)},
		},
		"MP_REACH whole": {b(origin, path4, reach6), wide, route.Update{Flags: hasBasic, Path: path, MPNextHop: hop6()}},
		"MP_REACH without NLRI and reserved octet": {
			b(origin, path4, attr(optional, 14, 0, 2, 1, 16, next6)), wide,
			route.Update{Flags: hasBasic, Path: path, MPNextHop: hop6()},
		},
		"MP_UNREACH withdraws nothing": {
			b(basic4, unreach6), wide,
			route.Update{Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1)},
		},
		"TABLE_DUMP with AS4_PATH": {
			b(origin, attr(wellKnown, 2, seg2(2, 3356, trans)), nextHop,
				attr(optTransitive, 17, seg4(2, 196615))), narrow,
			route.Update{Flags: hasBasic, Path: path, NextHop: hop4(192, 0, 2, 1)},
		},
		"an empty path": {
			b(origin, attr(wellKnown, 2), nextHop), wide,
			route.Update{Flags: hasBasic, NextHop: hop4(192, 0, 2, 1)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			var u route.Update
			if err := d.Attributes(tt.attrs, tt.session, &u); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, u, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update differs (-want +got):\n%s", diff)
			}
			if d.Counters.Blocks != 1 {
				t.Errorf("counters %+v", d.Counters)
			}
		})
	}
}

func TestBadRIBEntryIsAnErrorNotAWithdrawal(t *testing.T) {
	tests := map[string]struct {
		attrs []byte
		want  decode.Reason
	}{
		"bad ORIGIN":                  {b(attr(wellKnown, 1, 9), path4, nextHop), decode.ReasonOrigin},
		"bad AS_PATH":                 {b(origin, attr(wellKnown, 2, 9), nextHop), decode.ReasonASPath},
		"no ORIGIN":                   {b(path4, nextHop), decode.ReasonMissingOrigin},
		"no AS_PATH":                  {b(origin, nextHop), decode.ReasonMissingASPath},
		"an overrun":                  {b(basic4, 0xc0, 8, 9), decode.ReasonAttributeOverrun},
		"MP_REACH empty":              {b(basic4, attr(optional, 14)), decode.ReasonMPReach},
		"a next hop length of 5":      {b(basic4, attr(optional, 14, 5, 1, 2, 3, 4, 5)), decode.ReasonMPReach},
		"octets behind the next hop":  {b(basic4, attr(optional, 14, 4, 1, 2, 3, 4, 5)), decode.ReasonMPReach},
		"a whole one cut short":       {b(basic4, attr(optional, 14, 0, 2, 1, 16, 1, 2)), decode.ReasonMPReach},
		"a whole one, wrong hop size": {b(basic4, attr(optional, 14, 0, 2, 1, 4, 1, 2, 3, 4, 0)), decode.ReasonMPReach},
		"MP_REACH twice":              {b(basic4, reach6, reach6), decode.ReasonDuplicateMP},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			u := route.Update{Withdrawn: []route.NLRI{nlri("9.0.0.0/8")}}
			err := d.Attributes(tt.attrs, wide, &u)
			var e *decode.Error
			if !errors.As(err, &e) || e.Reason != tt.want {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(route.Update{}, u, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update is not empty:\n%s", diff)
			}
			if d.Counters.Undecodable != 1 || d.Counters.Blocks != 0 || d.Counters.Reasons[tt.want] != 1 {
				t.Errorf("counters %+v", d.Counters)
			}
		})
	}
}

func TestRIBEntryOfAnotherFamilyKeepsItsPath(t *testing.T) {
	var d decode.Decoder
	var u route.Update
	evpn := attr(optional, 14, 0, 25, 70, 4, 1, 2, 3, 4, 0)
	if err := d.Attributes(b(origin, path4, evpn), wide, &u); err != nil {
		t.Fatal(err)
	}
	if len(u.Path.ASNs) != 2 || u.MPNextHop.Len != 0 || d.Counters.Reasons[decode.ReasonFamily] != 1 {
		t.Errorf("got %+v, counters %+v", u, d.Counters)
	}
}

func TestEmptyBlockIsALocalRoute(t *testing.T) {
	var d decode.Decoder
	var u route.Update
	if err := d.Attributes(nil, wide, &u); !errors.Is(err, decode.ErrNoAttributes) {
		t.Errorf("got %v", err)
	}
	if d.Counters.Undecodable != 0 || d.Counters.Blocks != 0 {
		t.Errorf("counters %+v", d.Counters)
	}
}

// ribEntries calls f for each attribute block of TABLE_DUMP and of TABLE_DUMP_V2
// unicast records (RFC 6396 §4.2, §4.3; RFC 8050 §4).
func ribEntries(data []byte, f func(attrs []byte, s decode.Session)) {
	for len(data) >= 12 {
		typ, sub := binary.BigEndian.Uint16(data[4:]), binary.BigEndian.Uint16(data[6:])
		n := int(binary.BigEndian.Uint32(data[8:]))
		if n > len(data)-12 {
			return
		}
		body := data[12 : 12+n]
		data = data[12+n:]
		switch {
		case typ == 12 && sub == 1:
			f(body[22:], decode.Session{})
		case typ == 12 && sub == 2:
			f(body[46:], decode.Session{})
		case typ == 13 && (sub == 2 || sub == 4 || sub == 8 || sub == 10):
			at := 5 + (int(body[4])+7)/8
			count := int(binary.BigEndian.Uint16(body[at:]))
			at += 2
			for range count {
				if at += 6; sub >= 8 {
					at += 4
				}
				size := int(binary.BigEndian.Uint16(body[at:]))
				f(body[at+2:at+2+size], decode.Session{AS4: true})
				at += 2 + size
			}
		}
	}
}

// The numbers of entries are those that bgpdump prints for the same files.
func TestRecordedTablesDecodeWhole(t *testing.T) {
	for name, want := range map[string]uint64{
		"ris.bview.20020722.2337.gz":                115521,
		"ris.bview.64k_stream_overflow.gz":          23,
		"ris.bview.ipv4_unicast_add_path.gz":        62,
		"ris.bview.ipv6_unicast_add_path.gz":        62,
		"routeviews.jinx.rib.20140530.2200.bz2":     503590,
		"routeviews.rib6.20151101.0600.firstMB.bz2": 149578,
		"small/bird-mrtdump_rib":                    18,
		"small/bird6-mrtdump_rib":                   10,
		"small/openbgpd_rib_table":                  31,
		"small/openbgpd_rib_table-v2":               31,
		"small/quagga_rib":                          9,
	} {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			var u route.Update
			ribEntries(readCorpus(t, name), func(attrs []byte, s decode.Session) {
				if err := d.Attributes(attrs, s, &u); err != nil && !errors.Is(err, decode.ErrNoAttributes) {
					t.Errorf("%v: %x", err, attrs)
				}
			})
			if got := d.Counters.Blocks + d.Counters.Reasons[decode.ReasonNoAttributes]; got != want {
				t.Errorf("decoded %d entries, want %d", got, want)
			}
		})
	}
}
