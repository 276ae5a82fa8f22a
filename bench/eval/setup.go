package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"detour/alert"
	"detour/internal/scenario"
	"detour/processor"
	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// Setup is what a detector is told before a run.
type Setup struct {
	Learn  route.Time // 0 is auto
	Mature bool       // by the user's word; false leaves it to the evidence
	Rel    *reference.Relationships
	VRPs   []correlate.VRPs
	Names  *reference.Names
	Watch  *reference.Watch

	Shards, FrameUpdates, RangeFrames int
	Live                              bool
	Tell                              func(*alert.Alert) // each message; may be nil
	// Opening is told how long after an update was added the incident that it
	// opened was emitted; may be nil.
	Opening func(time.Duration)
	costs   *costs // what judging costs is measured; may be nil
}

// with adds what a case itself brings: VRPs and watched prefixes.
func (s Setup) with(c *scenario.Case) (Setup, error) {
	if len(c.VRPs) > 0 {
		set, err := vrpsOf(c.VRPs)
		if err != nil {
			return s, err
		}
		s.VRPs = []correlate.VRPs{{Set: set}}
	}
	if len(c.Watch) > 0 {
		origin := route.ASN(0)
		if c.Want != nil {
			origin = c.Want.Origin
		}
		var list []Watched
		for _, p := range c.Watch {
			list = append(list, Watched{Prefix: p, Origin: origin})
		}
		watch, err := WatchOf(list)
		if err != nil {
			return s, err
		}
		s.Watch = watch
	}
	return s, nil
}

// Watched is a prefix that a user watches, and whose it is; 0 is not said.
type Watched struct {
	Prefix route.Prefix
	Origin route.ASN
}

// WatchOf returns the list as a watch file gives it.
func WatchOf(list []Watched) (*reference.Watch, error) {
	var b strings.Builder
	for _, w := range list {
		fmt.Fprintf(&b, "%q:\n  description: watched\n", w.Prefix.String())
		if w.Origin != 0 {
			fmt.Fprintf(&b, "  asn: [%d]\n", w.Origin)
		}
	}
	return reference.ReadWatch(strings.NewReader(b.String()), "watch")
}

// vrpsOf returns the list as a validator's export gives it.
func vrpsOf(list []scenario.VRP) (*reference.VRPs, error) {
	type roa struct {
		Prefix string `json:"prefix"`
		Max    uint8  `json:"maxLength"`
		ASN    uint32 `json:"asn"`
		TA     string `json:"ta"`
	}
	var export struct {
		ROAs []roa `json:"roas"`
	}
	for _, v := range list {
		export.ROAs = append(export.ROAs, roa{v.Prefix.String(), v.MaxLength, uint32(v.Origin), "eval"})
	}
	data, err := json.Marshal(export)
	if err != nil {
		return nil, fmt.Errorf("write VRPs: %w", err)
	}
	return reference.ReadVRPs(bytes.NewReader(data))
}

// config is the Line's configuration.
func (s Setup) config() processor.LineConfig {
	c := processor.LineConfig{
		Shards: s.Shards, FrameUpdates: s.FrameUpdates, RangeFrames: s.RangeFrames,
		Correlate: correlate.Config{
			Learn: s.Learn,
			Outside: correlate.Outside{
				Relationships: s.Rel, VRPs: s.VRPs, Names: s.Names, Lists: reference.DefaultLists(), Watch: s.Watch,
			},
		},
	}
	if s.Mature {
		c.Correlate.Maturity = correlate.MatureYes
	}
	if s.costs != nil {
		c.Judged = s.costs.take
	}
	if s.Live {
		c.Correlate.Mode = correlate.Live
	}
	if s.Watch != nil {
		c.Watched = func(p route.Prefix, origin route.ASN) bool {
			return s.Watch.Match(p) != nil || s.Watch.ASN(origin) != nil
		}
	}
	return c
}
