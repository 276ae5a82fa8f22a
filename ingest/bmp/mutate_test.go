package bmp_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
)

// mutants is how many sessions TestMutatedSessionsHarmNobodyElse plays, a tenth of them in short runs.
const mutants = 10_000

// seeds returns streams to damage: what the corpus has, cut to a size, and one made
// by hand.
func seeds(t *testing.T) [][]byte {
	t.Helper()
	const most = 8 << 10
	list := [][]byte{bytes.Join([][]byte{
		hello("r1"), peer.Routes(bt.EndOfRIB()), locRIB.Up(openOut, openOut, bt.TLV(3, "global")),
		locRIB.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24"))), peer.Down(1, bt.Cease(2)...),
		bt.Message(bt.Statistics, peer.Header(), make([]byte, 4)), bt.Message(bt.Termination, bt.TLV(1, "\x00\x01")),
	}, nil)}
	found, err := filepath.Glob(filepath.Join(corpus, "bmp", "*.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		for _, stream := range flows(t, path) {
			list = append(list, stream[:min(len(stream), most)])
		}
	}
	slices.SortFunc(list, bytes.Compare)
	return list
}

// mutate damages a copy of b as wires, routers and attackers do.
func mutate(rng *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + rng.IntN(8) {
		if len(b) < 8 {
			return b
		}
		at := rng.IntN(len(b) - 6)
		switch rng.IntN(7) {
		case 0:
			b[at] ^= 1 << rng.IntN(8)
		case 1:
			b[at] = byte(rng.Uint32())
		case 2: // a length that lies
			binary.BigEndian.PutUint32(b[at:], rng.Uint32()>>rng.IntN(32))
		case 3:
			binary.BigEndian.PutUint16(b[at:], uint16(rng.Uint32()))
		case 4: // octets are lost
			b = slices.Delete(b, at, at+rng.IntN(min(64, len(b)-at)))
		case 5: // or said twice
			b = slices.Insert(b, at, b[at:at+rng.IntN(min(64, len(b)-at))]...)
		case 6:
			b = b[:at]
		}
	}
	return b
}

func TestMutatedSessionsHarmNobodyElse(t *testing.T) {
	list, mutants := seeds(t), mutants
	if testing.Short() {
		mutants /= 10
	}
	out := &book{quiet: true}
	l := listen(t, bmp.Config{MaxConnections: 16}, out)
	good := l.dial(250 << 8)
	l.send(good, bt.Hello("good"), peer.Up(openOut, openIn))

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const players = 8
	var wg sync.WaitGroup
	for p := range players {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(p)))
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 7, 0, byte(p+1))}}
			for range mutants / players {
				conn, err := d.DialContext(t.Context(), "tcp", l.addr)
				if err != nil {
					t.Error(err)
					return
				}
				_ = conn.SetDeadline(time.Now().Add(patience))
				_, _ = conn.Write(mutate(rng, list[rng.IntN(len(list))])) // it may be closed meanwhile
				_ = conn.(*net.TCPConn).CloseWrite()
				for n := 1; n > 0; {
					n, _ = conn.Read(make([]byte, 1)) // until the listener closes it
				}
				_ = conn.Close()
			}
		})
	}
	stop := make(chan struct{})
	sent := 0
	go func() {
		wg.Wait()
		close(stop)
	}()
	for going := true; going; {
		if _, err := good.Write(peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))); err != nil {
			t.Fatal(err)
		}
		sent++
		select {
		case <-stop:
			going = false
		case <-time.After(time.Millisecond):
		}
	}
	l.await("all of the good router's routes", func() bool { return out.of("good") == sent })
	l.await("the end of all others", func() bool {
		st := l.Stats()
		return out.alive() == 1 && st.Disconnects+st.Refused+st.Stalls >= uint64(mutants)
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	st := l.Stats()
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d sessions known, %d updates, %d undecodable, heap grew by %d KiB; the good router sent %d", st.Sessions,
		out.count(), st.Decode.Undecodable, grown>>10, sent)
	// What stays is one entry per peer that was ever named.
	if most := int64(1<<20 + 2<<10*st.Sessions); grown > most {
		t.Errorf("the heap grew by %d octets, more than %d", grown, most)
	}
}
