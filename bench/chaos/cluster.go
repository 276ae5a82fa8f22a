package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/bench/chaos/traffic"
)

// Processes beside the servers.
const (
	processorCount = 3
	processorMax   = 4 // one is added by a case
	sinkAdmin      = processorMax + traffic.Ingesters
	behindProxies  = 1 // the processor, where there are proxies
)

// cluster is everything that runs in one case.
type cluster struct {
	o        *Options
	spec     *spec
	dir      string
	traffic  *traffic.Traffic
	servers  *servers
	admin    int // port of the first process's admin listener
	proxies  *proxies
	victim   int     // the processor that something is done to
	roles    []*role // of processors
	procs    []*process
	sources  [traffic.Ingesters]*process
	sink     *process
	begin    time.Time
	nc       *nats.Conn
	js       jetstream.JetStream
	cleanups []func() error
}

// newCluster writes configurations and starts servers, processors and a sink.
func newCluster(ctx context.Context, o *Options, s *spec, t *traffic.Traffic, dir string) (c *cluster, err error) {
	c = &cluster{o: o, spec: s, dir: dir, traffic: t}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.servers, err = newServers(ctx, o, dir); err != nil {
		return c, err
	}
	if c.admin, err = ports(sinkAdmin + 1); err != nil {
		return c, err
	}
	if s.prepare != nil {
		if err := s.prepare(c); err != nil {
			return c, fmt.Errorf("prepare: %w", err)
		}
	}
	if err := c.servers.start(); err != nil {
		return c, err
	}
	if c.nc, err = c.servers.connect("admin"); err != nil {
		return c, err
	}
	if c.js, err = jetstream.New(c.nc); err != nil {
		return c, err
	}
	if err := c.servers.ensure(ctx, c.js); err != nil {
		return c, fmt.Errorf("make streams: %w", err)
	}
	return c, c.startRoles(ctx)
}

func (c *cluster) startRoles(ctx context.Context) error {
	for range max(0, cmp.Or(c.spec.processors, processorCount)) {
		if _, err := c.addProcessor(); err != nil {
			return err
		}
	}
	if c.spec.noSink {
		return c.allReady(ctx)
	}
	var err error
	sink := &role{Command: "sink", Name: "sink-1", SinkFile: c.sinkFile()}
	if c.sink, err = c.prepare(sink, sinkAdmin).process(c.o.Detour, c.dir); err != nil {
		return err
	}
	if err := c.sink.start(); err != nil {
		return err
	}
	return c.allReady(ctx)
}

func (c *cluster) allReady(ctx context.Context) error {
	for i := range c.procs {
		if err := c.ready(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) sinkFile() string { return filepath.Join(c.dir, "alerts.jsonl") }

// prepare fills in what all roles share.
func (c *cluster) prepare(r *role, place int) *role {
	r.Keys, r.Admin = filepath.Join(c.servers.dir, "clients", r.Command), local(c.admin+place)
	r.Shards, r.Servers, r.Traffic = shards, serverCount, c.traffic
	if r.URL == "" {
		r.URL = c.servers.url()
	}
	return r
}

// addProcessor starts one more processor.
func (c *cluster) addProcessor() (int, error) {
	i := len(c.procs)
	r := &role{
		Command: "process", Name: fmt.Sprintf("p%d", i+1), Replicas: c.spec.replicas, Dir: c.checkpoints(i),
		Elements: c.spec.size.checkpoint,
	}
	if c.proxies != nil && i == behindProxies {
		r.URL = c.servers.url(c.proxies.ports...)
	}
	p, err := c.prepare(r, i).process(c.o.Detour, c.dir)
	if err != nil {
		return i, err
	}
	c.roles, c.procs = append(c.roles, r), append(c.procs, p)
	return i, p.start()
}

// checkpoints is where a processor keeps its own.
func (c *cluster) checkpoints(i int) string {
	return filepath.Join(c.dir, fmt.Sprintf("checkpoints-%d", i+1))
}

// ready waits until a processor says that it is.
func (c *cluster) ready(ctx context.Context, i int) error {
	err := insist(ctx, func(ctx context.Context) error {
		if c.procs[i].ended() {
			return c.procs[i].wait(0)
		}
		_, ok, err := health(ctx, c.roles[i].Admin)
		if err == nil && !ok {
			err = errNotReady
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.procs[i].name, err)
	}
	return nil
}

// health asks an admin listener whether its process is ready, and why not.
func health(ctx context.Context, admin string) (body string, ok bool, err error) {
	return get(ctx, "http://"+admin+"/readyz")
}

func get(ctx context.Context, url string) (body string, ok bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", false, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", false, err
	}
	defer resp.Body.Close()
	data, err := readAll(resp.Body)
	return string(data), resp.StatusCode == http.StatusOK, err
}

// play starts the ingesters, whose updates begin when their tables are stored.
func (c *cluster) play() error {
	c.begin = time.Now().Add(c.spec.size.lead).Truncate(time.Millisecond)
	for i := range c.sources {
		name := string(rune('a' + i))
		r := &role{
			Command: "ingest", Name: "i-" + name, Collector: "chaos-" + name, Spill: c.spec.spill(i), Begin: c.begin,
			Prime: []string{c.traffic.Files[i].History, c.traffic.Files[i].Table}, Play: c.traffic.Files[i].Updates,
			Speed: c.traffic.Shape.Speed,
		}
		p, err := c.prepare(r, processorMax+i).process(c.o.Detour, c.dir)
		if err != nil {
			return err
		}
		if c.sources[i] = p; p.start() != nil {
			return p.start()
		}
	}
	return nil
}

// close ends everything, in no order.
func (c *cluster) close() error {
	for _, p := range append(append([]*process{c.sink}, c.procs...), c.sources[:]...) {
		if p != nil {
			p.stop()
		}
	}
	if c.nc != nil {
		c.nc.Close()
	}
	if c.proxies != nil {
		c.proxies.close()
	}
	if c.servers != nil {
		c.servers.stop()
	}
	var errs []error
	for _, f := range c.cleanups {
		errs = append(errs, f())
	}
	if c.o.Keep == "" {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}
