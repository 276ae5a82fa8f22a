package decode_test

import (
	"errors"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func edit(msg []byte, at int, v byte) []byte {
	out := append([]byte(nil), msg...)
	out[at] = v
	return out
}

// Each of these would take the session down (RFC 7606 session reset): nothing of
// the message may be used, least of all as a withdrawal.
func TestMessageThatCannotBeDecodedLeavesNothing(t *testing.T) {
	plain := update(ten8, basic4, docs24)
	badOrigin := attr(wellKnown, 1, 3)
	reach := func(nlri []byte, v ...any) []byte { return update(nil, b(basic4, attr(optional, 14, v...)), nlri) }
	tests := map[string]struct {
		msg  []byte
		want decode.Reason
	}{
		"no octets":                      {nil, decode.ReasonShort},
		"a cut header":                   {plain[:18], decode.ReasonShort},
		"an update without its lengths":  {message(2, b(0, 0, 0)), decode.ReasonShort},
		"a marker with a zero bit":       {edit(plain, 11, 0xfe), decode.ReasonMarker},
		"a length beyond the octets":     {plain[:len(plain)-1], decode.ReasonLength},
		"octets beyond the length":       {b(plain, 0), decode.ReasonLength},
		"withdrawn routes past the end":  {edit(plain, 19, 1), decode.ReasonWithdrawnLength},
		"no room for attributes' length": {edit(plain, 20, byte(len(plain)-21-1)), decode.ReasonWithdrawnLength},
		"attributes past the end":        {edit(plain, 23, 1), decode.ReasonAttributesLength},
		"a withdrawn prefix of 33 bits":  {update(b(33, 1, 2, 3, 4, 5), nil, nil), decode.ReasonNLRI},
		"a withdrawn prefix cut short":   {update(b(24, 1, 2), nil, nil), decode.ReasonNLRI},
		"a prefix of 33 bits":            {update(nil, basic4, b(33, 1, 2, 3, 4, 5)), decode.ReasonNLRI},
		"a prefix of 255 bits":           {update(nil, basic4, b(255, docs24, docs24)), decode.ReasonNLRI},
		"a prefix cut short":             {update(nil, basic4, b(docs24, 17, 1, 2)), decode.ReasonNLRI},
		"a bad prefix beside bad ORIGIN": {update(nil, badOrigin, b(24, 1)), decode.ReasonNLRI},
		"an IPv6 prefix of 129 bits":     {reach(nil, 0, 2, 1, 16, next6, 0, 129, make([]byte, 17)), decode.ReasonNLRI},
		"an IPv6 prefix cut short":       {reach(nil, 0, 2, 1, 16, next6, 0, 64, 1, 2, 3), decode.ReasonNLRI},
		"a bad prefix in MP_UNREACH":     {update(nil, attr(optional, 15, 0, 2, 1, 64, 1), nil), decode.ReasonNLRI},
		"MP_REACH of four octets":        {reach(ten8, 0, 2, 1, 0), decode.ReasonMPReach},
		"a next hop beyond MP_REACH":     {reach(ten8, 0, 2, 1, 16, 1, 2, 3), decode.ReasonMPReach},
		"no reserved octet":              {reach(ten8, 0, 2, 1, 16, next6), decode.ReasonMPReach},
		"a four-octet hop for IPv6":      {reach(nil, 0, 2, 1, 4, 1, 2, 3, 4, 0, docs6), decode.ReasonMPReach},
		"an eight-octet hop for IPv4":    {reach(nil, 0, 1, 1, 8, make([]byte, 8), 0, ten8), decode.ReasonMPReach},
		"no next hop for IPv6":           {reach(nil, 0, 2, 1, 0, 0, docs6), decode.ReasonMPReach},
		"MP_UNREACH of two octets":       {update(nil, attr(optional, 15, 0, 2), nil), decode.ReasonMPUnreach},
		"MP_REACH twice":                 {update(nil, b(basic4, reach6, reach6), nil), decode.ReasonDuplicateMP},
		"MP_UNREACH twice":               {update(nil, b(unreach6, unreach6), nil), decode.ReasonDuplicateMP},
		"MP_REACH cut by the block":      {update(nil, b(basic4, optional, 14, 40, 0, 2, 1), ten8), decode.ReasonMPReach},
		"MP_UNREACH cut by the block":    {update(nil, b(basic4, optional, 15, 40, 0, 2, 1), ten8), decode.ReasonMPUnreach},
		"an unknown well-known attribute": {
			update(nil, b(basic4, attr(wellKnown, 99, 1)), ten8),
			decode.ReasonUnrecognizedWellKnown,
		},
		"an error and nothing reachable": {update(ten8, b(unreach6, badOrigin), nil), decode.ReasonNoReachable},
		"an overrun and nothing reachable": {
			update(ten8, b(unreach6, wellKnown, 2, 9), nil), decode.ReasonNoReachable,
		},
		"wrong flags and nothing reachable": {
			update(nil, b(attr(optional, 1, 0)), nil), decode.ReasonNoReachable,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d decode.Decoder
			u := route.Update{Withdrawn: []route.NLRI{nlri("9.0.0.0/8")}, Number: 7}
			err := d.Message(tt.msg, wide, &u)
			var e *decode.Error
			if !errors.As(err, &e) || e.Reason != tt.want {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if e.Offset < 0 || e.Offset > len(tt.msg) {
				t.Errorf("offset %d lies outside %d octets", e.Offset, len(tt.msg))
			}
			if diff := cmp.Diff(route.Update{}, u, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("update is not empty:\n%s", diff)
			}
			if d.Counters.Undecodable != 1 || d.Counters.Updates != 0 || d.Counters.Reasons[tt.want] != 1 {
				t.Errorf("counters %+v", d.Counters)
			}
			if tt.want.Class() != decode.ClassUndecodable {
				t.Errorf("%v is of class %d", tt.want, tt.want.Class())
			}
		})
	}
}

func TestErrorNamesReasonAttributeAndPlace(t *testing.T) {
	var d decode.Decoder
	var u route.Update
	err := d.Message(update(nil, attr(optional, 15, 0, 2, 1, 64, 1), nil), wide, &u)
	if got, want := err.Error(), "bad update: nlri in attribute 15 at octet 29"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := d.Message(message(4, nil), wide, &u); err.Error() != "not an update: message type 4" {
		t.Errorf("got %q", err)
	}
}

func TestReasonsHaveDistinctNames(t *testing.T) {
	seen := map[string]decode.Reason{}
	for r := range decode.NumReasons {
		name := r.String()
		if other, ok := seen[name]; ok || name == "" {
			t.Errorf("reasons %d and %d share the name %q", r, other, name)
		}
		seen[name] = r
	}
}
