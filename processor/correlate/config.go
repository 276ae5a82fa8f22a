package correlate

import "detour/route"

// Mode says when evidence is judged.
type Mode uint8

// Modes.
const (
	// Replay holds records back until no shard can bring an earlier one, and
	// judges them in one order for any number of shards, framing and speed.
	Replay Mode = iota
	// Live judges at arrival, unless shards run far apart; only closing and expiry
	// always wait for the slowest shard.
	Live
)

// HijackPeers is how many peer ASNs must show a new origin before a hijack is told.
const HijackPeers = hijackPeers

// Maturity says whether the routes from before the log are taken for known.
type Maturity uint8

// Maturities.
const (
	MatureAuto Maturity = iota // when a full table was given, or built up
	MatureYes                  // by the user's word
	MatureNo
)

// Config holds what a Correlator is made with. A zero field means its default.
type Config struct {
	Shards   uint32 // how many shards there are; 1
	Mode     Mode
	Maturity Maturity
	Outside  Outside
	Rules    Rules

	Learn        route.Time // how long a new session only teaches, unless End-of-RIB comes first; 0 until it slows down
	Fresh        route.Time // how long a new pair or edge counts as new; 900 s
	Window       route.Time // half-window of leak evidence; 60 s. That of a watched prefix's, too
	OriginWindow route.Time // half-window of origin changes; 300 s
	Hold         route.Time // after this what fires has become normal; 6 h
	Reopen       route.Time // what comes back within this keeps its id; 30 min
	Apart        route.Time // Live: so far ahead of the slowest shard, the others wait for it; 10 s
	Settle       route.Time // how long bad routes of a watched prefix must be gone before its alert is resolved; 60 s
	Explain      *Explainer // notes why, for people; nil is the rule
	Quorum       int        // distinct peer ASNs that must agree on a watched prefix; 0: 3, or 2 of fewer than 10

	Limits Limits
}

// Limits bound every table. At a limit new entries are refused and counted,
// never evicted, and alerts say that coverage is degraded.
type Limits struct {
	Pending   int // records that wait for a slower shard; in Replay twice as many of the slowest itself; 2^20
	Ingesters int // 2^12
	Sessions  int // 2^16
	Paths     int // different paths that held records and open cases name; 2^21
	ASNs      int // 2^19
	Pairs     int // (on-path AS, origin); 2^25
	Edges     int // (AS, next AS); 2^22
	FirstHops int // (session, AS next to it); 2^22
	Triples   int // (AS, next AS, origin); 2^25
	Fresh     int // pairs younger than Config.Fresh; 2^21
	Thirds    int // (AS, next AS, AS behind it); 2^23
	Windows   int // distinct (AS, origin, prefix, peer) facts in a half-window; 2^23
	Recent    int // changed routes of the last two half-windows that an incident may take in; 2^20
	Prefixes  int // that evidence speaks of; 2^21
	Incidents int // open, or closed within Config.Reopen; 2^12
	Affected  int // prefixes of one incident; 2^20
	Cases     int // watched prefixes that are under suspicion or alert; 2^18
	Watched   int // watched prefixes; 2^17
	Routes    int // routes of incidents; 2^22
	Firing    int // prefix alerts that fire at one time; 2^17
	Shown     int // (prefix, origin) that is not the expected one, and of these those of the last minutes; 2^20
}

func (c Config) withDefaults() Config {
	def(&c.Shards, 1)
	def(&c.Fresh, 900*route.Second)
	def(&c.Window, 60*route.Second)
	def(&c.Hold, 6*route.Hour)
	def(&c.Reopen, 30*route.Minute)
	def(&c.OriginWindow, 300*route.Second)
	def(&c.Apart, 10*route.Second)
	def(&c.Settle, 60*route.Second)
	c.Rules = c.Rules.withDefaults()
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
	def(&l.Thirds, 1<<23)
	def(&l.Windows, 1<<23)
	def(&l.Recent, 1<<20)
	def(&l.Prefixes, 1<<21)
	def(&l.Incidents, 1<<12)
	def(&l.Affected, 1<<20)
	def(&l.Cases, 1<<18)
	def(&l.Watched, 1<<17)
	def(&l.Routes, 1<<22)
	def(&l.Firing, 1<<17)
	def(&l.Shown, 1<<20)
	return c
}

func def[T int | uint32 | route.Time](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}
