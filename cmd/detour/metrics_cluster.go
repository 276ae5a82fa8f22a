package main

import (
	"time"

	"detour/alert"
	"detour/internal/obs"
	"detour/processor/cluster"
	"detour/processor/node"
	"detour/stream"
)

// clusterMetrics tells of membership as this process knows it.
func clusterMetrics(stats func() *cluster.Stats, shards int) obs.Source {
	return func(emit obs.Emit) {
		s := stats()
		emit(obs.ClusterMembers, float64(len(s.Others)+1))
		emit(obs.ClusterUnits, float64(shards+1))
		for change, n := range map[string]uint64{"start": s.Starts, "stop": s.Stops, "failure": s.Failures} {
			emit(obs.ClusterChanges, float64(n), change)
		}
		emit(obs.ClusterRefused, float64(s.MembersRefused), "members")
		emit(obs.ClusterRefused, float64(s.BadHeartbeats), "heartbeats")
		emit(obs.ClusterExcuses, float64(s.Excuses))
		emitUnits(emit, s, shards)
	}
}

// emitUnits tells who runs what.
func emitUnits(emit obs.Emit, s *cluster.Stats, shards int) {
	const correlator = stream.CorrelatorUnit // -1: the first of all units
	running, first := make([]bool, shards+1), make([]bool, shards+1)
	owners, current := make([]int, shards+1), make([]int, shards+1)
	count := func(list []stream.UnitState, own bool) {
		for _, u := range list {
			if i := u.Unit - correlator; i >= 0 && i <= shards {
				owners[i]++
				current[i] += int(obs.Bool(u.Current))
				running[i] = running[i] || own
			}
		}
	}
	count(s.Units, true)
	for _, h := range s.Others {
		count(h.Units, false)
	}
	for _, u := range s.First {
		if i := u - correlator; i >= 0 && i <= shards {
			first[i] = true
		}
	}
	for i := range owners {
		unit := stream.UnitName(i + correlator)
		emit(obs.ClusterOwners, float64(owners[i]), unit)
		emit(obs.ClusterCurrent, float64(current[i]), unit)
		emit(obs.ClusterRunning, obs.Bool(running[i]), unit)
		emit(obs.ClusterFirst, obs.Bool(first[i]), unit)
	}
}

// coverageMetrics tells of the coverage that was last heard, and when; nil before
// the first.
func coverageMetrics(last func() (*stream.Coverage, time.Time)) obs.Source {
	return func(emit obs.Emit) {
		c, heard := last()
		if c == nil {
			return
		}
		now := time.Now()
		emit(obs.CoverageAge, max(0, now.Sub(heard)).Seconds())
		for _, s := range []alert.CoverageState{alert.CoverageComplete, alert.CoverageLearning, alert.CoverageDegraded} {
			emit(obs.CoverageState, obs.Bool(c.State == string(s)), string(s))
		}
		for i := range c.Collectors {
			emitCollector(emit, &c.Collectors[i], now)
		}
		for _, in := range c.Ingesters {
			emit(obs.CoverageIngesterSilent, obs.Bool(in.Silent), in.Ingester)
			emit(obs.CoverageIngesterUnseen, float64(in.Unseen), in.Ingester)
			emit(obs.CoverageIngesterGaps, float64(in.Gaps), in.Ingester)
		}
	}
}

func emitCollector(emit obs.Emit, c *stream.CollectorCoverage, now time.Time) {
	for state, n := range map[string]int{
		"known": c.Peers, "live": c.Live, "silent": c.Silent, "down": c.Down,
		"full4": c.Full4, "full6": c.Full6, "learning": c.Learning,
		"stale": c.Stale, "distrusted": c.Untrusted, "ignored": c.Ignored,
	} {
		emit(obs.CoveragePeers, float64(n), c.Collector, state)
	}
	if c.Heard > 0 {
		emit(obs.CoverageEngine, unix(c.Heard), c.Collector)
		emit(obs.CoverageFreshness, max(0, now.Sub(c.Heard.Std())).Seconds(), c.Collector)
	}
}

// checkpointMetrics tells of the checkpoints of the units that run here, by name.
func checkpointMetrics(views func() map[string]node.KeptView) obs.Source {
	return func(emit obs.Emit) {
		for unit, v := range views() {
			emit(obs.CheckpointAge, max(0, time.Since(v.Last)).Seconds(), unit)
			emit(obs.CheckpointBytes, float64(v.Bytes), unit)
			emit(obs.CheckpointDuration, v.Took.Seconds(), unit)
			emit(obs.CheckpointStop, v.Stood.Seconds(), unit)
			emit(obs.CheckpointSaved, float64(v.Saved), unit)
			emit(obs.CheckpointRestored, float64(v.Restored), unit)
			for _, step := range []string{"copy", "local", "object", "pointer", "load"} {
				emit(obs.CheckpointFailures, float64(v.Failed[step]), unit, step)
			}
		}
	}
}
