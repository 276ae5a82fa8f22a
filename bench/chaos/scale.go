package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"detour/bench/chaos/traffic"
	"detour/bench/report"
	"detour/ingest/replay"
	"detour/internal/cputime"
	"detour/stream"
)

// scaled is what so many processors came to over one log.
type scaled struct {
	elements     int
	wall         time.Duration
	cpu, servers time.Duration // of processors, of NATS servers
}

// Scale has 1, 2 and 4 processors read the same log as fast as they can.
func Scale(ctx context.Context, o Options) (*report.Section, error) {
	r, done, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	defer done()
	s := longSize()
	if o.Short {
		s = shortSize()
	}
	t, err := r.traffic(s.Shape)
	if err != nil {
		return nil, err
	}
	table := report.Table{Name: "scale", Title: "One log, read as fast as it goes", Columns: []string{
		"processors", "elements", "seconds", "elements/s", "CPU of processors, ns per element", "of NATS servers", "cores",
	}}
	for _, n := range []int{1, 2, 4} {
		got, err := r.scale(ctx, s, t, n)
		if err != nil {
			return nil, fmt.Errorf("%d processors: %w", n, err)
		}
		each := func(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d)/float64(got.elements)) }
		row := []string{
			fmt.Sprint(n), fmt.Sprint(got.elements), fmt.Sprintf("%.1f", got.wall.Seconds()),
			fmt.Sprintf("%.0f", float64(got.elements)/got.wall.Seconds()), each(got.cpu), each(got.servers),
			fmt.Sprintf("%.2f", (got.cpu+got.servers).Seconds()/got.wall.Seconds()),
		}
		table.Rows = append(table.Rows, row)
		o.Say(fmt.Sprint(row))
	}
	return &report.Section{
		Name: "scale", Title: "More processors", Command: "make scale", Tables: []report.Table{table},
		Notes: []string{
			fmt.Sprintf("A table of %d prefixes at %d peers and the traffic behind it lie in the log of %d shards, on three "+
				"NATS servers with three replicas, before the processors start; all run on this machine, so that more "+
				"processors share the same cores: what can be seen is what dividing the work costs, not what it gains.",
				s.Prefixes, traffic.Ingesters*s.Peers, shards),
		},
	}, nil
}

func (r *runner) scale(ctx context.Context, s *size, t *traffic.Traffic, n int) (got *scaled, err error) {
	quiet := &spec{name: fmt.Sprintf("scale-%d", n), replicas: 1, size: s, processors: -1, noSink: true}
	dir := filepath.Join(r.dir, quiet.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, &r.o, quiet, t, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	got = &scaled{}
	if got.elements, err = c.fill(ctx); err != nil {
		return nil, fmt.Errorf("fill the log: %w", err)
	}
	servers, began := cpuOf(c.servers.list[:]), time.Now()
	for range n {
		if _, err := c.addProcessor(); err != nil {
			return nil, err
		}
	}
	if err := c.caughtUp(ctx); err != nil {
		return nil, err
	}
	got.wall, got.cpu, got.servers = time.Since(began), cpuOf(c.procs), cpuOf(c.servers.list[:])-servers
	return got, nil
}

// fill stores what both ingesters have, without processors.
func (c *cluster) fill(ctx context.Context) (elements int, err error) {
	nc, err := c.servers.connect("ingest")
	if err != nil {
		return 0, err
	}
	defer nc.Close()
	var all errgroup.Group
	var pubs []*stream.Publisher
	js, err := jetstream.New(nc)
	if err != nil {
		return 0, err
	}
	for i, f := range c.traffic.Files {
		name := fmt.Sprintf("i-%d", i)
		pub, err := stream.NewPublisher(js, stream.PublisherConfig{Ingester: name, Shards: shards})
		if err != nil {
			return 0, err
		}
		source, err := replay.New(replay.Config{
			Collector: name, Prime: []string{f.History, f.Table}, Files: []string{f.Updates},
		}, pub)
		if err != nil {
			return 0, err
		}
		pubs = append(pubs, pub)
		life, stop := context.WithCancel(ctx)
		defer stop()
		all.Go(func() error { return pub.Run(life) })
		all.Go(func() error {
			defer stop()
			return source.Run(ctx)
		})
	}
	err = all.Wait()
	for _, p := range pubs {
		elements += int(p.Stats().Elements)
	}
	return elements, err
}

func cpuOf(list []*process) (sum time.Duration) {
	for _, p := range list {
		used, _ := cputime.Of(p.cmd.Process.Pid)
		sum += used
	}
	return sum
}

// readMax bounds the reading of a log.
const readMax = 10 * time.Minute

// caughtUp waits until the log is read and judged to its end.
func (c *cluster) caughtUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readMax)
	defer cancel()
	reached := map[int]uint64{}
	sub, err := c.nc.SubscribeSync(stream.AllMembers)
	if err != nil {
		return err
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection ends soon
	var asked time.Time
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return fmt.Errorf("wait for the end of the log: %w, at %v", err, reached)
		}
		h, err := stream.ParseHeartbeat(m.Subject, m.Data)
		if err != nil {
			return err
		}
		for _, u := range h.Units {
			reached[u.Unit] = max(reached[u.Unit], u.Sequence)
		}
		if time.Since(asked) < stream.HeartbeatEvery {
			continue
		}
		asked = time.Now()
		if end, err := c.atEnd(ctx, reached); err != nil || end {
			return err
		}
	}
}

// atEnd asks the streams, the shards' first, whether all that they hold was
// handled.
func (c *cluster) atEnd(ctx context.Context, reached map[int]uint64) (bool, error) {
	for unit := range shards + 1 {
		name := stream.EvidenceStream
		if unit == shards {
			unit = stream.CorrelatorUnit
		} else {
			name = stream.UpdatesStream(unit)
		}
		s, err := c.js.Stream(ctx, name)
		if err != nil {
			return false, fmt.Errorf("ask for the end of %s: %w", name, err)
		}
		if reached[unit] < s.CachedInfo().State.LastSeq {
			return false, nil
		}
	}
	return true, nil
}
