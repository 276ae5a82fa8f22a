package correlate

import "detour/route"

// Mode says when evidence is judged.
type Mode uint8

// Modes.
const (
	// Replay holds records back until no shard can bring an earlier one, and
	// judges them in one order for any number of shards, framing and speed.
	Replay Mode = iota
	// Live judges at arrival; only closing and expiry wait for the slowest shard.
	Live
)

// Config holds what a Correlator is made with. A zero field means its default.
type Config struct {
	Shards uint32 // how many shards there are; 1
	Mode   Mode
	Mature bool // the routes known before the log begins are complete; alerts say "learning" otherwise

	Learn  route.Time // how long a new session only teaches, unless End-of-RIB comes first; 300 s
	Fresh  route.Time // how long a new pair or edge counts as new; 900 s
	Window route.Time // evidence of different peers counts together within this; 60 s
	Hold   route.Time // after this what fires has become normal; 6 h
	Reopen route.Time // an alert that comes back within this keeps its id; 30 min
	Settle route.Time // how long the bad routes must be gone before an alert is resolved; 0
	Quorum int        // distinct peer ASNs that must agree; 3

	Limits Limits
}

// Limits bound every table. At a limit new entries are refused and counted,
// never evicted, and alerts say that coverage is degraded.
type Limits struct {
	Pending   int // records held back in Replay, twice as many for the slowest shard; 2^20
	Ingesters int // 2^12
	Sessions  int // 2^16
	Paths     int // different paths that held records and open cases name; 2^21
	ASNs      int // 2^19
	Pairs     int // (on-path AS, origin); 2^25
	Edges     int // (AS, next AS); 2^22
	FirstHops int // (session, AS next to it); 2^22
	Triples   int // (AS, next AS, origin); 2^25
	Fresh     int // pairs younger than Config.Fresh; 2^21
	Cases     int // prefixes that are watched for or under an alert; 2^18
	Routes    int // routes of those prefixes; 2^22
	Firing    int // prefix alerts that fire at one time; 2^16
}

func (c Config) withDefaults() Config {
	def(&c.Shards, 1)
	def(&c.Learn, 300*route.Second)
	def(&c.Fresh, 900*route.Second)
	def(&c.Window, 60*route.Second)
	def(&c.Hold, 6*route.Hour)
	def(&c.Reopen, 30*route.Minute)
	def(&c.Quorum, 3)
	l := &c.Limits
	def(&l.Pending, 1<<20)
	def(&l.Ingesters, 1<<12)
	def(&l.Sessions, 1<<16)
	def(&l.Paths, 1<<21)
	def(&l.ASNs, 1<<19)
	def(&l.Pairs, 1<<25)
	def(&l.Edges, 1<<22)
	def(&l.FirstHops, 1<<22)
	def(&l.Triples, 1<<25)
	def(&l.Fresh, 1<<21)
	def(&l.Cases, 1<<18)
	def(&l.Routes, 1<<22)
	def(&l.Firing, 1<<16)
	return c
}

func def[T int | uint32 | route.Time](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}
