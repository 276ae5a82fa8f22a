package bmp_test

import (
	"bytes"
	"io"
	"testing"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
)

// FuzzServe reads any octets: it must come to an end, count no more than there is, and
// leave nothing up.
func FuzzServe(f *testing.F) {
	f.Add(hello("r1"))
	f.Add(append(hello("r1"), peer.Down(1, bt.Cease(2)...)...))
	f.Add(append(hello("r1"), bt.Message(bt.Termination, bt.TLV(1, "\x00\x02"), bt.TLV(0, "x"))...))
	f.Add(bytes.Join([][]byte{locRIB.Up(openOut, openOut, bt.TLV(3, "v")), locRIB.Routes(bt.EndOfRIB())}, nil))
	f.Add([]byte{3, 0, 0x0f, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		var out book
		desk := live.NewDesk(&out, live.Config{})
		cfg := bmp.RouterConfig{Limits: bmp.Limits{ReadAhead: 1 << 10}}
		if err := bmp.Serve(t.Context(), io.NopCloser(bytes.NewReader(stream)), desk, cfg); err != nil {
			t.Fatal(err)
		}
		st := desk.Stats()
		if st.Bytes > uint64(len(stream)) || st.Messages*6 > st.Bytes {
			t.Errorf("%d messages of %d octets in %d", st.Messages, st.Bytes, len(stream))
		}
		if n := out.alive(); n > 0 || st.Up > 0 {
			t.Errorf("%d sessions live on after the end, %d up", n, st.Up)
		}
	})
}
