package config

import "time"

// Config is the whole file. Every role reads the same one and takes what it
// needs. Comments of the fields are the reference of the keys.
type Config struct {
	// Name of this process among all of detour's, unique in the deployment: an
	// ingester's and a processor's name. Empty is the host's name.
	Name    string  `yaml:"name"`
	NATS    NATS    `yaml:"nats"`
	Streams Streams `yaml:"streams"`
	Ingest  Ingest  `yaml:"ingest"`
	Process Process `yaml:"process"`
	Detect  Detect  `yaml:"detect"`
	Sink    Sink    `yaml:"sink"`
	Admin   Admin   `yaml:"admin"`
	Log     Log     `yaml:"log"`
}

// NATS says where the servers are and who asks.
type NATS struct {
	// URL of the servers, separated by commas. Empty makes "detour run" start a
	// server of its own; the other roles need one.
	URL string `yaml:"url"`
	// NkeySeedFile names a file with the seed of this role's nkey.
	NkeySeedFile string `yaml:"nkey_seed_file"`
	// CAFile names the certificates (PEM) that the servers' are checked with.
	CAFile string `yaml:"ca_file"`
	// CertFile and KeyFile name this client's certificate and key (PEM).
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// Dir is where the server of "detour run" keeps its streams.
	Dir string `yaml:"dir"`
}

// Streams shape what detour keeps on JetStream. They are made at the first start
// and only compared later.
type Streams struct {
	// Shards is the number of parts in which prefixes are split; fixed for ever.
	Shards int `yaml:"shards"`
	// Replicas of each stream: 1, or 3 on a cluster of servers.
	Replicas int    `yaml:"replicas"`
	Updates  Limits `yaml:"updates"` // of each shard
	Evidence Limits `yaml:"evidence"`
	Alerts   Limits `yaml:"alerts"`
}

// Limits of a stream: the oldest messages go first.
type Limits struct {
	MaxAge   time.Duration `yaml:"max_age"`
	MaxBytes Bytes         `yaml:"max_bytes"`
}

// Bytes is a size, written as a number with or without KiB, MiB or GiB.
type Bytes int64

// Ingest is what "detour ingest" reads.
type Ingest struct {
	// SpillBytes bounds what waits in memory while NATS does not answer; beyond it
	// updates are dropped and the loss is stated in the log.
	SpillBytes Bytes    `yaml:"spill_bytes"`
	Replay     []Replay `yaml:"replay"`
}

// Replay is a source that plays recordings (MRT files).
type Replay struct {
	// Collector is the name under which the recordings' peers are known.
	Collector string `yaml:"collector"`
	// Prime lists tables that come first and are no news.
	Prime []string `yaml:"prime"`
	// Files lists recordings of updates, merged by time.
	Files []string `yaml:"files"`
	// Speed is a multiple of real time; 0 is as fast as it goes, and then the
	// source waits for the processors instead of dropping anything.
	Speed float64 `yaml:"speed"`
	// Begin is when the first update plays. A source that starts later leaves out
	// what it has missed, as a live one would. Without it playing begins at the
	// start of the process.
	Begin time.Time `yaml:"begin"`
}

// Process is what "detour process" runs.
type Process struct {
	// Replicas is how many processes run each shard at one time: 1, or 2 so that
	// the death of one is not noticed.
	Replicas   int        `yaml:"replicas"`
	Checkpoint Checkpoint `yaml:"checkpoint"`
}

// Checkpoint says where and when a shard's state is kept.
type Checkpoint struct {
	// Dir is the folder of this process's own copies. Empty keeps none here.
	Dir string `yaml:"dir"`
	// Elements and Interval: a checkpoint is made after so many route elements, or so
	// much time if anything came.
	Elements int           `yaml:"elements"`
	Interval time.Duration `yaml:"interval"`
}

// Detect says what is known beside the routes. Every file is optional and only
// evidence; see docs/reference/outside-knowledge.md. They are read again on
// SIGHUP.
type Detect struct {
	// ASRel names a file of AS relationships, CAIDA serial-1 or serial-2.
	ASRel string `yaml:"as_rel"`
	// VRPs lists files of validated ROA payloads.
	VRPs []string `yaml:"vrps"`
	// Watch names a file of watched prefixes and ASes.
	Watch string `yaml:"watch"`
	// Names lists files of names of ASes and organisations.
	Names []string `yaml:"names"`
	// Lists takes the place of lists that come with detour, by kind.
	Lists map[string]string `yaml:"lists"`
	// Learn is how long a new session only teaches: auto, or a duration.
	Learn string `yaml:"learn"`
	// Mature says whether the routes from before are known: auto, yes or no.
	Mature string `yaml:"mature"`
}

// Sink is where "detour sink" brings alerts.
type Sink struct {
	// Terminal writes alerts to standard output, a line each.
	Terminal bool `yaml:"terminal"`
	// Files lists files that every alert message is appended to as a JSON line.
	Files []string `yaml:"files"`
}

// Admin is the listener for metrics, health and profiles.
type Admin struct {
	// Listen is its address; it answers everyone who reaches it, so it is on the
	// loopback unless you say otherwise. Empty opens none.
	Listen string `yaml:"listen"`
}

// Log is what a role writes to standard error.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is text or json.
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
