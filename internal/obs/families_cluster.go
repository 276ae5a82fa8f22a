package obs

// clusterFamilies: who sees what, who runs what, and what is kept.
var clusterFamilies = map[Metric]Family{
	CoveragePeers: {
		"detour_coverage_peers", "peers of a collector: known, live (heard lately), full (with a full table)",
		Gauge,
		[]string{"collector", "state"},
	},
	CoverageEngine: {
		"detour_coverage_engine_timestamp_seconds", "engine time of the collector's last update, in seconds since 1970",
		Gauge,
		[]string{"collector"},
	},
	CoverageFreshness: {
		"detour_coverage_freshness_seconds", "time since the last update of the collector was applied",
		Gauge,
		[]string{"collector"},
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
	ClusterOwners: {
		"detour_cluster_owners", "members that say they run the unit, as this one hears",
		Gauge,
		[]string{"unit"},
	},
	ClusterChanges: {
		"detour_cluster_changes_total", "times that this process took a unit or left it",
		Counter,
		[]string{"unit", "change"},
	},
}
