package obs

// processFamilies: the connection, health and the metrics themselves.
var processFamilies = map[Metric]Family{
	NATSConnected:  {"detour_nats_connected", "1 while connected to NATS", Gauge, nil},
	NATSReconnects: {"detour_nats_reconnects_total", "times that the connection was made again", Counter, nil},
	NATSErrors: {
		"detour_nats_errors_total", "errors that the connection told of, such as a denied subject",
		Counter, nil,
	},
	NATSReceived: {"detour_nats_received_bytes_total", "bytes received from NATS", Counter, nil},
	NATSSent:     {"detour_nats_sent_bytes_total", "bytes sent to NATS", Counter, nil},
	NATSBuffered: {"detour_nats_buffered_bytes", "bytes that wait to be sent", Gauge, nil},

	HealthReady: {"detour_health_ready", "1 when no condition is failing, as /readyz says", Gauge, nil},
	HealthCondition: {
		"detour_health_condition", "state of a condition: 0 ok, 1 degraded, 2 failing", Gauge, []string{"condition"},
	},
	HealthPulseAge: {
		"detour_health_pulse_age_seconds", "time since a goroutine that must not stand still was last heard",
		Gauge,
		[]string{"owner"},
	},

	ObsBuild: {"detour_obs_build_info", "1, with what runs", Gauge, []string{"version", "goversion", "role"}},
	ObsRejected: {
		"detour_obs_rejected_total",
		"values left out of scrapes: labels (wrong number), duplicate, limit (too many series), kind (no histogram value)",
		Counter,
		[]string{"reason"},
	},
	ObsScrapes: {"detour_obs_scrapes_total", "scrapes answered", Counter, nil},
}
