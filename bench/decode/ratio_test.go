package decode_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"detour/ingest/decode"
	"detour/route"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
	"github.com/osrg/gobgp/v3/pkg/packet/mrt"
)

// sums are made by walking everything that was decoded, so that neither side
// can leave work out.
type sums struct{ updates, announced, withdrawn, asns, bits uint64 }

// repeat is how often ours runs per round: it is some twenty times shorter, and
// a clock of CPU time is coarse.
const repeat = 10

// BenchmarkDevAgainstGobgp walks the DEV recordings with both decoders in turn
// and reports CPU time, garbage collection included, per UPDATE. The ratio is
// the median over the rounds of one run.
func BenchmarkDevAgainstGobgp(b *testing.B) {
	data := devBytes(b)
	var own, other, ratio []float64
	var d decode.Decoder
	var u route.Update
	for b.Loop() {
		var got, want sums
		runtime.GC()
		start := cpu(b)
		for range repeat {
			got = walkOurs(b, data, &d, &u)
		}
		mid := cpu(b)
		runtime.GC()
		again := cpu(b)
		want = walkGobgp(b, data)
		end := cpu(b)
		if got != want {
			b.Fatalf("decoders disagree: ours %+v, gobgp %+v", got, want)
		}
		o := (mid - start) / repeat / float64(got.updates)
		g := (end - again) / float64(got.updates)
		own, other, ratio = append(own, o), append(other, g), append(ratio, g/o)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(own), "ns/UPDATE")
	b.ReportMetric(median(other), "gobgp-ns/UPDATE")
	b.ReportMetric(median(ratio), "x-gobgp")
	b.ReportMetric(slices.Min(ratio), "x-gobgp-min")
}

// BenchmarkDev is ours alone, for profiles.
func BenchmarkDev(b *testing.B) {
	data := devBytes(b)
	var d decode.Decoder
	var u route.Update
	var s sums
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		s = walkOurs(b, data, &d, &u)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.updates), "ns/UPDATE")
}

func walkOurs(b *testing.B, data []byte, d *decode.Decoder, u *route.Update) sums {
	var s sums
	for len(data) >= mrtHeader {
		sub := binary.BigEndian.Uint16(data[6:])
		n := int(binary.BigEndian.Uint32(data[8:]))
		body := data[mrtHeader : mrtHeader+n]
		data = data[mrtHeader+n:]
		if sub != 1 && sub != 4 {
			continue
		}
		at := 4
		if sub == 4 {
			at = 8
		}
		addr := 4
		if binary.BigEndian.Uint16(body[at+2:]) == 2 {
			addr = 16
		}
		err := d.Message(body[at+4+2*addr:], decode.Session{AS4: sub == 4}, u)
		if err != nil {
			if !errors.Is(err, decode.ErrNotUpdate) {
				b.Fatal(err)
			}
			continue
		}
		s.updates++
		s.announced += uint64(len(u.Announced))
		s.withdrawn += uint64(len(u.Withdrawn))
		for i := range u.Announced {
			s.bits += uint64(u.Announced[i].Bits)
		}
		for i := range u.Withdrawn {
			s.bits += uint64(u.Withdrawn[i].Bits)
		}
		for _, a := range u.Path.ASNs {
			s.asns += uint64(a)
		}
	}
	return s
}

func walkGobgp(b *testing.B, data []byte) sums {
	var s sums
	for len(data) >= mrtHeader {
		h := &mrt.MRTHeader{}
		if err := h.DecodeFromBytes(data); err != nil {
			b.Fatal(err)
		}
		body := data[mrtHeader : mrtHeader+int(h.Len)]
		data = data[mrtHeader+int(h.Len):]
		m, err := mrt.ParseMRTBody(h, body)
		if err != nil {
			b.Fatal(err)
		}
		msg, ok := m.Body.(*mrt.BGP4MPMessage)
		if !ok {
			continue
		}
		up, ok := msg.BGPMessage.Body.(*bgp.BGPUpdate)
		if !ok {
			continue
		}
		s.updates++
		s.announced += uint64(len(up.NLRI))
		s.withdrawn += uint64(len(up.WithdrawnRoutes))
		for _, p := range up.NLRI {
			s.bits += uint64(p.Length)
		}
		for _, p := range up.WithdrawnRoutes {
			s.bits += uint64(p.Length)
		}
		for _, a := range up.PathAttributes {
			s.attribute(a)
		}
	}
	return s
}

func (s *sums) attribute(a bgp.PathAttributeInterface) {
	switch a := a.(type) {
	case *bgp.PathAttributeAsPath:
		for _, seg := range a.Value {
			switch seg := seg.(type) {
			case *bgp.As4PathParam:
				for _, asn := range seg.AS {
					s.asns += uint64(asn)
				}
			case *bgp.AsPathParam:
				for _, asn := range seg.AS {
					s.asns += uint64(asn)
				}
			}
		}
	case *bgp.PathAttributeMpReachNLRI:
		s.announced += uint64(len(a.Value))
		s.prefixes(a.Value)
	case *bgp.PathAttributeMpUnreachNLRI:
		s.withdrawn += uint64(len(a.Value))
		s.prefixes(a.Value)
	}
}

func (s *sums) prefixes(list []bgp.AddrPrefixInterface) {
	for _, p := range list {
		switch p := p.(type) {
		case *bgp.IPAddrPrefix:
			s.bits += uint64(p.Length)
		case *bgp.IPv6AddrPrefix:
			s.bits += uint64(p.Length)
		}
	}
}

// cpu returns the nanoseconds of CPU time that the process has used.
func cpu(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Utime.Nano() + r.Stime.Nano())
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
