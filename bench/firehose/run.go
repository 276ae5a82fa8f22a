package firehose

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"detour/bench/report"
)

// programme is what the whole bench runs, and what came of it.
type programme struct {
	o     Options
	w     *world
	best  []*Result // at full speed: R1 file, R1 memory, R3 file
	fixed []*Result // at the rate that figures are asked for, the same places
	sweep []*Result // R1 file, by rate
	idle  *Result
}

// Rates of the programme, in route elements a second.
const (
	fixedRate = 64_000
	idleRate  = 100
	// knee is the part of what was sustained up to which rates are offered:
	// beyond, latency is that of a queue that grows.
	knee = 0.7
)

func sweepRates() []float64 { return []float64{1000, 4000, 16_000, 32_000, 128_000, 256_000, 400_000} }

// Durations of the runs that are not Options.Duration long.
const (
	bestFor  = 8 * time.Second
	sweepFor = 8 * time.Second
	idleFor  = 15 * time.Second
)

// Run measures one run, or all that the report tells.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	o = o.withDefaults()
	p := &programme{o: o}
	o.Say(fmt.Sprintf("making a table of %d prefixes at %d peers", o.Prefixes, o.Peers))
	var err error
	if p.w, err = makeWorld(o.shape(max(o.Duration, bestFor)), time.Now()); err != nil {
		return nil, err
	}
	switch {
	case o.Rate != "":
		err = p.one(ctx)
	case o.Short:
		err = p.short(ctx)
	default:
		err = p.all(ctx)
	}
	if err != nil {
		return nil, err
	}
	return p.section(), nil
}

// measure runs one spec and tells of it.
func (p *programme) measure(ctx context.Context, s Spec) (*Result, error) {
	res, err := measure(ctx, s, p.w)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", s.place(), s.rateText(), err)
	}
	p.o.Say(fmt.Sprintf("%s at %s: %.0f elements/s, %.2f µs each, flag p99 %v, alert p99 %v", s.place(), s.rateText(),
		res.PerSecond(), res.micros(res.CPU+res.Servers), res.Flag.P99, res.Alert.P99))
	// What one run leaves behind is not to be collected in the next.
	runtime.GC()
	return res, nil
}

// one is the run that the flags describe.
func (p *programme) one(ctx context.Context) error {
	rate, err := p.o.rate()
	if err != nil {
		return err
	}
	s := p.o.spec(rate, p.o.Duration)
	s.Replicas, s.Storage, s.NATS = p.o.Replicas, p.o.Storage, p.o.NATS
	res, err := p.measure(ctx, s)
	if err != nil {
		return err
	}
	p.sweep = append(p.sweep, res)
	return nil
}

func (p *programme) short(ctx context.Context) error {
	for _, s := range p.places(shortRate, p.o.Duration) {
		res, err := p.measure(ctx, s)
		if err != nil {
			return err
		}
		p.fixed = append(p.fixed, res)
	}
	res, err := p.measure(ctx, p.o.spec(0, p.o.Duration))
	p.best = append(p.best, res)
	return err
}

// places are the ways to store the log: R3 only where there is a command for it.
func (p *programme) places(rate float64, d time.Duration) (list []Spec) {
	file := p.o.spec(rate, d)
	memory, three := file, file
	memory.Storage, three.Replicas = "memory", 3
	list = append(list, file, memory)
	if len(p.o.Server) > 0 {
		list = append(list, three)
	}
	return list
}

func (p *programme) all(ctx context.Context) error {
	for _, s := range p.places(0, bestFor) {
		res, err := p.measure(ctx, s)
		if err != nil {
			return err
		}
		p.best = append(p.best, res)
	}
	for _, s := range p.places(fixedRate, p.o.Duration) {
		res, err := p.measure(ctx, s)
		if err != nil {
			return err
		}
		p.fixed = append(p.fixed, res)
	}
	if err := p.rates(ctx); err != nil {
		return err
	}
	s := p.o.spec(idleRate, idleFor)
	s.Events, s.Profile = 0, false
	var err error
	p.idle, err = p.measure(ctx, s)
	return err
}

// rates offers more and more, up to the knee.
func (p *programme) rates(ctx context.Context) error {
	fixed := p.fixed[0]
	for _, rate := range sweepRates() {
		if fixed != nil && rate > fixedRate {
			p.sweep, fixed = append(p.sweep, fixed), nil
		}
		if rate > knee*p.best[0].PerSecond() {
			break
		}
		res, err := p.measure(ctx, p.o.spec(rate, sweepFor))
		if err != nil {
			return err
		}
		p.sweep = append(p.sweep, res)
	}
	return nil
}
