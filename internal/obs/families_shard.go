package obs

// shardFamilies: own and apply.
var shardFamilies = map[Metric]Family{
	ShardFrames: {"detour_shard_frames_total", "frames applied", Counter, []string{"shard"}},
	ShardFramesCopies: {
		"detour_shard_frames_copies_total", "frames seen before, or sent before their time, and left out",
		Counter,
		[]string{"shard"},
	},
	ShardFramesBehind: {
		"detour_shard_frames_behind_total", "frames of a life of their ingester that has ended, refused",
		Counter,
		[]string{"shard"},
	},
	ShardFramesBad: {
		"detour_shard_frames_bad_total", "frames that could not be read, by sender; empty where that is unreadable, too",
		Counter,
		[]string{"shard", "ingester"},
	},
	ShardFramesRefused: {
		"detour_shard_frames_refused_total",
		"frames with times that cannot be, too much work, or beyond a bound, by sender; sessions beyond theirs, too",
		Counter,
		[]string{"shard", "ingester"},
	},
	ShardFramesSkipped: {
		"detour_shard_frames_skipped_total", "frames left out because they stopped the shard before, by sender",
		Counter,
		[]string{"shard", "ingester"},
	},
	ShardFramesAhead: {
		"detour_shard_frames_ahead_total", "frames refused because their times or epoch cannot be: a clock is off",
		Counter,
		[]string{"shard"},
	},
	ShardFramesHeavy: {
		"detour_shard_frames_heavy_total", "frames given up because they asked for too much work", Counter, []string{"shard"},
	},
	ShardFramesKept: {
		"detour_shard_frames_quarantined_total", "frames put aside for people to look at", Counter, []string{"shard"},
	},
	ShardUpdates: {"detour_shard_updates_total", "updates and events applied", Counter, []string{"shard"}},
	ShardUpdatesUnknownPeer: {
		"detour_shard_updates_unknown_peer_total", "updates of a peer that no frame introduced, left out",
		Counter,
		[]string{"shard"},
	},
	ShardElements: {
		"detour_shard_elements_total", "announced and withdrawn prefixes applied, for which the shard speaks",
		Counter,
		[]string{"shard"},
	},
	ShardElementsCover: {
		"detour_shard_elements_cover_total", "those that are kept only as a cover of others",
		Counter,
		[]string{"shard"},
	},
	ShardGaps: {
		"detour_shard_gaps_total", "places where frames of an ingester were missing", Counter, []string{"shard"},
	},
	ShardLag: {
		"detour_shard_lag_seconds", "age of the frame at hand while messages wait; 0 at the end of the log",
		Gauge,
		[]string{"shard"},
	},
	ShardPrefixes: {
		"detour_shard_prefixes", "prefixes known, for which the shard speaks", Gauge, []string{"shard", "family"},
	},
	ShardPeers:   {"detour_shard_peers", "vantage points known", Gauge, []string{"shard"}},
	ShardRecords: {"detour_shard_records_total", "records of evidence written", Counter, []string{"shard"}},
	ShardRecordsRefused: {
		"detour_shard_records_refused_total", "records of evidence beyond the size of one range, lost",
		Counter,
		[]string{"shard"},
	},
	ShardPathsCut: {
		"detour_shard_paths_cut_total", "AS paths too long to be kept whole", Counter, []string{"shard"},
	},
	ShardSweeps: {
		"detour_shard_sweeps_total", "times that tables were cleared of unused entries",
		Counter,
		[]string{"shard"},
	},
	ShardApply: {"detour_shard_apply_seconds_total", "time spent applying frames", Counter, []string{"shard"}},
	ShardApplyFrame: {
		"detour_shard_apply_frame_seconds", "time that applying one frame takes", Distribution, []string{"shard"},
	},
	ShardApplySlowest: {
		"detour_shard_apply_slowest_seconds", "time that the slowest frame took", Gauge, []string{"shard"},
	},
	ShardReceiveToApplied: {
		"detour_shard_receive_to_applied_seconds", "from an ingester's receipt until applied, by both clocks",
		Distribution,
		[]string{"shard"},
	},

	TableEntries: {"detour_table_entries", "entries in a bounded table", Gauge, []string{"unit", "table"}},
	TableLimit: {
		"detour_table_limit_entries", "entries that the table may hold",
		Gauge,
		[]string{"unit", "table"},
	},
	TableRefused: {
		"detour_table_refused_total", "entries that found no room: detection goes on without them",
		Counter,
		[]string{"unit", "table"},
	},
}
