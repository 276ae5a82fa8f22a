package processor

import (
	"detour/alert"
	"detour/processor/detect"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// Flags are bounded per expected origin and block, in windows of engine time.
// A block lies whole in one shard, so the bound does not depend on how many
// shards there are.
const (
	flagWindow   = 10 * route.Second
	flagWindows  = 4       // open at one time, so that ingesters need not go in step
	flagBuckets  = 1 << 16 // (origin, block) pairs per window
	flagPerBlock = 64      // default of Config.FlagsPerBlock
)

// Flag is one flag on its way out. Its place in the log (Shard, Sequence, Index)
// grows within a shard, so a listener recognises a second copy by comparing with
// the last.
type Flag struct {
	Kind     alert.Kind
	Expected route.ASN
	Line     []byte // JSON, valid during the call
	Received route.Time
	Shard    int
	Sequence uint64
	Index    uint32
}

// FlagFunc takes one flag. f is valid during the call.
type FlagFunc func(f *Flag)

// flagger turns facts into flags.
type flagger struct {
	emit    FlagFunc
	limit   uint32 `snapshot:"-"`
	windows [flagWindows]flagCount
	flag    alert.Flag `snapshot:"-"`
	line    []byte     `snapshot:"-"`
	out     Flag       `snapshot:"-"`
}

// flagCount counts the flags of one window.
type flagCount struct {
	number uint64 // of the window
	counts map[flagBucket]uint32
}

type flagBucket struct {
	block  uint64
	family route.Family
	origin route.ASN
}

func newFlagger(cfg Config) flagger {
	limit := cfg.FlagsPerBlock
	if limit == 0 {
		limit = flagPerBlock
	}
	f := flagger{emit: cfg.Flags, limit: uint32(limit)}
	for i := range f.windows {
		f.windows[i].counts = map[flagBucket]uint32{}
	}
	return f
}

// flag tells the facts of the change at hand to whoever listens. What a session
// sends first, or a table dump, is not news. An update without a number or a time
// cannot be named.
func (e *engine) flag(u *route.Update, r *wire.Record, facts *detect.Facts) {
	if e.flagger.emit == nil || r.Flags&wire.RecordLearning != 0 || u.Number == 0 || u.Engine == 0 {
		return
	}
	if facts.Contrast&facts.Unknown != 0 {
		e.flagAs(alert.KindUnexpectedTransit, u, r, facts)
	}
	if r.Flags&wire.RecordInflated != 0 {
		e.flagAs(alert.KindPathInflation, u, r, facts)
	}
	if r.Flags&wire.RecordShortened != 0 {
		e.flagAs(alert.KindPathShortening, u, r, facts)
	}
	if r.Flags&wire.RecordOriginNew != 0 {
		e.flagAs(alert.KindOriginChange, u, r, facts)
	}
}

// flagAs emits one flag per expected origin.
func (e *engine) flagAs(kind alert.Kind, u *route.Update, r *wire.Record, facts *detect.Facts) {
	fl := &e.flagger
	f := &fl.flag
	p := &e.at.pe.session
	*f = alert.Flag{
		Version: alert.Version, Kind: kind, Prefix: r.Prefix,
		AnnouncedOrigin: e.rib.Origin(e.change.Next),
		Peer:            alert.Peer{Collector: p.Collector, Address: p.Addr, ASN: p.ASN},
		Time:            u.Engine,
		Before:          f.Before[:0], After: f.After[:0], Newcomers: f.Newcomers[:0],
		Unique: r.Unique, Longest: r.Longest,
		MoreSpecific: r.Flags&wire.RecordMoreSpecific != 0,
		Ingester:     e.at.in.name, Update: u.Number,
	}
	first := p.ASN
	if r.Flags&wire.RecordVirtualFirst != 0 && !p.Internal() {
		first = 0
	}
	f.After = e.rib.Tail(append(f.After, first), e.change.Next)
	if e.change.Prev != 0 {
		f.Before = e.rib.Tail(append(f.Before, first), e.change.Prev)
	}
	for i, hop := range f.After[1:] {
		if i < 64 && facts.Unknown>>i&1 != 0 {
			f.Newcomers = append(f.Newcomers, hop)
		}
	}
	if len(r.Origins) == 0 {
		e.emitFlag(0, r)
		return
	}
	for _, o := range r.Origins {
		e.emitFlag(o, r)
	}
}

// emitFlag hands the flag at hand to the listener, within the bound.
func (e *engine) emitFlag(expected route.ASN, r *wire.Record) {
	fl := &e.flagger
	if e.at.told >= maxFrameFlags || !fl.allow(expected, r.Prefix, fl.flag.Time) {
		e.counters.FlagsHeld++
		return
	}
	fl.flag.ExpectedOrigin = expected
	fl.line = fl.flag.AppendJSON(fl.line[:0])
	e.counters.Flags++
	e.at.told++
	fl.out = Flag{
		Kind: fl.flag.Kind, Expected: expected, Line: fl.line, Received: e.at.received,
		Shard: e.shard, Sequence: r.Sequence, Index: e.at.index,
	}
	e.at.index++
	fl.emit(&fl.out)
}

// allow counts a flag against its bucket. Windows are aligned to engine time,
// so that they do not depend on what came first. What comes when its window has
// been closed counts in the window that took its place.
func (f *flagger) allow(origin route.ASN, p route.Prefix, now route.Time) bool {
	number := uint64(now) / uint64(flagWindow)
	w := &f.windows[number%flagWindows]
	if number > w.number {
		w.number = number
		clear(w.counts)
	}
	shift := 64 - stream.BlockBits4
	if p.Family == route.IPv6 {
		shift = 64 - stream.BlockBits6
	}
	b := flagBucket{block: p.Hi >> shift, family: p.Family, origin: origin}
	n, known := w.counts[b]
	if n >= f.limit || !known && len(w.counts) >= flagBuckets {
		return false
	}
	w.counts[b] = n + 1
	return true
}
