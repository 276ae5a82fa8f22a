package obs

// logFamilies: frames into the log, and out of it again.
var logFamilies = map[Metric]Family{
	LogFrames: {"detour_log_frames_total", "frames stored in the log", Counter, []string{"ingester"}},
	LogBytes:  {"detour_log_bytes_total", "bytes of the frames stored", Counter, []string{"ingester"}},
	LogStored: {
		"detour_log_send_to_stored_seconds", "from the first sending of a frame until the log had stored it",
		Distribution,
		[]string{"ingester"},
	},
	LogResends:  {"detour_log_resends_total", "frames sent once more", Counter, []string{"ingester"}},
	LogTimeouts: {"detour_log_timeouts_total", "times that no ack came in time", Counter, []string{"ingester"}},
	LogRefusals: {
		"detour_log_refusals_total", "errors that came in place of an ack",
		Counter,
		[]string{"ingester"},
	},
	LogHoldbacks: {
		"detour_log_holdbacks_total", "times that a source waited for lagging processors",
		Counter,
		[]string{"ingester"},
	},
	LogDroppedUpdates: {
		"detour_log_dropped_updates_total",
		"updates lost because the spill buffer was full; one that several shards lost counts in each",
		Counter,
		[]string{"ingester"},
	},
	LogDroppedElements: {
		"detour_log_dropped_elements_total", "announced and withdrawn prefixes in the lost updates",
		Counter,
		[]string{"ingester"},
	},
	LogGaps: {
		"detour_log_gaps_total", "gap events written, so that processors know of the loss",
		Counter,
		[]string{"ingester"},
	},
	LogOversize: {
		"detour_log_oversize_frames_total", "frames larger than the log takes, lost", Counter, []string{"ingester"},
	},
	LogSpill: {
		"detour_log_spill_bytes", "bytes that wait in memory for the log", Gauge, []string{"ingester"},
	},
	LogSpillLimit: {
		"detour_log_spill_limit_bytes", "bytes that may wait; beyond them updates are lost",
		Gauge,
		[]string{"ingester"},
	},
	LogEpoch: {
		"detour_log_epoch", "number of the ingester's present life; it rises with each restart",
		Gauge,
		[]string{"ingester"},
	},

	ReaderMessages: {"detour_reader_messages_total", "messages read from a stream", Counter, []string{"unit"}},
	ReaderBytes:    {"detour_reader_bytes_total", "bytes of the messages read", Counter, []string{"unit"}},
	ReaderPosition: {"detour_reader_position", "sequence of the last message handled", Gauge, []string{"unit"}},
	ReaderEnd: {
		"detour_reader_end", "sequence of the last message that the stream is known to hold",
		Gauge,
		[]string{"unit"},
	},
	ReaderLag: {"detour_reader_lag_messages", "messages stored and not yet handled", Gauge, []string{"unit"}},
	ReaderDuplicates: {
		"detour_reader_duplicates_total", "messages delivered again, and left out", Counter, []string{"unit"},
	},
	ReaderHoles: {
		"detour_reader_holes_total", "places where the stream lacks messages",
		Counter,
		[]string{"unit"},
	},
	ReaderMissing: {
		"detour_reader_missing_total", "messages that the stream lacks: gone before they were read",
		Counter,
		[]string{"unit"},
	},
	ReaderOpens: {
		"detour_reader_opens_total", "consumers made; each beyond the first is a repair", Counter, []string{"unit"},
	},
	ReaderLost: {
		"detour_reader_lost_total", "deliveries that did not arrive, and were asked for again",
		Counter,
		[]string{"unit"},
	},
	ReaderSilences: {
		"detour_reader_silences_total", "missing heartbeats and lost connections",
		Counter,
		[]string{"unit"},
	},
	ReaderStalls: {
		"detour_reader_stalls_total", "consumers that stood still before the end of the stream",
		Counter,
		[]string{"unit"},
	},
	ReaderFailures: {
		"detour_reader_failures_total", "requests to JetStream that failed",
		Counter,
		[]string{"unit"},
	},
}
