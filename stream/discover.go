package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrNoLog says that there is no log on a server: nobody has made the streams.
var ErrNoLog = errors.New("no detour streams there")

// Shards returns how many shards the streams on a server were made for. It
// changes nothing there.
func Shards(ctx context.Context, js jetstream.JetStream) (int, error) {
	st, err := js.Stream(ctx, UpdatesStream(0))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, fmt.Errorf("%w: %s is not there", ErrNoLog, UpdatesStream(0))
	}
	if err != nil {
		return 0, fmt.Errorf("look up stream %s: %w", UpdatesStream(0), err)
	}
	meta := st.CachedInfo().Config.Metadata
	n, err := strconv.Atoi(meta[metaShards])
	if err != nil {
		return 0, fmt.Errorf("stream %s says %s = %q, which is no number", UpdatesStream(0), metaShards, meta[metaShards])
	}
	if f := meta[metaFunction]; f != shardFunction {
		return 0, fmt.Errorf("stream %s is split by %q, need %q", UpdatesStream(0), f, shardFunction)
	}
	return n, CheckShards(n)
}
