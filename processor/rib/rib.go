package rib

import (
	"detour/processor/flat"
	"detour/route"
)

// Times of DETECTION §7, in engine time.
const (
	Held = 300 * route.Second
	Hold = 6 * route.Hour
	Age  = 30 * 24 * route.Hour
	// Young is how long a path-tree node counts as news, to within 124 s more.
	Young = 15 * route.Minute
)

// Config bounds the tables (docs/state.md §7). Zero fields take the defaults.
type Config struct {
	MaxNodes    int // path-tree nodes
	MaxPrefixes int // per family
	MaxPeers    int
	MaxRecent   int // slots changed within HELD
	// Speaks reports whether the shard speaks for a prefix, or keeps it only as
	// a cover of others; pure. nil: for all. It is asked once per prefix.
	Speaks func(route.Prefix) bool
}

func (c Config) withDefaults() Config {
	def := func(v *int, most int) {
		if *v <= 0 || *v > most {
			*v = most
		}
	}
	def(&c.MaxNodes, nodeMask)
	def(&c.MaxPrefixes, 1<<idBits-1)
	def(&c.MaxPeers, 1<<16-1)
	def(&c.MaxRecent, 1<<22)
	return c
}

// Counters are what a shard had to refuse or cut, and how often it swept. They
// only grow.
type Counters struct {
	NodesRefused     uint64 // updates whose path found no room in the tree
	PrefixesRefused  uint64
	PeersRefused     uint64
	RecentRefused    uint64
	NewcomersRefused uint64
	PathIDsRefused   uint64
	PathsCut         uint64
	EdgesRefused     uint64
	BasesRefused     uint64 // what a baseline should have learned found no room
	Sweeps           uint64
}

// Degraded reports whether a shard-wide bound refused an entry, so that facts
// may be missing.
func (c *Counters) Degraded() bool {
	return c.NodesRefused+c.PrefixesRefused+c.PeersRefused+c.RecentRefused+c.EdgesRefused+c.BasesRefused != 0
}

// RIB is the state of one shard. The zero value is not ready; use New.
type RIB struct {
	Counters Counters
	// Work counts the entries that resets, and steps of engine time, had to look
	// at: what few octets of a frame may ask for without end. It only grows.
	Work uint64

	cfg     Config `snapshot:"-"`
	now     route.Time
	as      asTable
	tree    tree
	bases   bases
	news    newcomerPool
	recent  recent
	pathIDs pathIDs
	fam     [2]family // IPv4, IPv6
	peers   []peer
	edges   flat.Table[uint64, struct{}]
	hash    func(route.Prefix) uint64

	ahead      ahead       `snapshot:"-"`
	tail, flat []route.ASN `snapshot:"-"` // scratch of Path

	sweepNodesAt int // live nodes that start a sweep
	sweepBasesAt int // octets of baselines that do
}

// Peer is a small number for a peer of this shard.
type Peer uint32

type peer struct {
	asn      route.ASN
	internal bool
	empty    Node // the path of the peer as origin
}

// vantage returns the ASN of index 0 of the peer's paths, 0 where a virtual
// hop of unknown ASN stands there.
func (p *peer) vantage(virtual bool) route.ASN {
	if virtual && !p.internal {
		return 0
	}
	return p.asn
}

// family is the prefixes of one address family.
type family struct {
	route   route.Family
	index   index
	state   []prefixState // by id; 0 unused
	columns []column      // by Peer
	lengths [129]uint32   // prefixes by length, for cover look-ups
	shown   int           // prefixes spoken for that any session holds
	common  int           // prefixes spoken for that CommonFrom sessions hold
	turned  bool          // a reset made or ended the low visibility of some
}

// Flags of a prefixState.
const (
	stateInherited = 1 << iota
	stateReplica   // the shard does not speak for it
	stateLow       // its visibility was last told as low
)

// prefixState is what is known of one prefix besides its routes.
type prefixState struct {
	base, old Base
	cover     uint32 // id of the cover it inherited from, 0 none
	news      uint32 // newcomers, 0 none
	due       uint32 // engine second at which the first newcomer's HOLD ends
	period    uint16 // ageing period of the last touch
	flags     uint16
	up, lost  uint16 // sessions that hold it, and that lost it by withdrawal
}

// New returns an empty shard state.
func New(cfg Config) *RIB {
	cfg = cfg.withDefaults()
	r := &RIB{cfg: cfg, tree: newTree(cfg.MaxNodes), bases: newBases(), hash: PrefixHash}
	r.sweepNodesAt, r.sweepBasesAt = nodeSweepLeast, baseSweepLeast
	r.recent.max = cfg.MaxRecent
	r.fam[0] = family{route: route.IPv4, state: make([]prefixState, 1)}
	r.fam[1] = family{route: route.IPv6, state: make([]prefixState, 1)}
	return r
}

// PrefixHash spreads the ageing of prefixes over the period.
func PrefixHash(p route.Prefix) uint64 { return hash6(p.Hi, p.Lo, p.Bits) }

// AddPeer makes room for one more peer. It reports false at the bound.
func (r *RIB) AddPeer(p route.Peer) (Peer, bool) {
	if len(r.peers) >= r.cfg.MaxPeers {
		r.Counters.PeersRefused++
		return 0, false
	}
	pe := peer{asn: p.ASN, internal: p.Internal(), empty: emptyTail}
	if p.ASN.Public() {
		if as, ok := r.as.id(p.ASN); ok {
			pe.empty = max(emptyTail, r.tree.child(emptyTail, as, false))
		}
	}
	r.peers = append(r.peers, pe)
	for i := range r.fam {
		r.fam[i].columns = append(r.fam[i].columns, column{})
	}
	return Peer(len(r.peers) - 1), true
}

// Advance moves engine time to t, never back.
func (r *RIB) Advance(t route.Time) {
	if t > r.now {
		r.now = t
		r.tree.unit = uint32(t / birthUnit)
		r.Work += uint64(r.recent.advance(t))
	}
}

func (r *RIB) family(f route.Family) *family {
	if f == route.IPv4 {
		return &r.fam[0]
	}
	return &r.fam[1]
}

// RouteKey names a peer's route of a known prefix for as long as the shard lives;
// 0 where the prefix is not known.
func (r *RIB) RouteKey(pe Peer, p route.Prefix) uint64 {
	f := r.family(p.Family)
	id := f.index.find(p)
	if id == 0 {
		return 0
	}
	return slotKey(f.route, pe, id)
}

// Restored must be called once a snapshot has filled a RIB that New has just
// made, whose fields without the tag `snapshot:"-"` are all of its state. Bounds
// may differ from those of that time; then they decide when to sweep next.
func (r *RIB) Restored() {
	r.tree.restored()
	r.sweepNodesAt = min(r.sweepNodesAt, sweepNext(r.tree.live, nodeSweepLeast, r.tree.max))
}

// Prefixes returns how many prefixes of a family are known.
func (r *RIB) Prefixes(f route.Family) int { return len(r.family(f).state) - 1 }
