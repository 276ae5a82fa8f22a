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
}
