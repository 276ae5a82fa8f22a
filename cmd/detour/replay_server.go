package main

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/natsd"
	"detour/stream"
)

// broker is the JetStream that a replay uses.
type broker struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	dial  func(context.Context) (*nats.Conn, error) // a further connection to an embedded server
	close func()
}

// openBroker starts an embedded server, or connects to a given one, and makes
// the streams.
func openBroker(ctx context.Context, o replayOptions) (*broker, error) {
	b, err := connect(ctx, o.nats)
	if err != nil {
		return nil, err
	}
	if err := b.prepare(ctx, o); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func connect(ctx context.Context, url string) (*broker, error) {
	var b broker
	var err error
	if url == "" {
		err = b.embed(ctx)
	} else {
		b.nc, err = nats.Connect(url, nats.Name("detour replay"), nats.MaxReconnects(-1))
		if err != nil {
			err = fmt.Errorf("connect to nats server %s: %w", url, err)
		} else {
			b.close = b.nc.Close
		}
	}
	if err != nil {
		return nil, err
	}
	if b.js, err = stream.JetStream(b.nc); err != nil {
		b.close()
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	return &b, nil
}

// embed starts a server that nobody else can reach, in a temporary folder.
func (b *broker) embed(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "detour-replay-")
	if err != nil {
		return fmt.Errorf("make folder for embedded jetstream: %w", err)
	}
	server, err := natsd.Start(ctx, natsd.Config{Dir: dir})
	if err != nil {
		os.RemoveAll(dir)
		return err
	}
	b.dial = func(ctx context.Context) (*nats.Conn, error) { return server.Conn(ctx) }
	b.nc, err = b.dial(ctx)
	b.close = func() {
		if b.nc != nil {
			b.nc.Close()
		}
		server.Close()
		os.RemoveAll(dir)
	}
	if err != nil {
		b.close()
		return fmt.Errorf("connect to embedded server: %w", err)
	}
	return nil
}

// prepare makes the streams and sees to it that they are empty: a replay tells
// of its own input alone.
func (b *broker) prepare(ctx context.Context, o replayOptions) error {
	limits := stream.Limits{MaxBytes: o.streamBytes}
	settings := stream.Settings{Shards: o.shards, Updates: limits, Evidence: limits, Alerts: limits}
	if o.reset {
		if err := stream.Delete(ctx, b.js); err != nil {
			return err
		}
	}
	if err := stream.Ensure(ctx, b.js, settings); err != nil {
		return err
	}
	name, messages, err := stream.FirstUsed(ctx, b.js, settings)
	if err == nil && name != "" {
		err = fmt.Errorf("stream %s on %s holds %d messages of something else; "+
			"a replay needs empty streams: use another server or account, or --reset to delete detour's streams there",
			name, o.nats, messages)
	}
	return err
}
