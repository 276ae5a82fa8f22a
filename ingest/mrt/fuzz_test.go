package mrt

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"detour/ingest/mrt/mrttest"
)

// FuzzReader reads foreign bytes twice, in one piece and byte by byte: both
// must end, agree, account for every byte and keep what they report in bounds.
func FuzzReader(f *testing.F) {
	f.Add(mrttest.AddPathRIB())
	f.Add(mrttest.AddPathUpdates()[:400])
	f.Add(join(plainUpdate(at, "10.1.0.0/16"), []byte("rubbish"), plainUpdate(at, "10.2.0.0/16")))
	f.Add(mrttest.Record(at, 16, 5, mrttest.IPv6Session(true).StateChange(5, 6)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		read := func(src io.Reader) (n int, _ *Report) {
			r := NewReader(src, Options{})
			var rec Record
			for {
				err := r.Next(&rec)
				if err == io.EOF {
					return n, r.Report()
				}
				if err != nil {
					t.Fatal(err)
				}
				n++
				if rec.Update.Elements() > len(b) {
					t.Fatalf("%d elements from %d bytes", rec.Update.Elements(), len(b))
				}
				if !rec.Peer.Addr.IsValid() {
					t.Fatal("record without a peer")
				}
			}
		}
		n, report := read(bytes.NewReader(b))
		m, slow := read(iotest.OneByteReader(bytes.NewReader(b)))
		if n != m || *report != *slow {
			t.Fatalf("reading byte by byte gives %d records, at once %d", m, n)
		}
		if report.Bytes != int64(len(b)) || report.TailBytes < 0 || report.TailBytes+report.ResyncBytes > report.Bytes {
			t.Fatalf("%d bytes in: %+v", len(b), report)
		}
	})
}
