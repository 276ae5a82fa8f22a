package wire

import (
	"encoding/hex"
	"net/netip"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"detour/route"
)

// exampleFrame is the frame that docs/wire.md takes apart.
func exampleFrame() []byte {
	s := &route.Session{
		Peer:  route.Peer{Collector: "rrc00", Addr: netip.MustParseAddr("192.0.2.9"), ASN: 64500, LocalASN: 12654},
		ID:    3,
		Feed4: route.FeedFull,
	}
	u := route.Update{
		Flags: route.FlagHasOrigin | route.FlagHasPath, Peer: 3, Number: 7,
		Engine: 1_561_372_380 * route.Second, Collected: 1_561_372_379 * route.Second,
		Path:        route.Path{ASNs: []route.ASN{64500, 701, 396531}},
		NextHop:     nextHop("192.0.2.9"),
		Communities: []byte{0x02, 0xbd, 0x00, 0x64},
		Announced:   nlri("104.20.0.0/21", "104.20.8.0/21"),
		Withdrawn:   nlri("2001:db8::/32"),
	}
	tick := route.Update{
		Kind: route.KindTick, Peer: route.AllPeers, Number: 9, Engine: u.Engine + 1500*route.Millisecond,
	}
	b := NewFrameBuilder("rv2", 1)
	b.Reset(1_561_372_380 * route.Second)
	b.Add(&u, s, u.Announced, u.Withdrawn)
	b.Add(&tick, nil, nil, nil)
	return b.Bytes(42)
}

// TestDocumentedExampleIsWhatIsWritten reads the octets out of docs/wire.md:
// what stands before two blanks on each line of the block called frame.
func TestDocumentedExampleIsWhatIsWritten(t *testing.T) {
	text, err := os.ReadFile("../docs/wire.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```frame\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("docs/wire.md has no frame block")
	}
	var documented strings.Builder
	for line := range strings.Lines(block) {
		octets, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		documented.WriteString(strings.ReplaceAll(octets, " ", ""))
	}
	raw := exampleFrame()
	if got := hex.EncodeToString(raw); got != documented.String() {
		m := newMessage(schema(t), "Frame")
		if err := proto.Unmarshal(raw, m); err != nil {
			t.Fatal(err)
		}
		t.Errorf("docs/wire.md\n%s\nwritten\n%s\n%s", documented.String(), got, prototext.Format(m))
	}
}
