package processor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"detour/route"
	"detour/wire"
)

// counted is one number of a Census or Origin record.
type counted struct {
	shard uint32
	at    moments
	what  string
	level bool // the number now; else an increase
	n     int64
}

// counts takes a record apart.
func counts(shard uint32, l *line) []counted {
	at := moments{l.Engine, l.Number}
	if l.Kind == wire.RecordOrigin {
		return []counted{{shard, at, fmt.Sprintf("origin %v", l.Origin), false, l.Delta}}
	}
	_, peer, _ := strings.Cut(l.text, "peer ")
	peer, _, _ = strings.Cut(peer, " ")
	what := fmt.Sprintf("%s %v", peer, l.Prefix)
	byDefault := int64(0)
	if l.Flags&wire.RecordDefault != 0 {
		byDefault = 1
	}
	return []counted{
		{shard, at, what + " again", false, l.Delta},
		{shard, at, what + " default", true, byDefault},
		{shard, at, what + " routes", true, int64(l.Routes)},
		{shard, at, what + " raised", l.Peer == route.AllPeers, int64(l.Raised)},
	}
}

// sums adds up over the shards: a line for each moment at which a sum is another
// than before, or something increased.
func sums(t testing.TB, all []counted) (out []string) {
	t.Helper()
	levels, told := map[string]map[uint32]int64{}, map[string]int64{}
	slices.SortStableFunc(all, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.at.engine, b.at.engine), cmp.Compare(a.at.number, b.at.number),
			cmp.Compare(a.what, b.what))
	})
	for i := 0; i < len(all); {
		k, sum := i, int64(0)
		for ; i < len(all) && all[i].at == all[k].at && all[i].what == all[k].what; i++ {
			c := all[i]
			if !c.level {
				sum += c.n
				continue
			}
			if levels[c.what] == nil {
				levels[c.what] = map[uint32]int64{}
			}
			levels[c.what][c.shard] = c.n
		}
		if all[k].level {
			for _, n := range levels[all[k].what] {
				sum += n
			}
			if sum == told[all[k].what] {
				continue
			}
			told[all[k].what] = sum
		}
		if sum != 0 || all[k].level {
			out = append(out, fmt.Sprintf("%d %d %s %d", all[k].at.engine, all[k].at.number, all[k].what, sum))
		}
	}
	return out
}
