package correlate

import "detour/route"

// Rules names the thresholds of DETECTION §7. The zero value of a field means
// its default.
type Rules struct {
	ScaleOrigins, ScalePrefixes int // S: 30 and 60
	ScaleRatio                  int // S: 4
	SmallOrigins, SmallPrefixes int // F, V: 5 and 10; ratio 1/2
	NeverOrigins, NeverPrefixes int // Z: 60 and 120
	EdgeOrigins, EdgePrefixes   int // E: 5 and 10
	EdgeRatio                   int // E: 1
	GroupPrefixes, GroupPeers   int // G: 20 and 3
	ColdRatio                   int // without maturity, everywhere: 10
	Observed                    int // x was seen so often, in whatever role: 20
	ObservedRatio               int // and so much more often than on-path: 5
	SeveralFrom                 int // next hops that show a shape: 3
	TopFromPercent              int // and the largest share of one: 80
}

func (r Rules) withDefaults() Rules {
	for _, d := range []struct {
		v  *int
		to int
	}{
		{&r.ScaleOrigins, 30},
		{&r.ScalePrefixes, 60},
		{&r.ScaleRatio, 4},
		{&r.SmallOrigins, 5},
		{&r.SmallPrefixes, 10},
		{&r.NeverOrigins, 60},
		{&r.NeverPrefixes, 120},
		{&r.EdgeOrigins, 5},
		{&r.EdgePrefixes, 10},
		{&r.EdgeRatio, 1},
		{&r.GroupPrefixes, 20},
		{&r.GroupPeers, 3},
		{&r.ColdRatio, 10},
		{&r.Observed, 20},
		{&r.ObservedRatio, 5},
		{&r.SeveralFrom, 3},
		{&r.TopFromPercent, 80},
	} {
		def(d.v, d.to)
	}
	return r
}

// Test is one condition of a rule, for people.
type Test struct {
	What       string
	Have, Need int // Have ≥ Need holds; both 0 or 1 for yes and no
	YesNo      bool
	Holds      bool
}

// Verdict is what one rule says of a candidate.
type Verdict struct {
	Rule   string
	Holds  bool
	Failed int // tests
	Tests  []Test
}

// verdict collects the tests of a rule; it lists them only when asked to.
type verdict struct {
	failed int
	list   []Test
	keep   bool
}

func (v *verdict) test(what string, have, need int, holds bool) {
	if !holds {
		v.failed++
	}
	if v.keep {
		v.list = append(v.list, Test{What: what, Have: have, Need: need, Holds: holds})
	}
}

func (v *verdict) atLeast(what string, have, need int) { v.test(what, have, need, have >= need) }

func (v *verdict) holds(what string, ok bool) {
	have := 0
	if ok {
		have = 1
	}
	v.test(what, have, 1, ok)
	if v.keep {
		v.list[len(v.list)-1].YesNo = true
	}
}

// Inputs are what the rules look at.
type Inputs struct {
	AS                                        route.ASN
	Origins, Contrast, Prefixes, Peers        int
	Facts, Inflated, Flips, Valleys, Adjacent int
	MoreSpecifics, OTC                        int
	Seen                                      int // origins that it was on-path for before
	Base                                      int // the same, or its direct customers in the file, if more
	Observed                                  int
	Noise                                     int
	ExportedTo, LearnedFrom                   route.ASN
	TopTo, TopFrom                            int // percent of the facts
	DistinctFrom                              int
	Known, Mature, InFile, Again              bool
	First                                     route.Time

	to, from asID
}

func (in *Inputs) flipped() bool { return in.Facts > 0 && 2*in.Flips >= in.Facts }
func (in *Inputs) inValley() bool {
	return in.Facts > 0 && 2*in.Valleys >= in.Facts
}

// marked reports that half of the routes should not have come here (RFC 9234).
func (in *Inputs) marked() bool { return in.Facts > 0 && 2*in.OTC >= in.Facts }

// vantageSide reports that x stands next to the only vantage points that show it.
func (in *Inputs) vantageSide() bool { return in.Peers < 3 && 2*in.Adjacent > in.Facts }

// ratio compares contrast/(base+1) with num/den, with the cold ratio where the
// engine is not mature.
func (in *Inputs) ratio(v *verdict, r *Rules, num, den int) {
	if !in.Mature && num < r.ColdRatio*den {
		num, den = r.ColdRatio, 1
	}
	need := (num*(in.Base+1) + den - 1) / den
	v.atLeast("origins with contrast, against those it was on the way to before", in.Contrast, need)
}

// common holds the tests that every rule shares.
func (in *Inputs) common(v *verdict) {
	v.holds("known well enough to say that it was not on the way", in.Known)
}

