package oracle

import "detour/route"

// Outcome says what became of an announcement or a withdrawal.
type Outcome uint8

// Outcomes. With the first three of them every other field of Facts is zero,
// with Filled all but Raised and Turned.
const (
	Nothing   Outcome = iota // nothing to withdraw, or a table dump met a slot in use
	Unchanged                // the route was there already
	Refused                  // a bound was met
	Filled                   // from a table dump; no facts
	Changed                  // the slot has a new path, or is up again
	Extra                    // another ADD-PATH id than the main one
	Withdrawn                // the slot went down
	Forgotten                // an extra ADD-PATH id went
)

var outcomes = [...]string{"nothing", "unchanged", "refused", "filled", "changed", "extra", "withdrawn", "forgotten"}

// String returns the lower-case name.
func (o Outcome) String() string { return outcomes[o] }

// Facts is what one operation tells (§4–§6). Its slices are the caller's.
type Facts struct {
	Outcome Outcome

	HasPrev    bool        // tells an empty Prev from none
	Prev, Next []route.ASN // tails; Withdrawn has no Next

	// Indexes into Next, ascending. Reported holds more than Newcomers, the
	// judged hops that a known baseline lacks, where every hop is reported.
	Reported, Contrast, Newcomers []int

	// Young are judged hops whose way to the origin is news.
	Young []int

	Inflated, Shortened, MoreSpecific, OriginNew bool
	NoBaseline, Inherited                        bool

	Unique, Longest int // Longest: held before, 0 unknown, 15 means or more

	// Origins are the baseline's origins when the facts were judged,
	// ascending; of the more-specific, where that stood in for the origin test.
	Origins []route.ASN

	Left bool // the slot was stated and now is not
	Loss bool // a held slot went down
	Held bool // the slot was up and held before

	Raised   bool // the slot was empty or down, and is up
	Turned   bool // the prefix's visibility is low now and was not, or the other way round
	Up, Lost int  // sessions that hold the prefix, and that lost it by withdrawal; where Turned
}

// Any reports whether the announcement states a fact in the sense of §6.
func (f Facts) Any() bool {
	return len(f.Reported)+len(f.Young) > 0 || f.Inflated || f.Shortened || f.OriginNew
}
