package obs

// judgeFamilies: judge, tell and act.
var judgeFamilies = map[Metric]Family{
	JudgeRanges:    {"detour_judge_ranges_total", "ranges of evidence judged", Counter, nil},
	JudgeRangesBad: {"detour_judge_ranges_bad_total", "ranges of evidence that could not be read", Counter, nil},
	JudgeRangesSkipped: {
		"detour_judge_ranges_skipped_total",
		"ranges left out: heartbeat (empty), duplicate, future (something before is missing), stale (of an older stream)",
		Counter,
		[]string{"reason"},
	},
	JudgeRecords: {"detour_judge_records_total", "records of evidence judged", Counter, nil},
	JudgeRecordsSkipped: {
		"detour_judge_records_skipped_total", "records of evidence that another owner's range held already",
		Counter, nil,
	},
	JudgeRecordsLate: {
		"detour_judge_records_late_total", "records earlier than their shard had promised; must be 0", Counter, nil,
	},
	JudgeRecordsHurried: {
		"detour_judge_records_hurried_total",
		"records that waited for a slower shard and were judged before it came, because there were too many", Counter, nil,
	},
	JudgeGroups:   {"detour_judge_groups_total", "updates judged", Counter, nil},
	JudgeElements: {"detour_judge_elements_total", "prefixes that shards applied, as they say", Counter, nil},
	JudgeGaps:     {"detour_judge_gaps_total", "gap events heard", Counter, nil},
	JudgeRestarts: {"detour_judge_restarts_total", "times that a shard's stream was made anew", Counter, nil},
	JudgeOpened:   {"detour_judge_opened_total", "incidents and prefix alerts opened", Counter, nil},
	JudgeResolved: {"detour_judge_resolved_total", "incidents and prefix alerts resolved", Counter, nil},
	JudgeHeldBack: {
		"detour_judge_held_back_total", "prefix alerts beyond the bound of those that fire at one time", Counter, nil,
	},
	JudgeNearMisses: {
		"detour_judge_near_misses_total", "candidates that passed all tests of a rule but one", Counter, nil,
	},
	JudgeFreshFacts: {
		"detour_judge_fresh_facts_total", "changed routes with a pair or an edge that was new", Counter, nil,
	},
	JudgeMigrations: {
		"detour_judge_migrations_total", "new AS numbers that took the place of old ones",
		Counter, nil,
	},
	JudgeIncidents: {"detour_judge_incidents_open", "incidents that are open", Gauge, nil},
	JudgeFiring:    {"detour_judge_alerts_firing", "prefix alerts that fire", Gauge, nil},
	JudgeWatermark: {
		"detour_judge_watermark_timestamp_seconds", "engine time to which every shard has come, in seconds since 1970",
		Gauge, nil,
	},
	JudgeMature: {
		"detour_judge_mature", "1 when the routes from before are known; rules that need them rest until then",
		Gauge, nil,
	},
	JudgeNoise: {"detour_judge_noise", "background of new pairs that the leak rule must rise above", Gauge, nil},
	JudgeBusy:  {"detour_judge_busy_seconds_total", "time spent judging and publishing", Counter, nil},
	JudgeRange: {
		"detour_judge_range_seconds", "time that judging one range takes, publishing included",
		Distribution, nil,
	},

	TellAlerts: {"detour_tell_alerts_total", "alert messages published", Counter, nil},
	TellAlertsMuted: {
		"detour_tell_alerts_muted_total", "not published: evidence of before this correlator started", Counter, nil,
	},
	TellAlertsKnown: {
		"detour_tell_alerts_known_total", "not published: another correlator had stored them", Counter, nil,
	},
	TellFlags: {"detour_tell_flags_total", "flags told", Counter, []string{"shard"}},
	TellFlagsHeld: {
		"detour_tell_flags_held_total", "flags held back by the bound on their rate", Counter, []string{"shard"},
	},
	TellFlagsLost: {"detour_tell_flags_lost_total", "flags that could not be sent", Counter, []string{"shard"}},
	TellFlagsOld: {
		"detour_tell_flags_old_total", "flags not told again while a new owner catches up", Counter, []string{"shard"},
	},
	TellReceiveToAlert: {
		"detour_tell_receive_to_alert_seconds",
		"from an ingester's receipt of the update that opened an alert until the alert was stored, by both clocks",
		Distribution, nil,
	},

	SinkAlerts:   {"detour_sink_alerts_total", "alert messages that a sink took", Counter, []string{"sink"}},
	SinkFailures: {"detour_sink_failures_total", "attempts that failed", Counter, []string{"sink"}},
	SinkReopens: {
		"detour_sink_reopens_total", "times that alerts had to be asked for again", Counter, []string{"sink"},
	},
	SinkRedelivered: {
		"detour_sink_redelivered_total", "alert messages delivered once more",
		Counter,
		[]string{"sink"},
	},
	SinkPending: {
		"detour_sink_pending_messages", "alert messages stored and not yet acked",
		Gauge,
		[]string{"sink"},
	},
	SinkPendingAge: {
		"detour_sink_pending_age_seconds", "age of the oldest alert message not yet acked; 0 without one",
		Gauge,
		[]string{"sink"},
	},
}