// rule is one way to open a leak incident.
type rule struct {
	name  string
	unit  unit
	tests func(in *Inputs, r *Rules, v *verdict)
}

// leakRules in the order in which they are asked; the first that holds names
// the incident.
var leakRules = [...]rule{
	{"flip", byPair, flipRule},
	{"valley", byPair, valleyRule},
	{"scale", byPair, scaleRule},
	{"never-seen", byPair, neverRule},
	{"again", byPair, againRule},
	{"edge", byEdge, edgeRule},
	{"group", byPair, groupRule},
	{"group", byEdge, groupRule},
}

func (in *Inputs) shaped(r *Rules) bool {
	return in.flipped() || in.DistinctFrom >= r.SeveralFrom && in.TopFrom <= r.TopFromPercent ||
		in.inValley() && in.DistinctFrom >= 2
}

func scaleRule(in *Inputs, r *Rules, v *verdict) {
	in.common(v)
	v.holds("several next hops, or flips, or valleys", in.shaped(r))
	v.holds("not only next to one or two vantage points", !in.vantageSide())
	v.atLeast("origins with contrast", in.Contrast, max(r.ScaleOrigins, in.Noise))
	v.atLeast("prefixes", in.Prefixes, r.ScalePrefixes)
	in.ratio(v, r, r.ScaleRatio, 1)
}

func flipRule(in *Inputs, r *Rules, v *verdict) {
	in.common(v)
	v.holds("half of the facts against the known direction", in.flipped())
	v.atLeast("origins with contrast", in.Contrast, r.SmallOrigins)
	v.atLeast("prefixes", in.Prefixes, r.SmallPrefixes)
	in.ratio(v, r, 1, 2)
}

func valleyRule(in *Inputs, r *Rules, v *verdict) {
	in.common(v)
	v.holds("half of the facts between providers or peers of it", in.inValley())
	v.holds("several next hops, or flips, or valleys", in.shaped(r))
	v.atLeast("origins with contrast", in.Contrast, r.SmallOrigins)
	v.atLeast("prefixes", in.Prefixes, r.SmallPrefixes)
	in.ratio(v, r, 1, 2)
}

func neverRule(in *Inputs, r *Rules, v *verdict) {
	v.holds("every route from before is known", in.Mature)
	v.holds("never seen on the way to anybody", in.Seen == 0)
	v.holds("no customers in the file, or half of the facts in valleys", in.Base == 0 || in.inValley())
	v.holds("not only next to one or two vantage points", !in.vantageSide())
	origins, prefixes := r.NeverOrigins, r.NeverPrefixes
	if in.inValley() {
		origins, prefixes = r.ScaleOrigins, r.ScalePrefixes
	}
	v.atLeast("origins with contrast", in.Contrast, max(origins, in.Noise))
	v.atLeast("prefixes", in.Prefixes, prefixes)
}

// againRule opens an incident that was closed a short time ago with less.
func againRule(in *Inputs, r *Rules, v *verdict) {
	v.holds("leaked within the last half an hour, from or to the same neighbour", in.Again)
	v.atLeast("origins with contrast", in.Contrast, 2)
	v.atLeast("prefixes", in.Prefixes, r.SmallPrefixes/2)
}

func edgeRule(in *Inputs, r *Rules, v *verdict) {
	in.common(v)
	// Who has several providers takes routes from each of them in turn, and
	// nothing but a file can tell that from a leak for sure.
	v.holds("half of the facts in valleys or, of who is in no file, against the known direction",
		in.inValley() || in.flipped() && !in.InFile)
	v.holds("not only next to one or two vantage points", !in.vantageSide())
	v.holds("contrast for a tenth of the origins: no table that has just begun", 10*in.Contrast >= in.Origins)
	v.atLeast("origins with contrast", in.Contrast, r.EdgeOrigins)
	v.atLeast("prefixes", in.Prefixes, r.EdgePrefixes)
	in.ratio(v, r, r.EdgeRatio, 1)
}

func groupRule(in *Inputs, r *Rules, v *verdict) {
	in.common(v)
	v.holds("valleys, flips or only-to-customer marks",
		in.inValley() || in.marked() || in.flipped())
	v.holds("one to four origins", in.Contrast >= 1 && in.Contrast <= 4)
	v.atLeast("prefixes", in.Prefixes, r.GroupPrefixes)
	v.atLeast("peers", in.Peers, r.GroupPeers)
	// One to four origins that take a new provider look like a leak but for
	// this, where no file and no mark says that it is one.
	if !in.Mature || !in.inValley() && !in.marked() {
		in.ratio(v, r, 1, 2)
	}
}
