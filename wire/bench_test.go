package wire

import (
	"testing"

	"detour/route"
)

// benchUpdates returns updates of an ordinary mix: paths of 5, 4 communities,
// 2.7 prefixes, mostly announced, a tenth of them IPv6.
func benchUpdates(n int) ([]route.Update, []*route.Session) {
	sessions := make([]*route.Session, 40)
	for i := range sessions {
		sessions[i] = testSession(uint32(i))
	}
	updates := make([]route.Update, n)
	for i := range updates {
		u := &updates[i]
		h := uint64(i+1) * 0x9e3779b97f4a7c15
		*u = route.Update{
			Flags:       route.FlagHasOrigin | route.FlagHasPath,
			Peer:        uint32(h % uint64(len(sessions))),
			Number:      1_000_000 + uint64(i)*8,
			Engine:      1_561_375_000*route.Second + route.Time(i*700),
			Collected:   1_561_374_998*route.Second + route.Time(i*700),
			NextHop:     nextHop("192.0.2.1"),
			Communities: make([]byte, 16),
		}
		for k := range 5 {
			u.Path.ASNs = append(u.Path.ASNs, route.ASN(h>>k%400000))
		}
		for k := range 1 + h>>13%4 + h>>20%2*h>>21%2 {
			v := h * (k + 3)
			u.Announced = append(u.Announced, route.NLRI{
				Hi: v &^ (1<<40 - 1), Bits: uint8(20 + v%5), Family: route.IPv4,
			})
			hi, _ := route.Mask(uint8(20 + v%5))
			u.Announced[k].Hi &= hi
		}
		if i%10 == 0 {
			u.MPNextHop, u.NextHop = nextHop("2001:db8::1"), route.NextHop{}
			for k := range u.Announced {
				u.Announced[k].Family, u.Announced[k].Bits = route.IPv6, 48
			}
		}
		if i%8 == 0 {
			u.Withdrawn, u.Announced = u.Announced, nil
			u.Path.ASNs, u.Communities, u.Flags, u.NextHop = nil, nil, 0, route.NextHop{}
		}
	}
	return updates, sessions
}

// fillFrame fills b with updates up to 16 KiB and returns how many fitted.
func fillFrame(b *FrameBuilder, updates []route.Update, sessions []*route.Session) int {
	b.Reset(1_561_375_000 * route.Second)
	for i := range updates {
		u := &updates[i]
		b.Add(u, sessions[u.Peer], u.Announced, u.Withdrawn)
		if b.Len() >= 16<<10 {
			return i + 1
		}
	}
	return len(updates)
}

func BenchmarkFrame(b *testing.B) {
	updates, sessions := benchUpdates(1000)
	fb := NewFrameBuilder("bench", 1)
	n := fillFrame(fb, updates, sessions)
	raw := append([]byte(nil), fb.Bytes(1)...)
	var f Frame
	var u route.Update
	perUpdate := func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(raw)))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/update")
	}
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			fillFrame(fb, updates, sessions)
			fb.Bytes(1)
		}
		perUpdate(b)
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if f.Decode(raw) != nil {
				b.Fatal("bad frame")
			}
		}
		perUpdate(b)
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if f.Decode(raw) != nil {
				b.Fatal("bad frame")
			}
			r := f.Updates()
			for r.Next(&u) {
			}
		}
		perUpdate(b)
	})
}
