package bmp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// TestTheOrderOfAPeerIsKeptFromItsSocketToTheShards numbers the updates of four
// routers' peers and reads the numbers back from the log.
func TestTheOrderOfAPeerIsKeptFromItsSocketToTheShards(t *testing.T) {
	const shards, routers, peers = 2, 4, 3
	_, js := natstest.Start(t)
	if err := stream.Ensure(t.Context(), js, stream.Settings{Shards: shards}); err != nil {
		t.Fatal(err)
	}
	pub, err := stream.NewPublisher(js, stream.PublisherConfig{Ingester: "bmp", Shards: shards})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	source, err := bmp.New(bmp.Config{Listener: l}, pub)
	if err != nil {
		t.Fatal(err)
	}
	publishing, stopPublishing := context.WithCancel(t.Context())
	listening, stopListening := context.WithCancel(publishing)
	var g errgroup.Group
	g.Go(func() error { return pub.Run(publishing) })
	g.Go(func() error { return source.Run(listening) })
	load := bt.Load{Addr: l.Addr().String(), Routers: routers, Peers: peers, Rate: 20_000, For: time.Second}
	sent, err := load.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for source.Stats().Disconnects < routers {
		time.Sleep(time.Millisecond)
	}
	stopListening()
	if err := pub.Drain(publishing); err != nil {
		t.Fatal(err)
	}
	stopPublishing()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}

	var got orders
	for shard := range shards {
		got.read(t, stream.NewReader(js, stream.ReaderConfig{Stream: stream.UpdatesStream(shard)}))
	}
	if want := bt.PrefixesEach * sent.Updates; got.elements != want || got.wrong > 0 {
		t.Errorf("%d of %d elements are in the log, %d out of order", got.elements, want, got.wrong)
	}
	if got.peers != shards*routers*peers {
		t.Errorf("%d peers in the shards, want %d", got.peers, shards*routers*peers)
	}
}

// orders is what was read of the log.
type orders struct {
	elements uint64
	wrong    int
	peers    int
}

var errRead = errors.New("all is read")

// read reads a shard's log to its end.
func (o *orders) read(t *testing.T, r *stream.Reader) {
	t.Helper()
	last := map[uint32]uint32{}
	var f wire.Frame
	err := r.Run(natstest.Context(t, time.Minute), 0, func(m *stream.Message) error {
		if err := f.Decode(m.Data); err != nil {
			return err
		}
		var u route.Update
		for updates := f.Updates(); updates.Next(&u); {
			if u.Kind != route.KindUpdate {
				continue
			}
			n := binary.BigEndian.Uint32(u.Communities)
			if n <= last[u.Peer] {
				o.wrong++
			}
			last[u.Peer] = n
			o.elements += uint64(u.Elements())
		}
		if m.Pending == 0 {
			return errRead
		}
		return nil
	})
	if !errors.Is(err, errRead) {
		t.Fatal(err)
	}
	o.peers += len(last)
}
