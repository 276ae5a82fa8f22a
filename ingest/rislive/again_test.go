package rislive

import (
	"testing"

	"detour/route"
)

func stateLine(s string) []byte {
	return []byte(`{"type":"ris_message","data":{"type":"RIS_PEER_STATE","timestamp":1700000000.5,` +
		`"host":"rrc00.ripe.net","peer":"2001:db8::7","peer_asn":"64500","state":"` + s + `"}}`)
}

func TestConnectedIsNotOfTheConnectionBefore(t *testing.T) {
	var o output
	s, err := New(Config{}, &o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.handler.line(t.Context(), stateLine("connected")); err != nil {
		t.Fatal(err)
	}
	// The connection is lost, and another is made.
	s.lost = s.lost.AddDate(2000, 0, 0)
	if err := s.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.handler.line(t.Context(), stateLine("up")); err != nil {
		t.Fatal(err)
	}
	ups := 0
	for _, it := range o.got() {
		if it == "event "+string(rune('0'+route.KindPeerUp)) {
			ups++
		}
	}
	if ups != 2 {
		t.Errorf("%d ups of 2: %q", ups, o.got())
	}
}

func TestUndecodableIsCountedOnce(t *testing.T) {
	_, st, _ := handed(t, []byte(head+`,"raw":"ffffffffffffffffffffffffffffffff001702000000ff",`+
		`"announcements":[{"next_hop":"x","prefixes":["2001:db8::/32"]}]}}`))
	if st.Decode.Undecodable != 1 {
		t.Errorf("%+v skipped %v", st.Decode, st.Skipped)
	}
}
