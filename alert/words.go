package alert

import "slices"

// Version is the version of the schema that this package writes. Within one
// version fields are only added, never renamed, removed or given a new meaning.
const Version = 1

// Scope says whether an alert speaks of an event or of one prefix.
type Scope string

// Scopes.
const (
	ScopeIncident Scope = "incident"
	ScopePrefix   Scope = "prefix"
)

// Kind names what happened. Flags use the last four only.
type Kind string

// Kinds. "Leak" is used in the sense of RFC 7908 and only after a test said so;
// an unexpected transit is an observation.
const (
	KindLeak              Kind = "leak"
	KindHijack            Kind = "hijack"
	KindSubprefixHijack   Kind = "subprefix-hijack"
	KindRPKIInvalid       Kind = "rpki-invalid"
	KindVisibilityLoss    Kind = "visibility-loss"
	KindUnexpectedTransit Kind = "unexpected-transit"
	KindPathInflation     Kind = "path-inflation"
	KindPathShortening    Kind = "path-shortening"
	KindOriginChange      Kind = "origin-change"
)

// LeakType is the type of a leak by RFC 7908 §3, "1" to "6", or "unknown". It
// is empty on alerts that are no leak.
type LeakType string

// Leak types.
const (
	LeakHairpin       LeakType = "1" // hairpin turn with full prefix
	LeakLateral       LeakType = "2" // lateral ISP-ISP-ISP leak
	LeakProviderPeer  LeakType = "3" // provider prefixes to a peer
	LeakPeerProvider  LeakType = "4" // peer prefixes to a provider
	LeakReorigination LeakType = "5" // prefix re-origination with data path to the legitimate origin
	LeakInternal      LeakType = "6" // internal prefixes and more-specifics
	LeakUnknown       LeakType = "unknown"
)

// Severity is how urgent an alert is.
type Severity string

// Severities.
const (
	SeverityCritical Severity = "critical"
	SeverityWarning  Severity = "warning"
	SeverityInfo     Severity = "info"
)

// Status is where an alert stands in its life.
type Status string

// Statuses.
const (
	StatusFiring   Status = "firing"
	StatusResolved Status = "resolved"
)

// CloseReason says why an alert was resolved.
type CloseReason string

// Close reasons.
const (
	CloseWithdrawn CloseReason = "withdrawn"      // the bad routes are gone
	CloseStuck     CloseReason = "stuck-at-peers" // only a few peers still hold them: zombies
	CloseNormal    CloseReason = "became-normal"  // it lasted until it was the new normal
	CloseMigrated  CloseReason = "asn-migration"  // an AS took the place of another
	CloseRestored  CloseReason = "restored"       // what was lost is back
	CloseExpired   CloseReason = "expired"        // the evidence for it can no longer be followed
)

// CoverageState sums up how much the judge could see.
type CoverageState string

// Coverage states.
const (
	CoverageComplete CoverageState = "complete"
	CoverageLearning CoverageState = "learning" // without a full table: silence proves nothing
	CoverageDegraded CoverageState = "degraded" // a gap, a lost session or a full table
)

var (
	scopes     = []Scope{ScopeIncident, ScopePrefix}
	flagKinds  = []Kind{KindUnexpectedTransit, KindPathInflation, KindPathShortening, KindOriginChange}
	alertKinds = append([]Kind{
		KindLeak, KindHijack, KindSubprefixHijack, KindRPKIInvalid, KindVisibilityLoss,
	}, flagKinds...)
	leakTypes = []LeakType{
		LeakHairpin, LeakLateral, LeakProviderPeer, LeakPeerProvider, LeakReorigination, LeakInternal, LeakUnknown,
	}
	severities   = []Severity{SeverityCritical, SeverityWarning, SeverityInfo}
	statuses     = []Status{StatusFiring, StatusResolved}
	closeReasons = []CloseReason{CloseWithdrawn, CloseStuck, CloseNormal, CloseMigrated, CloseRestored, CloseExpired}
	coverages    = []CoverageState{CoverageComplete, CoverageLearning, CoverageDegraded}
)

// Flaggable reports whether shards send flags of kind k.
func (k Kind) Flaggable() bool { return slices.Contains(flagKinds, k) }
