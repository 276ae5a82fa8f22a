package stream_test

import (
	"math"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// TestAnEpochThatShardsRefuseIsNobodysEpoch: one frame of a rogue does not keep the
// ingesters that start behind it out.
func TestAnEpochThatShardsRefuseIsNobodysEpoch(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 1)
	ctx := natstest.Context(t, 20*time.Second)
	b := wire.NewFrameBuilder("rogue", math.MaxUint64)
	b.Add(&route.Update{Kind: route.KindTick, Peer: route.AllPeers}, nil, nil, nil)
	if _, err := js.Publish(ctx, stream.UpdatesSubject(0), b.Bytes(1)); err != nil {
		t.Fatal(err)
	}
	before := uint64(time.Now().UnixMicro())
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 1})
	run(t, p.Run)
	if err := p.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if got := p.Stats().Epoch; got < before || got > uint64(time.Now().UnixMicro()) {
		t.Errorf("epoch %d, want the time, %d", got, before)
	}
}
