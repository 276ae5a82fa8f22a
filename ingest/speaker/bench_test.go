package speaker

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"testing"

	api "github.com/osrg/gobgp/v3/api"
	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
	"github.com/osrg/gobgp/v3/pkg/server"

	"detour/ingest/mrt/mrttest"
)

// fullTable is a table of n routes, three to an UPDATE and its path.
func fullTable(n int) (updates [][]byte) {
	for i := 0; i < n; i += 3 {
		attrs := mrttest.Attrs(true, 64501, uint32(1000+i%5000), uint32(100_000+i), 64500)
		updates = append(updates, mrttest.Update(nil, attrs, mrttest.NLRI(prefix(i), prefix(i+1), prefix(i+2))))
	}
	return updates
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// report tells figures of one route.
func report(b *testing.B, held int64) {
	b.ReportMetric(float64(held)/many, "held-B/route")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many, "ns/route")
}

// BenchmarkRoutes is a table from the socket to the log, and what stays of it in
// memory: nothing, but for what a limit of prefixes counts with.
func BenchmarkRoutes(b *testing.B) {
	updates := fullTable(many)
	for _, limit := range []int{0, 2_000_000} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			var held int64
			for b.Loop() {
				b.StopTimer()
				p := newPair(b, limit)
				p.taken.forget = true
				p.begin()
				p.taken.wait(b, a, "it is up", func(h *heard) bool { return h.ups == 1 })
				before := heap()
				b.StartTimer()
				p.neighbor.send(updates...)
				p.taken.wait(b, a, "all came", func(h *heard) bool { return h.announced >= many })
				b.StopTimer()
				held = heap() - before
				_ = p.neighbor.conn.Close()
				if err := <-p.done; err != nil {
					b.Error(err)
				}
				b.StartTimer()
			}
			report(b, held)
		})
	}
}

// BenchmarkGoBGPAlone is the same table with a GoBGP that keeps it and passes it on by
// BMP, which would be the other way to get at its octets.
func BenchmarkGoBGPAlone(b *testing.B) {
	if testing.Short() {
		b.Skip("short: it takes ten seconds")
	}
	updates := fullTable(many)
	total := 0
	for _, u := range updates {
		total += len(u) + 48 // and a header
	}
	var held int64
	for b.Loop() {
		b.StopTimer()
		p, station, stop := gobgpAlone(b)
		before := heap()
		b.StartTimer()
		go p.send(updates...)
		if _, err := io.CopyN(io.Discard, station, int64(total)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		held = heap() - before
		stop()
		b.StartTimer()
	}
	report(b, held)
}

func gobgpAlone(b *testing.B) (p *peer, station net.Conn, stop func()) {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	s := server.NewBgpServer(server.LoggerOption(&gobgpLog{log: slog.New(slog.DiscardHandler)}))
	go s.Serve()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer func() { _ = l.Close() }()
	at, err := freePort()
	must(err)
	must(s.StartBgp(b.Context(), &api.StartBgpRequest{Global: &api.Global{
		Asn: 64999, RouterId: "192.0.2.99", ListenPort: int32(at), ListenAddresses: []string{"127.0.0.1"},
	}}))
	n := passive(a, 64501)
	n.complete(64999)
	conf := peerOf(&n)
	conf.Conf.NeighborAddress = a
	must(s.AddPeer(b.Context(), &api.AddPeerRequest{Peer: conf}))
	to := uint32(l.Addr().(*net.TCPAddr).Port)
	must(s.AddBmp(b.Context(), &api.AddBmpRequest{Address: inside, Port: to, Policy: api.AddBmpRequest_PRE}))
	station, err = l.Accept()
	must(err)
	for {
		p = call(b, a, at)
		if p.read() != nil { // it takes no connection at first
			break
		}
	}
	p.send(openOf(64501), message(bgp.BGP_MSG_KEEPALIVE))
	p.until(bgp.BGP_MSG_KEEPALIVE)
	return p, station, func() {
		must(s.DeleteBmp(context.Background(), &api.DeleteBmpRequest{Address: inside, Port: to}))
		s.Stop()
	}
}
