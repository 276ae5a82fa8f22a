package firehose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"detour/bench/report"
	"detour/internal/latency"
	"detour/route"
)

// TransferOptions of the bench of a session reset.
type TransferOptions struct {
	Prefixes int // of the table that is sent again
	Peers    int
	Rate     float64 // elements a second of the others
	Speed    float64 // elements a second of the transfer
	Events   float64 // labelled events a second
	Around   time.Duration
	Shards   int
	Storage  string
	Short    bool
	Say      func(line string)
}

// Defaults of TransferOptions.
const (
	DefaultTransferPrefixes = 1_060_000
	DefaultTransferPeers    = 8
	DefaultTransferRate     = 64_000
	DefaultTransferSpeed    = 100_000
	DefaultTransferEvents   = 50
	DefaultTransferAround   = 10 * time.Second
)

func (o TransferOptions) withDefaults() TransferOptions {
	o.Prefixes = cmp.Or(o.Prefixes, DefaultTransferPrefixes)
	o.Peers = cmp.Or(o.Peers, DefaultTransferPeers)
	o.Rate = cmp.Or(o.Rate, DefaultTransferRate)
	o.Speed = cmp.Or(o.Speed, DefaultTransferSpeed)
	o.Events = cmp.Or(o.Events, DefaultTransferEvents)
	o.Around = cmp.Or(o.Around, DefaultTransferAround)
	o.Shards = cmp.Or(o.Shards, DefaultShards)
	o.Storage = cmp.Or(o.Storage, "file")
	if o.Short {
		o.Prefixes, o.Peers, o.Rate, o.Speed, o.Around = shortPrefixes, shortPeers, shortRate, 10*shortRate, shortFor/2
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	return o
}

// lasts is how long the transfer takes if nothing holds it up.
func (o *TransferOptions) lasts() time.Duration {
	return time.Duration(float64(o.Prefixes) / o.Speed * float64(time.Second))
}

// transferNames are the parts of a run.
func transferNames() []string { return []string{"before", "during", "after"} }

// transferPart is what was found before, during or after the transfer.
type transferPart struct {
	flag, alert, late latency.Distribution
	cores             float64
	sent              int // elements
}

// transfer is one run.
type transfer struct {
	*rig
	o     TransferOptions
	parts []transferPart
	ears  [][2]*latency.Recorder
	list  []int // parts of the dump that the transfer sends
	sent  int   // elements of the transfer
	next  int
}

// RunTransfer measures what a session reset does to everybody else.
func RunTransfer(ctx context.Context, o TransferOptions) (*report.Section, error) {
	o = o.withDefaults()
	o.Say(fmt.Sprintf("making a table of %d prefixes at %d peers", o.Prefixes, o.Peers))
	all := o.lasts() + 2*o.Around
	shape := Shape{
		Prefixes: o.Prefixes, Peers: o.Peers, Churn: churnElements, Targets: 10 + int(o.Events*all.Seconds()),
	}
	if o.Short {
		shape.Churn = shortChurn
	}
	w, err := makeWorld(shape, time.Now())
	if err != nil {
		return nil, err
	}
	s := Spec{
		Rate: o.Rate, Duration: all, Events: o.Events, Shards: o.Shards, Replicas: 1, Storage: o.Storage,
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	r, err := newRig(ctx, s, w)
	if err != nil {
		return nil, err
	}
	t := &transfer{rig: r, o: o}
	err = errors.Join(r.run(ctx, t.drive), r.broker.close())
	if err != nil {
		return nil, err
	}
	return t.section(), nil
}

// drive primes, and measures before, during and after the transfer.
func (t *transfer) drive(ctx context.Context) error {
	peer := len(t.w.sessions) - 1
	t.feeder.silent = peer
	for i := range t.w.dump.parts {
		if int(t.w.dump.parts[i].peer) == peer {
			t.list = append(t.list, i)
		}
	}
	if err := errors.Join(t.feeder.prime(ctx), t.settle(ctx)); err != nil {
		return err
	}
	runtime.GC()
	for _, part := range []struct {
		d  time.Duration
		do func(context.Context) (func(context.Context, route.Time, time.Duration) error, error)
	}{{t.o.Around, nil}, {t.o.lasts(), t.begin}, {t.o.Around, nil}} {
		if err := t.part(ctx, part.d, part.do); err != nil {
			return err
		}
	}
	if err := errors.Join(t.settle(ctx), t.hear(ctx), t.check()); err != nil {
		return err
	}
	for i := range t.parts {
		t.parts[i].flag, t.parts[i].alert = t.ears[i][0].Distribution(), t.ears[i][1].Distribution()
	}
	return nil
}

// part measures one part; begin, where there is one, starts what goes on beside
// the ordinary traffic.
func (t *transfer) part(
	ctx context.Context, d time.Duration,
	begin func(context.Context) (func(context.Context, route.Time, time.Duration) error, error),
) (err error) {
	now := route.TimeOf(time.Now())
	t.ears = append(t.ears, [2]*latency.Recorder{t.flags.begin(now), t.alerts.begin(now)})
	t.feeder.late = latency.Fine()
	before, start := t.meter(), time.Now()
	var beside func(context.Context, route.Time) error
	if begin != nil {
		send, err := begin(ctx)
		if err != nil {
			return err
		}
		beside = func(ctx context.Context, at route.Time) error { return send(ctx, at, at.Std().Sub(start)) }
	}
	if err := t.feeder.open(ctx, newSchedule(t.o.Rate, t.o.Events, d), beside); err != nil {
		return err
	}
	after := t.meter()
	t.parts = append(t.parts, transferPart{
		late: t.feeder.late.Distribution(), cores: (after.cpu - before.cpu).Seconds() / after.at.Sub(before.at).Seconds(),
		sent: int(after.elements - before.elements),
	})
	t.o.Say(transferNames()[len(t.parts)-1] + " is over")
	return nil
}

// begin ends the peer's session and starts it anew, and returns what sends its
// table, each element when it is due.
func (t *transfer) begin(ctx context.Context) (func(context.Context, route.Time, time.Duration) error, error) {
	f := t.feeder
	s := &f.sessions[f.silent]
	now := route.TimeOf(time.Now())
	for _, kind := range []route.Kind{route.KindPeerDown, route.KindPeerUp} {
		if kind == route.KindPeerUp {
			s.Start = now
		}
		f.u = route.Update{Kind: kind, Peer: s.ID}
		if err := f.add(ctx, s, now); err != nil {
			return nil, err
		}
	}
	return t.send, nil
}

// send sends what is due of the table after a time, and its end once.
func (t *transfer) send(ctx context.Context, at route.Time, after time.Duration) error {
	due := int(t.o.Speed * after.Seconds())
	f := t.feeder
	for t.sent < due && t.next < len(t.list) {
		s := t.w.dump.fill(&f.u, t.list[t.next], f.sessions)
		f.u.Flags |= route.FlagInitialTransfer
		t.sent += f.u.Elements()
		t.next++
		if err := f.add(ctx, s, max(at, f.engine)); err != nil {
			return err
		}
		if t.next == len(t.list) {
			f.u = route.Update{Kind: route.KindEndOfRIB, Peer: s.ID}
			return f.add(ctx, s, f.engine)
		}
	}
	return nil
}

func (t *transfer) section() *report.Section {
	table := report.Table{Name: "latency", Title: latencyTitle, Columns: []string{
		"part", "elements/s of all", "what", "count", "p50", "p90", "p99", "p99.9", "max", "CPU, cores",
	}}
	seconds := []float64{t.o.Around.Seconds(), t.o.lasts().Seconds(), t.o.Around.Seconds()}
	for i, p := range t.parts {
		for _, l := range []struct {
			what string
			latency.Distribution
		}{{"flag at a subscriber", p.flag}, {"alert at a consumer", p.alert}, {"generator late", p.late}} {
			row := []string{
				transferNames()[i], fmt.Sprintf("%.0f", float64(p.sent)/seconds[i]), l.what, fmt.Sprint(l.Count),
			}
			row = append(row, latencyCells(l.Distribution)...)
			table.Rows = append(table.Rows, append(row, fmt.Sprintf("%.2f", p.cores)))
		}
	}
	return &report.Section{
		Name: "transfer", Title: "A session reset beside ordinary traffic", Command: "detour bench transfer",
		Notes: []string{
			fmt.Sprintf("One of %d peers loses its session and sends its %d routes again as an initial transfer, %.0f "+
				"a second, while the others send %.0f elements a second with %.0f labelled events a second. R1 %s, %d "+
				"shards. Schedule, events and checks are those of the firehose.",
				t.o.Peers, t.sent, t.o.Speed, t.o.Rate, t.o.Events, t.o.Storage, t.o.Shards),
		},
		Tables: []report.Table{table},
		Figures: []report.Figure{{
			What: "receive to alert p99 during a table transfer", Unit: "ms", Reached: ms(t.parts[1].alert.P99),
			Floor: 50, Aim: 20, Better: report.Less, Command: "detour bench transfer",
		}},
	}
}
