package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"detour/route"
)

// faults is the slow judge of a case: what no case may do, whatever its kind.
func faults(k *Knowledge, c *Case) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	peers := slices.Concat(k.bg.Peers, c.NewPeers)
	check := func(what string, i int, e Element) {
		if int(e.Peer) >= len(peers) {
			bad("%s %d: peer %d of %d", what, i, e.Peer, len(peers))
			return
		}
		if e.Kind != route.KindUpdate {
			return
		}
		if e.Prefix == (route.Prefix{}) || route.PrefixFrom(e.Prefix.Netip()) != e.Prefix {
			bad("%s %d: prefix %v", what, i, e.Prefix)
		}
		if k.resent(e) {
			return
		}
		seen := map[route.ASN]int{}
		for j, a := range e.Path {
			if last, ok := seen[a]; ok && last != j-1 {
				bad("%s %d: loop in %v", what, i, e.Path)
			}
			seen[a] = j
			if !a.Public() {
				bad("%s %d: AS%v in %v", what, i, a, e.Path)
			}
		}
		if len(e.Path) > 0 && e.Path[0] != peers[e.Peer].ASN && !k.mayHide(c, e) {
			bad("%s %d: peer AS%v says %v", what, i, peers[e.Peer].ASN, e.Path)
		}
	}
	for i, e := range c.Prime {
		check("prime", i, e)
		if !e.Table || e.Kind != route.KindUpdate || e.Path == nil || e.Bad {
			bad("prime %d is no table entry: %+v", i, e)
		}
	}
	if len(c.Elements) == 0 && c.VRPs == nil {
		bad("nothing happens")
	}
	marked := 0
	for i, e := range c.Elements {
		check("element", i, e)
		if e.At < k.until || i > 0 && e.At < c.Elements[i-1].At {
			bad("element %d: time %v", i, e.At-k.until)
		}
		if e.Table {
			bad("element %d: table entry", i)
		}
		if e.Bad {
			marked++
		}
	}
	if (c.Want != nil) != (marked > 0) {
		bad("%d bad elements, want %v", marked, c.Want)
	}
	if c.Kind == "" || c.Name == "" {
		bad("no name")
	}
	return out
}

// resent reports whether a path is one that the background itself has, odd as it
// may be, perhaps behind a new peer.
func (k *Knowledge) resent(e Element) bool {
	n, ok := k.index[e.Prefix]
	return ok && slices.ContainsFunc(k.at(n), func(s slot) bool {
		raw := k.raw(s)
		return len(e.Path) > 0 && (slices.Equal(e.Path, raw) || slices.Equal(e.Path[1:], raw))
	})
}

// mayHide reports whether the peer of e is a route server.
func (k *Knowledge) mayHide(c *Case, e Element) bool {
	if int(e.Peer) < len(k.bg.Peers) {
		return k.isServer(e.Peer)
	}
	return strings.Contains(c.Kind, "route-server")
}

// sound fails t for each fault of a case, and when make gives something else
// the second time.
func sound(t *testing.T, k *Knowledge, make func() (*Case, error)) *Case {
	t.Helper()
	c, err := make()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range faults(k, c) {
		if i == 5 {
			t.Error("…")
			break
		}
		t.Errorf("%s: %s: %s", c.Kind, c.Name, f)
	}
	again, err := make()
	if err != nil || !reflect.DeepEqual(c, again) {
		t.Errorf("%s: the second time it is another case: %v", c.Kind, err)
	}
	return c
}
