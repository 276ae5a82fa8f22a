package fulltable

import (
	"iter"
	"slices"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// Merge yields the elements of several sources in order of time, if each of them
// is; at the same time the earlier source comes first.
func Merge(sources ...iter.Seq[scenario.Element]) iter.Seq[scenario.Element] {
	return func(yield func(scenario.Element) bool) {
		var heads []scenario.Element
		var nexts []func() (scenario.Element, bool)
		for _, s := range sources {
			next, stop := iter.Pull(s)
			defer stop()
			if e, ok := next(); ok {
				heads, nexts = append(heads, e), append(nexts, next)
			}
		}
		for len(heads) > 0 {
			first := 0
			for i := range heads {
				if heads[i].At < heads[first].At {
					first = i
				}
			}
			if !yield(heads[first]) {
				return
			}
			var ok bool
			if heads[first], ok = nexts[first](); !ok {
				heads, nexts = slices.Delete(heads, first, first+1), slices.Delete(nexts, first, first+1)
			}
		}
	}
}

// A made-up graph can host the events of package scenario.
var _ scenario.Relations = (*topo.Graph)(nil)

// nlriMax bounds the prefixes of one update.
const nlriMax = 200

// Updates yields elements of a table's peers as UPDATEs numbered on from after:
// what a peer sends at one moment with one path, and is alike in Bad, shares a
// message. Only KindUpdate is carried; session and update belong to the
// iteration and are overwritten by the next yield.
func Updates(
	t *topo.Table, after uint64, elements iter.Seq[scenario.Element],
) func(yield func(s *route.Session, u *route.Update, bad bool) bool) {
	return func(yield func(s *route.Session, u *route.Update, bad bool) bool) {
		sessions := slices.Clone(t.Sessions())
		var u route.Update
		var first scenario.Element // of the update that is being filled
		number := after
		flush := func() bool {
			if u.Elements() == 0 {
				return true
			}
			number++
			u.Number = number
			more := yield(&sessions[u.Peer], &u, first.Bad)
			u.Reset()
			return more
		}
		for e := range elements {
			if e.Kind != route.KindUpdate || int(e.Peer) >= len(sessions) {
				continue
			}
			if u.Elements() == nlriMax || u.Elements() > 0 && !together(first, e) {
				if !flush() {
					return
				}
			}
			if u.Elements() == 0 {
				first = e
				begin(&u, e, &sessions[e.Peer])
			}
			add(&u, e)
		}
		flush()
	}
}

// together reports whether two elements can share an update.
func together(a, b scenario.Element) bool {
	return a.At == b.At && a.Peer == b.Peer && a.Bad == b.Bad && a.Table == b.Table &&
		a.Prefix.Family == b.Prefix.Family && a.OTC == b.OTC && a.HasOTC == b.HasOTC &&
		(a.Path == nil) == (b.Path == nil) && slices.Equal(a.Path, b.Path) && slices.Equal(a.Communities, b.Communities)
}

// begin sets what all prefixes of an update share.
func begin(u *route.Update, e scenario.Element, s *route.Session) {
	u.Kind, u.Peer, u.Engine, u.Collected = route.KindUpdate, e.Peer, e.At, e.At
	if e.Table {
		u.Flags |= route.FlagTableDump
	}
	if e.Path == nil {
		return
	}
	u.Flags |= route.FlagHasOrigin | route.FlagHasPath
	u.Path.ASNs = append(u.Path.ASNs, e.Path...)
	u.Communities = e.Communities
	if e.HasOTC {
		u.Flags |= route.FlagHasOTC
		u.OTC = e.OTC
	}
	topo.SetNextHop(u, s, e.Prefix.Family)
}

func add(u *route.Update, e scenario.Element) {
	n, v4 := e.Prefix.NLRI(0), e.Prefix.Family == route.IPv4
	if e.Path == nil {
		u.Withdrawn = append(u.Withdrawn, n)
		if v4 {
			u.MPWithdrawn = len(u.Withdrawn)
		}
		return
	}
	u.Announced = append(u.Announced, n)
	if v4 {
		u.MPAnnounced = len(u.Announced)
	}
}
