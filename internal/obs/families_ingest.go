package obs

// ingestFamilies: read and decode.
var ingestFamilies = map[Metric]Family{
	IngestUpdates: {
		"detour_ingest_updates_total", "updates and events handed to the log", Counter, []string{"ingester"},
	},
	IngestElements: {
		"detour_ingest_elements_total", "announced and withdrawn prefixes in those updates",
		Counter,
		[]string{"ingester"},
	},
	IngestReadBytes: {
		"detour_ingest_read_bytes_total", "bytes read from a source, as stored or sent",
		Counter,
		[]string{"ingester"},
	},
	IngestSizeBytes: {
		"detour_ingest_size_bytes", "size of the recordings that are played; 0 when not known",
		Gauge,
		[]string{"ingester"},
	},
	IngestReplayed: {
		"detour_ingest_replayed_updates_total", "updates played from recordings", Counter, []string{"ingester"},
	},
	IngestEngine: {
		"detour_ingest_engine_timestamp_seconds", "engine time of the source's last update, in seconds since 1970",
		Gauge,
		[]string{"ingester"},
	},
	IngestPriming: {
		"detour_ingest_priming", "1 while the source gives tables that are no news", Gauge, []string{"ingester"},
	},
	IngestRecords: {
		"detour_ingest_records_total", "MRT records read whole", Counter, []string{"ingester"},
	},
	IngestRecordsBad: {
		"detour_ingest_records_bad_total", "MRT records, or entries of one, that were not used",
		Counter,
		[]string{"ingester", "reason"},
	},
	IngestResyncs: {
		"detour_ingest_resyncs_total", "times that the next MRT record had to be searched for",
		Counter,
		[]string{"ingester"},
	},
	IngestDecoded: {
		"detour_ingest_decoded_total", "BGP UPDATE messages decoded", Counter, []string{"ingester"},
	},
	IngestTreatAsWithdraw: {
		"detour_ingest_treat_as_withdraw_total",
		"messages whose announced routes became withdrawals, as RFC 7606 asks", Counter,
		[]string{"ingester"},
	},
	IngestUndecodable: {
		"detour_ingest_undecodable_total", "messages and attribute blocks refused: their routes are unknown",
		Counter,
		[]string{"ingester"},
	},
	IngestDecodeErrors: {
		"detour_ingest_decode_errors_total", "what was wrong with messages, repaired ones included",
		Counter,
		[]string{"ingester", "reason"},
	},
	IngestMessages: {
		"detour_ingest_messages_total", "messages read of a live source's own kind", Counter, []string{"ingester"},
	},
	IngestConnects: {
		"detour_ingest_connects_total", "connections that a live source made or took", Counter, []string{"ingester"},
	},
	IngestDisconnects: {
		"detour_ingest_disconnects_total", "connections of a live source that ended", Counter, []string{"ingester"},
	},
	IngestStalls: {
		"detour_ingest_stalls_total", "connections that were given up because nothing came over them",
		Counter,
		[]string{"ingester"},
	},
	IngestTurnedAway: {
		"detour_ingest_turned_away_total", "connections and peers that a live source refused",
		Counter,
		[]string{"ingester"},
	},
	IngestSessionUps: {
		"detour_ingest_session_ups_total", "BGP sessions that came up", Counter, []string{"ingester"},
	},
	IngestSessionDowns: {
		"detour_ingest_session_downs_total", "BGP sessions that ended", Counter, []string{"ingester"},
	},
	IngestSessionResets: {
		"detour_ingest_session_resets_total", "BGP sessions that came up again without having ended",
		Counter,
		[]string{"ingester"},
	},
	IngestSourceGaps: {
		"detour_ingest_source_gaps_total", "times that a live source lost updates before it had them",
		Counter,
		[]string{"ingester"},
	},
	IngestEndsOfRIB: {
		"detour_ingest_ends_of_rib_total", "End-of-RIB markers read", Counter, []string{"ingester"},
	},
	IngestSkipped: {
		"detour_ingest_skipped_total", "messages of a live source that were not used, by reason",
		Counter,
		[]string{"ingester", "reason"},
	},
	IngestSessions: {
		"detour_ingest_sessions", "BGP sessions of a live source, by state: known, up, transferring (their first table)",
		Gauge,
		[]string{"ingester", "state"},
	},
	IngestLastRead: {
		"detour_ingest_last_read_timestamp_seconds", "when a live source last read anything, in seconds since 1970",
		Gauge,
		[]string{"ingester"},
	},
	IngestKinds: {
		"detour_ingest_messages_by_kind_total",
		"messages of a BMP listener by kind; before-peer-up are routes of a peer that was not announced", Counter,
		[]string{"ingester", "kind"},
	},
	IngestOwnAS: {
		"detour_ingest_own_as_removed_total", "paths from which the router's own AS was taken off, as FRR puts it there",
		Counter,
		[]string{"ingester"},
	},
}
