package firehose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"detour/bench/servers"
	"detour/internal/natsd"
	"detour/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// link is one connection.
type link struct {
	nc *nats.Conn
	js jetstream.JetStream
}

// broker is the JetStream of a run, with a connection for each process that a
// detour would have.
type broker struct {
	ingest, process, ears link

	server  *natsd.Server
	cluster *servers.Cluster
	dir     string
	url     string
}

// openBroker starts what the spec asks for, connects and makes the streams.
func openBroker(ctx context.Context, s Spec) (b *broker, err error) {
	b = &broker{url: s.NATS}
	switch {
	case s.NATS != "":
	case s.Replicas > 1:
		if b.cluster, err = servers.Start(ctx, s.Server, s.Replicas); err == nil {
			b.url = strings.Join(b.cluster.URLs(), ",")
		}
	default:
		err = b.embed(ctx)
	}
	for _, l := range []*link{&b.ingest, &b.process, &b.ears} {
		if err == nil {
			err = b.dial(ctx, l)
		}
	}
	if err == nil {
		err = b.prepare(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *broker) embed(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "detour-bench-"); err != nil {
		return fmt.Errorf("make folder for embedded jetstream: %w", err)
	}
	b.server, err = natsd.Start(ctx, natsd.Config{Dir: b.dir})
	return err
}

func (b *broker) dial(ctx context.Context, l *link) (err error) {
	if b.server != nil {
		l.nc, err = b.server.Conn(ctx)
	} else {
		l.nc, err = nats.Connect(b.url, nats.Name("detour bench"), nats.MaxReconnects(-1))
	}
	if err != nil {
		return fmt.Errorf("connect to nats server: %w", err)
	}
	if l.js, err = stream.JetStream(l.nc); err != nil {
		return fmt.Errorf("open jetstream: %w", err)
	}
	return nil
}

// A cluster takes some seconds to choose its leader; until then it makes no
// streams.
const (
	prepareTries = 60
	preparePause = 500 * time.Millisecond
	prepareOnce  = 5 * time.Second
)

// prepare makes the streams, which must be empty.
func (b *broker) prepare(ctx context.Context, s Spec) (err error) {
	for range prepareTries {
		once, cancel := context.WithTimeout(ctx, prepareOnce)
		err = stream.Ensure(once, b.ingest.js, s.settings())
		cancel()
		if err == nil || s.Replicas == 1 || errors.Is(err, stream.ErrIncompatible) {
			break
		}
		if err := sleepUntil(ctx, time.Now().Add(preparePause)); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("make streams: %w", err)
	}
	name, messages, err := stream.FirstUsed(ctx, b.ingest.js, s.settings())
	if err == nil && name != "" {
		err = fmt.Errorf("stream %s holds %d messages of something else; a bench needs empty streams", name, messages)
	}
	return err
}

// cpu returns the processor time of servers in processes of their own.
func (b *broker) cpu() time.Duration {
	if b.cluster == nil {
		return 0
	}
	return b.cluster.CPU()
}

// close ends all that was begun. It may be called in the middle.
func (b *broker) close() (err error) {
	for _, l := range []*link{&b.ingest, &b.process, &b.ears} {
		if l.nc != nil {
			l.nc.Close()
		}
	}
	if b.server != nil {
		b.server.Close()
	}
	if b.cluster != nil {
		err = b.cluster.Close()
	}
	if b.dir != "" {
		err = errors.Join(err, os.RemoveAll(b.dir))
	}
	return err
}
