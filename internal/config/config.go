package config

import "time"

//go:generate go run ./gen

// Config is the whole file. Every role reads the same one and takes what it
// needs. The comment of a field is the reference of its key: the page, the file
// that "detour config init" writes and messages come from it. Keys with the tag
// reload:"yes", and all below them, are taken over by a running process.
type Config struct {
	// Name of this process among all of detour's, unique in the deployment: an
	// ingester's and a processor's name. Empty is the host's name.
	Name string `yaml:"name"`
	// Where the NATS servers are, and who asks.
	NATS NATS `yaml:"nats"`
	// What detour keeps on JetStream. Streams are made at the first start and only
	// compared later, see "detour stream check".
	Streams Streams `yaml:"streams"`
	// What "detour ingest" reads.
	Ingest Ingest `yaml:"ingest"`
	// What "detour process" runs.
	Process Process `yaml:"process"`
	// What is known beside the routes. Every file is optional and only evidence, see
	// docs/reference/outside-knowledge.md. All of them are read again on SIGHUP.
	Detect Detect `yaml:"detect"`
	// Where "detour sink" brings alerts.
	Sink Sink `yaml:"sink" reload:"yes"`
	// The listener for metrics, health and profiles.
	Admin Admin `yaml:"admin"`
	// What a role writes to standard error.
	Log Log `yaml:"log"`

	// origin says where values that are no defaults come from, by path.
	origin map[string]string
}

// NATS says where the servers are and who asks.
type NATS struct {
	// URLs of the servers, separated by commas, such as tls://n1:4222,tls://n2:4222.
	// Empty makes "detour run" start a server of its own; the other roles need one.
	URL string `yaml:"url"`
	// File with the seed of this role's nkey; only its owner should be able to read it.
	NkeySeedFile string `yaml:"nkey_seed_file"`
	// File with the certificates (PEM) that the servers' are checked with. Empty takes
	// those of the system.
	CAFile string `yaml:"ca_file"`
	// File with this client's certificate (PEM).
	CertFile string `yaml:"cert_file"`
	// File with the key (PEM) that belongs to cert_file.
	KeyFile string `yaml:"key_file"`
	// Folder in which the server of "detour run" keeps its streams.
	Dir string `yaml:"dir"`
}

// Streams shape what detour keeps on JetStream.
type Streams struct {
	// Number of parts in which prefixes are split, from 1 to 64; fixed for ever once
	// the streams are made.
	Shards int `yaml:"shards"`
	// Copies of each stream: 1, or on a cluster of servers 3 or 5.
	Replicas int `yaml:"replicas"`
	// Limits of the log of updates, for each shard. max_age has to be more than a
	// checkpoint's age and the longest outage to survive.
	Updates Limits `yaml:"updates"`
	// Limits of the stream of evidence.
	Evidence Limits `yaml:"evidence"`
	// Limits of the stream of alerts.
	Alerts Limits `yaml:"alerts"`
}

// Limits of a stream: the oldest messages go first.
type Limits struct {
	// Messages that are older go.
	MaxAge time.Duration `yaml:"max_age"`
	// The oldest messages go when the stream is larger.
	MaxBytes Bytes `yaml:"max_bytes"`
}

// Process is what "detour process" runs.
type Process struct {
	// How many processes run each shard at one time: 1, or 2 so that the death of one
	// is not noticed.
	Replicas int `yaml:"replicas"`
	// Where and when a shard's state is kept.
	Checkpoint Checkpoint `yaml:"checkpoint"`
}

// Checkpoint says where and when a shard's state is kept.
type Checkpoint struct {
	// Folder of this process's own copies. Empty keeps none here.
	Dir string `yaml:"dir"`
	// A checkpoint is made after so many route elements.
	Elements int `yaml:"elements"`
	// A checkpoint is made after so much time, if anything came.
	Interval time.Duration `yaml:"interval"`
}

// Detect says what is known beside the routes.
type Detect struct {
	// File of AS relationships, CAIDA serial-1 or serial-2.
	ASRel string `yaml:"as_rel" reload:"yes"`
	// Files of validated ROA payloads.
	VRPs []string `yaml:"vrps" reload:"yes"`
	// File of watched prefixes and ASes.
	Watch string `yaml:"watch" reload:"yes"`
	// Files of names of ASes and organisations.
	Names []string `yaml:"names" reload:"yes"`
	// Files in the place of lists that come with detour, by kind: beacons, scrubbers
	// or tier1s.
	Lists map[string]string `yaml:"lists" reload:"yes"`
	// Which peers count.
	Peers DetectPeers `yaml:"peers" reload:"yes"`
	// How long a new session only teaches: auto, or a duration from 1s to 24h.
	Learn string `yaml:"learn"`
	// Whether the routes from before are known: auto, yes or no.
	Mature string `yaml:"mature"`
}

// DetectPeers says which peers count.
type DetectPeers struct {
	// Peers whose routes count for nothing, by ASN, address or name of their
	// collector.
	Ignore []string `yaml:"ignore"`
}

// Sink is where "detour sink" brings alerts.
type Sink struct {
	// Writes alerts to standard output, a line each.
	Terminal bool `yaml:"terminal"`
	// Files that every alert message is appended to as a JSON line. One that was moved
	// away, as log rotation does, is made anew with the next alert.
	Files []string `yaml:"files"`
}

// Admin is the listener for metrics, health and profiles.
type Admin struct {
	// Address to listen on. It answers everyone who reaches it, so it is on the
	// loopback unless you say otherwise. Empty opens none.
	Listen string `yaml:"listen"`
}

// Log is what a role writes to standard error.
type Log struct {
	// Least of what is written: debug, info, warn or error.
	Level string `yaml:"level" reload:"yes"`
	// text or json.
	Format string `yaml:"format"`
}

// Default returns the configuration of an empty file.
func Default() *Config {
	return &Config{
		NATS: NATS{Dir: "detour-data/nats"},
		Streams: Streams{
			Shards: 8, Replicas: 1,
			Updates:  Limits{MaxAge: 2 * time.Hour, MaxBytes: 1 << 30},
			Evidence: Limits{MaxAge: 24 * time.Hour, MaxBytes: 1 << 30},
			Alerts:   Limits{MaxAge: 7 * 24 * time.Hour, MaxBytes: 256 << 20},
		},
		Ingest: Ingest{SpillBytes: 64 << 20},
		Process: Process{
			Replicas:   1,
			Checkpoint: Checkpoint{Dir: "detour-data/checkpoints", Elements: 2_000_000, Interval: 10 * time.Minute},
		},
		Detect: Detect{Learn: "auto", Mature: "auto"},
		Admin:  Admin{Listen: "127.0.0.1:9179"},
		Log:    Log{Level: "info", Format: "text"},
	}
}
