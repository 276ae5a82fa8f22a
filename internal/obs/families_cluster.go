package obs

// clusterFamilies: who sees what, who runs what, and what is kept.
var clusterFamilies = map[Metric]Family{
	CoveragePeers: {
		"detour_coverage_peers",
		"peers of a collector: known, live (up and heard), silent, down, full4 and full6 (with a full table), learning, " +
			"and those that are not counted: stale, distrusted, ignored",
		Gauge,
		[]string{"collector", "state"},
	},
	CoverageEngine: {
		"detour_coverage_engine_timestamp_seconds",
		"engine time of the last update of the collector, in seconds since 1970",
		Gauge,
		[]string{"collector"},
	},
	CoverageFreshness: {
		"detour_coverage_freshness_seconds", "time since then; 0 where its clock is ahead",
		Gauge,
		[]string{"collector"},
	},
	CoverageIngesterSilent: {
		"detour_coverage_ingester_silent", "1 while nothing is heard of the ingester", Gauge, []string{"ingester"},
	},
	CoverageIngesterUnseen: {
		"detour_coverage_ingester_unseen_peers", "peers of the ingester of which nobody shows anything now",
		Gauge,
		[]string{"ingester"},
	},
	CoverageIngesterGaps: {
		"detour_coverage_ingester_gaps_total", "times that updates of the ingester were lost", Counter, []string{"ingester"},
	},
	CoverageState: {
		"detour_coverage_state", "1 for what alerts say of coverage now: complete, learning, degraded; 0 for the others",
		Gauge,
		[]string{"state"},
	},
	CoverageAge: {
		"detour_coverage_age_seconds", "time since the correlator last told its coverage; it does so each second",
		Gauge, nil,
	},

	CheckpointAge: {
		"detour_checkpoint_age_seconds", "time since the state was last saved; since the start before the first",
		Gauge,
		[]string{"unit"},
	},
	CheckpointBytes: {"detour_checkpoint_size_bytes", "size of the last checkpoint", Gauge, []string{"unit"}},
	CheckpointDuration: {
		"detour_checkpoint_duration_seconds", "time that the last checkpoint took",
		Gauge,
		[]string{"unit"},
	},
	CheckpointStop: {
		"detour_checkpoint_stop_seconds", "longest time for which the last checkpoint stopped its unit",
		Gauge,
		[]string{"unit"},
	},
	CheckpointSaved: {"detour_checkpoint_saved_total", "checkpoints saved", Counter, []string{"unit"}},
	CheckpointFailures: {
		"detour_checkpoint_failures_total",
		"checkpoints that failed, by step: copy, local, object, pointer, load (damaged or unreadable)",
		Counter,
		[]string{"unit", "step"},
	},
	CheckpointRestored: {
		"detour_checkpoint_restored_position", "sequence at which the unit began: 0 from the start of the log",
		Gauge,
		[]string{"unit"},
	},

	ClusterMembers:   {"detour_cluster_members", "processors heard lately, this one included", Gauge, nil},
	ClusterIngesters: {"detour_cluster_ingesters", "ingesters heard lately", Gauge, nil},
	ClusterUnits:     {"detour_cluster_units", "units that there are: shards and the correlator", Gauge, nil},
	ClusterRunning:   {"detour_cluster_running", "1 while this process runs the unit", Gauge, []string{"unit"}},
	ClusterFirst:     {"detour_cluster_first", "1 while this process ranks first for the unit", Gauge, []string{"unit"}},
	ClusterOwners: {
		"detour_cluster_owners", "members that say they run the unit, this one included",
		Gauge,
		[]string{"unit"},
	},
	ClusterCurrent: {
		"detour_cluster_owners_current", "those of them that are within a second of the log's end",
		Gauge,
		[]string{"unit"},
	},
	ClusterChanges: {
		"detour_cluster_changes_total", "units that this process began to run, left, or lost by an error",
		Counter,
		[]string{"change"},
	},
	ClusterRefused: {
		"detour_cluster_refused_total", "members beyond the bound (members), and unreadable heartbeats (heartbeats)",
		Counter,
		[]string{"reason"},
	},
	ClusterExcuses: {
		"detour_cluster_excuses_total", "times that this process found itself frozen or cut off", Counter, nil,
	},
}
