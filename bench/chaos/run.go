package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/bench/chaos/traffic"

	"detour/internal/pause"
)

// trial is one run of a case.
type trial struct {
	*outcome
	longest, usual time.Duration
	silence        time.Duration
	lost, more     []string // against the undisturbed run
	problems       []string // beyond those
}

// runner runs cases and keeps what they are compared with.
type runner struct {
	o         Options
	dir       string
	traffics  map[traffic.Shape]*traffic.Traffic
	reference map[traffic.Shape]*trial
}

// newRunner makes the folder of all runs; done removes it.
func newRunner(o Options) (r *runner, done func(), err error) {
	r = &runner{o: o, traffics: map[traffic.Shape]*traffic.Traffic{}, reference: map[traffic.Shape]*trial{}}
	if r.dir = o.Keep; r.dir != "" {
		return r, func() {}, nil
	}
	if r.dir, err = os.MkdirTemp("", "detour-chaos-"); err != nil {
		return nil, nil, fmt.Errorf("make folder: %w", err)
	}
	return r, func() { os.RemoveAll(r.dir) }, nil
}

// quietFor is how long nothing may come before a run is over.
const quietFor = 2 * time.Second

// run runs one case once, on a cluster of its own.
func (r *runner) run(ctx context.Context, s *spec) (*trial, error) {
	t, err := r.traffic(s.size.Shape)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(r.dir, strings.Map(letter, s.name))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, &r.o, s, t, dir)
	if err != nil {
		return nil, err
	}
	list, err := c.run(ctx)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	tr := &trial{outcome: judge(list, t, c.begin)}
	tr.longest, tr.usual = tr.pause(t, s.at()-time.Second, s.until())
	tr.silence = tr.outcome.silence(t, s.at()-time.Second, s.until())
	tr.problems, err = c.sunk(ctx, list)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	if s.check != nil {
		tr.problems = append(tr.problems, s.check(ctx, c, tr.outcome)...)
	}
	r.compare(c, tr)
	return tr, errors.Join(tr.keep(filepath.Join(dir, "delays.csv"), t), c.close())
}

// keep writes when each labelled event was due and how late it was told, in
// seconds; the file goes with the folder, unless that is kept.
func (o *outcome) keep(name string, t *traffic.Traffic) error {
	var text strings.Builder
	for _, d := range o.delays {
		fmt.Fprintf(&text, "%.3f,%.3f\n", t.Events[d.event].Due.Seconds(), d.took.Seconds())
	}
	return os.WriteFile(name, []byte(text.String()), 0o600)
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// traffic makes a traffic once.
func (r *runner) traffic(s traffic.Shape) (*traffic.Traffic, error) {
	if r.traffics[s] == nil {
		dir, err := os.MkdirTemp(r.dir, "traffic-")
		if err != nil {
			return nil, err
		}
		r.o.Say(fmt.Sprintf("making recordings: %d prefixes at %d peers", s.Prefixes, traffic.Ingesters*s.Peers))
		t, err := traffic.Make(dir, s)
		if err != nil {
			return nil, err
		}
		r.traffics[s] = t
	}
	return r.traffics[s], nil
}

// compare notes what differs from the undisturbed run.
func (r *runner) compare(c *cluster, t *trial) {
	reference := r.reference[c.traffic.Shape]
	if reference == nil {
		return
	}
	t.lost = slices.Concat(t.incidents.lost(reference.incidents), t.prefixes.lost(reference.prefixes))
	t.more = slices.Concat(reference.incidents.lost(t.incidents), reference.prefixes.lost(t.prefixes))
	if c.spec.loses {
		t.lost, t.more = spared(c, t.lost), spared(c, t.more)
	}
	if !t.toldOfLeak() {
		t.problems = append(t.problems, "the leak was not told with its leaker and segment")
	}
}

// run plays the recordings, does what the case does, and returns all messages.
func (c *cluster) run(ctx context.Context) ([]message, error) {
	rec := newRecorder(c.js)
	life, stop := context.WithCancel(ctx)
	var recording errgroup.Group
	recording.Go(func() error { return rec.run(life) })
	err := c.live(ctx, rec)
	var list []message
	if err == nil {
		err = insist(ctx, func(ctx context.Context) (err error) {
			list, err = rec.audit(ctx)
			return err
		})
	}
	stop()
	return list, errors.Join(err, recording.Wait())
}

func (c *cluster) live(ctx context.Context, rec *recorder) error {
	if err := c.play(); err != nil {
		return err
	}
	if c.spec.disturb != nil {
		if err := pause.For(ctx, time.Until(c.begin.Add(c.spec.at()))); err != nil {
			return err
		}
		if err := c.chooseVictim(ctx); err != nil {
			return err
		}
		if err := c.spec.disturb(ctx, c); err != nil {
			return fmt.Errorf("disturb: %w", err)
		}
	}
	if err := pause.For(ctx, time.Until(c.begin.Add(c.spec.size.Length))); err != nil {
		return err
	}
	for _, p := range c.sources {
		if err := p.wait(endWait); err != nil {
			return err
		}
	}
	return rec.settle(ctx, quietFor, len(c.traffic.Events))
}
