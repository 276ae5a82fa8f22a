package main

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"detour/internal/config"
	"detour/processor/correlate"
)

// detectConfig reads what the section "detect" names. It means what the flags of
// detour replay mean.
func detectConfig(d *config.Detect, w io.Writer) (correlate.Config, error) {
	j := judgingFlags{learn: d.Learn, mature: d.Mature, outsideFlags: outsideFlags{
		relationships: d.ASRel, vrps: d.VRPs, watch: d.Watch, names: d.Names,
		ignored: d.Peers.Ignore,
	}}
	for _, kind := range slices.Sorted(maps.Keys(d.Lists)) {
		j.lists = append(j.lists, kind+"="+d.Lists[kind])
	}
	cfg, err := j.config(w)
	if err != nil {
		err = errors.New(detectKeys.Replace(err.Error()))
	}
	return cfg, err
}

// detectKeys names keys in the place of flags.
var detectKeys = strings.NewReplacer("--as-rel", "detect.as_rel", "--vrps", "detect.vrps", "--watch", "detect.watch",
	"--names", "detect.names", "--list", "detect.lists", "--learn", "detect.learn", "--mature", "detect.mature",
	"--ignore-peer", "detect.peers.ignore")
