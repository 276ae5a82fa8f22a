package fanout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"detour/bench/report"
	"detour/internal/cputime"
	"detour/internal/latency"
	"detour/internal/natsd"
	"detour/stream"

	"github.com/nats-io/nats.go"
)

// Options of a run.
type Options struct {
	Subscribers int
	Connections int // that they share; 0 is one each
	Alerts      int
	Rate        float64 // alerts a second
	Short       bool
	Say         func(line string)
}

// Defaults of Options.
const (
	DefaultSubscribers = 1000
	DefaultAlerts      = 300
	DefaultRate        = 20
)

func (o Options) withDefaults() (Options, error) {
	o.Subscribers = cmp.Or(o.Subscribers, DefaultSubscribers)
	o.Alerts = cmp.Or(o.Alerts, DefaultAlerts)
	o.Rate = cmp.Or(o.Rate, DefaultRate)
	if o.Short {
		o.Subscribers, o.Connections, o.Alerts, o.Rate = 20, 5, 30, 100
	}
	if o.Connections == 0 {
		o.Connections = o.Subscribers
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Subscribers < 1 || o.Connections < 1 || o.Connections > o.Subscribers || o.Alerts < 1 || o.Rate <= 0 {
		return o, errors.New("subscribers, connections (no more than those), alerts and rate must be above zero")
	}
	return o, nil
}

// run is one run with what it has opened.
type run struct {
	o     Options
	dir   string
	srv   *natsd.Server
	conns []*nats.Conn
	out   *nats.Conn
	pub   *stream.AlertPublisher
	ears  []*ear
	delay *latency.Recorder
	late  *latency.Recorder

	wall, cpu time.Duration
}

// Run tells alerts to subscribers on one server.
func Run(ctx context.Context, o Options) (s *report.Section, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &run{o: o, delay: latency.Fine(), late: latency.Fine()}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	o.Say(fmt.Sprintf("%d subscribers on %d connections listen", o.Subscribers, o.Connections))
	if err := r.tell(ctx); err != nil {
		return nil, err
	}
	return r.section(), nil
}

// open starts the server and connects everybody, over sockets as strangers would.
func (r *run) open(ctx context.Context) (err error) {
	if r.dir, err = os.MkdirTemp("", "detour-bench-"); err != nil {
		return fmt.Errorf("make folder for embedded jetstream: %w", err)
	}
	if r.srv, err = natsd.Start(ctx, natsd.Config{Dir: r.dir, Port: -1}); err != nil {
		return err
	}
	if r.out, err = r.connect(); err != nil {
		return err
	}
	js, err := stream.JetStream(r.out)
	if err != nil {
		return fmt.Errorf("open jetstream: %w", err)
	}
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
		return err
	}
	r.pub = stream.NewAlertPublisher(js)
	for range r.o.Connections {
		nc, err := r.connect()
		if err != nil {
			return err
		}
		r.conns = append(r.conns, nc)
	}
	for i := range r.o.Subscribers {
		e := &ear{delay: r.delay}
		r.ears = append(r.ears, e)
		if err := e.listen(r.conns[i%len(r.conns)]); err != nil {
			return err
		}
	}
	for _, nc := range r.conns {
		if err := nc.Flush(); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
	return nil
}

func (r *run) connect() (*nats.Conn, error) {
	nc, err := nats.Connect(r.srv.ClientURL(), nats.Name("detour bench"))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return nc, nil
}

// patience is how long deliveries may stand still at the end.
const patience = 10 * time.Second

// tell stores the alerts when they are due and waits until all were heard.
func (r *run) tell(ctx context.Context) error {
	cpu, start := cputime.Now(), time.Now()
	gap := time.Duration(float64(time.Second) / r.o.Rate)
	for i := range r.o.Alerts {
		due := start.Add(time.Duration(i) * gap)
		time.Sleep(time.Until(due))
		r.late.Observe(time.Since(due))
		subject, id, data := made(i, due)
		if err := r.pub.Publish(ctx, subject, id, "0", data); err != nil {
			return err
		}
	}
	if err := r.awaitAll(ctx); err != nil {
		return err
	}
	r.wall, r.cpu = time.Since(start), cputime.Now()-cpu
	return r.check()
}

func (r *run) awaitAll(ctx context.Context) error {
	want := int64(r.o.Alerts) * int64(r.o.Subscribers)
	last, moved := int64(-1), time.Now()
	for {
		n := r.delay.Distribution().Count
		switch {
		case n >= want:
			return nil
		case n != last:
			last, moved = n, time.Now()
		case time.Since(moved) > patience:
			return r.check()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// check fails unless everybody heard everything in order.
func (r *run) check() error {
	for i, e := range r.ears {
		if n, wrong := e.heard(); n != r.o.Alerts || wrong > 0 {
			return fmt.Errorf("subscriber %d heard %d of %d alerts, %d out of order", i, n, r.o.Alerts, wrong)
		}
	}
	return nil
}

func (r *run) close() error {
	for _, nc := range append(r.conns, r.out) {
		if nc != nil {
			nc.Close()
		}
	}
	if r.srv != nil {
		r.srv.Close()
	}
	if r.dir == "" {
		return nil
	}
	if err := os.RemoveAll(r.dir); err != nil {
		return fmt.Errorf("remove folder of jetstream: %w", err)
	}
	return nil
}
