package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"detour/route"
	"detour/stream"
)

// heardOf is what was heard of a deployment of one shard that is well, with this
// coverage.
func heardOf(c *stream.Coverage) *clusterView {
	return &clusterView{coverage: c, members: map[string]*stream.Heartbeat{"p1": {
		Member: "p1", Role: stream.RoleProcess,
		Units: []stream.UnitState{{Unit: stream.CorrelatorUnit, Current: true}, {Unit: 0, Current: true}},
	}}}
}

func TestStatusIsNeverAmbiguous(t *testing.T) {
	collector := func(c stream.CollectorCoverage) []stream.CollectorCoverage {
		c.Collector = "rrc00"
		return []stream.CollectorCoverage{c}
	}
	const start = route.Time(1e15)
	few := stream.CollectorCoverage{Peers: 21, Live: 20, Silent: 1, Stale: 1, Learning: 2, Full4: 12, Full6: 9}
	for name, tc := range map[string]struct {
		view *clusterView
		want string
	}{
		"nobody is heard": {&clusterView{}, "blind: no correlator told what it sees"},
		"no peer": {
			heardOf(&stream.Coverage{Mature: true, State: "complete"}), "blind: no peer is heard",
		},
		"all peers silent": {
			heardOf(&stream.Coverage{
				Mature: true, State: "degraded", Reasons: []string{"ingester a is silent since 10:00"},
				Collectors: collector(stream.CollectorCoverage{Peers: 3, Silent: 3}),
			}),
			"blind: ingester a is silent since 10:00; of 3 peers 3 are silent, 0 of these for long, and 0 distrusted; no peer",
		},
		"the first tables come": {
			heardOf(&stream.Coverage{
				State:      "learning",
				Collectors: collector(stream.CollectorCoverage{Peers: 13, Live: 13, Learning: 5, Full4: 13}),
			}),
			"learning, 61 % of peers have a full view",
		},
		"all tables are here, but small": {
			heardOf(&stream.Coverage{
				State:      "learning",
				Collectors: collector(stream.CollectorCoverage{Peers: 13, Live: 13, Full4: 13}),
			}),
			"learning, 100 % of peers have a full view; not every route from before is known",
		},
		"mature, but most peers have just begun": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true,
				Collectors: collector(stream.CollectorCoverage{Peers: 10, Live: 10, Learning: 9, Full4: 10}),
			}),
			"learning, 10 % of peers have a full view",
		},
		"watching, a few are missing": {
			heardOf(&stream.Coverage{State: "complete", Mature: true, ASNs: 12, Collectors: collector(few)}),
			"watching: 12 full-feed peers of IPv4, 9 of IPv6",
		},
		"updates were lost": {
			heardOf(&stream.Coverage{
				State: "degraded", Reasons: []string{"updates were lost shortly before"}, Mature: true,
				Collectors: collector(few),
			}),
			"degraded: 90 % of peers have a full view; updates were lost shortly before",
		},
		"many distrusted": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true,
				Collectors: collector(stream.CollectorCoverage{Peers: 10, Live: 8, Untrusted: 2, Full4: 8}),
			}),
			"degraded: of 10 peers 0 are silent, 0 of these for long, and 2 distrusted",
		},
		"a router is gone": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true, Watermark: start + route.Hour,
				Collectors: append(collector(few), stream.CollectorCoverage{Collector: "edge2", Peers: 9, Down: 9, Heard: start}),
			}),
			"degraded: 90 % of peers have a full view; collector edge2: no peer is live, 9 of 9 are down",
		},
		"a router was taken away": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true, Watermark: start + 25*route.Hour,
				Collectors: append(collector(few), stream.CollectorCoverage{Collector: "edge2", Peers: 9, Down: 9, Heard: start}),
			}),
			"watching: 12 full-feed peers",
		},
		"the ignored are not missed": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true,
				Collectors: collector(stream.CollectorCoverage{Peers: 10, Live: 5, Ignored: 5, Full4: 5}),
			}),
			"watching: 5 full-feed peers of IPv4, 0 of IPv6",
		},
		"many sessions with two networks": {
			heardOf(&stream.Coverage{State: "complete", Mature: true, ASNs: 2, Collectors: collector(
				stream.CollectorCoverage{Peers: 8, Live: 8, Full4: 8})}),
			"watching: 8 full-feed peers of IPv4, 0 of IPv6; of 2 AS numbers, fewer than 3: leaks can be told",
		},
		"no full feed": {
			heardOf(&stream.Coverage{
				State: "complete", Mature: true,
				Collectors: collector(stream.CollectorCoverage{Peers: 2, Live: 2}),
			}),
			"degraded: no peer has a full feed",
		},
		"nobody runs a shard": {
			&clusterView{coverage: &stream.Coverage{State: "complete", Mature: true, Collectors: collector(few)}},
			"degraded: 90 % of peers have a full view; nobody runs ",
		},
	} {
		s := statusOf(tc.view, 1)
		if !strings.HasPrefix(s.Line, tc.want) {
			t.Errorf("%s: %q, want %q", name, s.Line, tc.want)
		}
		if !strings.HasPrefix(s.Line, s.State) || (s.State == isWatching) != (len(s.Reasons) == 0 && s.State != isLearning) {
			t.Errorf("%s: state %s with reasons %q", name, s.State, s.Reasons)
		}
		if few := strings.Contains(s.Line, "hijacks cannot"); few != (s.State == isWatching && s.ASNs < 3) {
			t.Errorf("%s: with %d AS numbers %q", name, s.ASNs, s.Line)
		}
		var screen, text bytes.Buffer
		s.print(&screen)
		if first, _, _ := strings.Cut(screen.String(), "\n"); first != s.Line {
			t.Errorf("%s: the screen begins %q", name, first)
		}
		if err := writeJSON(&text, s); err != nil || !json.Valid(text.Bytes()) {
			t.Errorf("%s: %v, %s", name, err, text.String())
		}
	}
}
