package config

import "time"

// Ingest is what "detour ingest" reads.
type Ingest struct {
	// Bound of what waits in memory while NATS does not answer. Beyond it updates are
	// dropped, and the loss is stated in the log.
	SpillBytes Bytes `yaml:"spill_bytes"`
	// Sources that play recordings (MRT files).
	Replay []Replay `yaml:"replay"`
	// Sources that listen to RIPE's RIS Live.
	RISLive []RISLive `yaml:"rislive"`
	// Listeners to which routers report by BMP.
	BMP []BMP `yaml:"bmp"`
	// BGP speakers with which routers have sessions. They announce nothing.
	BGP []BGP `yaml:"bgp"`
	// Sources that follow the public archives of RIPE RIS and RouteViews.
	Archive []Archive `yaml:"archive"`
}

// Replay is a source that plays recordings (MRT files).
type Replay struct {
	// Name under which the recordings' peers are known.
	Collector string `yaml:"collector"`
	// Tables that come first and are no news.
	Prime []string `yaml:"prime"`
	// Recordings of updates, merged by time.
	Files []string `yaml:"files"`
	// Multiple of real time. 0 is as fast as it goes, and then the source waits for
	// the processors instead of dropping anything.
	Speed float64 `yaml:"speed"`
	// When the first update plays, such as 2026-11-26T08:00:00Z. A source that starts
	// later leaves out what it has missed, as a live one would. Empty begins at the
	// start of the process.
	Begin time.Time `yaml:"begin"`
}

// RISLive is a source that listens to RIPE's RIS Live.
type RISLive struct {
	// Name of the source among those of this process. Empty is rislive.
	Name string `yaml:"name"`
	// Where it is: an https address is read as a stream, a wss address as a WebSocket.
	// Empty is RIPE's stream, or its WebSocket where the stream cannot say what is asked
	// for.
	URL string `yaml:"url"`
	// Name under which RIPE sees you; an address at which you can be reached is polite.
	// Empty is detour.
	Client string `yaml:"client"`
	// Collectors whose peers are listened to, such as rrc00. Empty is all. A stream takes
	// one, a WebSocket many.
	Hosts []string `yaml:"hosts"`
	// Prefixes whose updates are asked for. Empty is all.
	Prefixes []string `yaml:"prefixes"`
	// Updates of parts of these prefixes are asked for, too.
	MoreSpecific bool `yaml:"more_specific"`
	// Peers, by address, whose updates are asked for. Empty is all.
	Peers []string `yaml:"peers"`
	// Asks for no raw messages and reads what RIS Live makes of them.
	JSONOnly bool `yaml:"json_only"`
	// A connection over which nothing comes for so long is given up. Make it longer
	// where few updates are asked for. Empty is one minute, or ten where a stream is asked
	// for less than all.
	Stall time.Duration `yaml:"stall"`
	// Fills the state from RIPE's archive of the collectors in hosts: the newest table
	// and the updates since. None of it is news.
	Prime bool `yaml:"prime"`
	// Where that archive is. Empty is RIPE's.
	PrimeURL string `yaml:"prime_url"`
	// Tables (MRT files) that fill the state, as COLLECTOR=FILE, such as
	// rrc00=bview.gz. None of it is news.
	PrimeFiles []string `yaml:"prime_files"`
}

// BMP is a listener to which routers report.
type BMP struct {
	// Name of the routers together, as a collector. Empty is what each router calls itself
	// (sysName).
	Collector string `yaml:"collector"`
	// Address to listen on. Empty is 127.0.0.1:11019, which only this machine reaches.
	Listen string `yaml:"listen"`
	// Addresses or prefixes of the routers that may connect. Empty lets everyone.
	Allow []string `yaml:"allow"`
	// How many routers may be connected at one time. 0 is 1000.
	MaxConnections int `yaml:"max_connections"`
	// File with the listener's certificate (PEM). With it routers must use TLS.
	TLSCertFile string `yaml:"tls_cert_file"`
	// File with the key (PEM) that belongs to tls_cert_file.
	TLSKeyFile string `yaml:"tls_key_file"`
	// File with the certificates (PEM) that routers' certificates are checked with.
	// Empty asks for none.
	TLSClientCAFile string `yaml:"tls_client_ca_file"`
}

// BGP is a speaker with which routers have sessions. It announces nothing.
type BGP struct {
	// Name of the speaker, as a collector. Empty is bgp.
	Collector string `yaml:"collector"`
	// Its own AS number.
	ASN int `yaml:"asn"`
	// Its router identifier, written as an IPv4 address.
	RouterID string `yaml:"router_id"`
	// Address on which neighbours may connect, such as 192.0.2.1:179. Empty listens on
	// none: then every neighbour is connected to.
	Listen string `yaml:"listen"`
	// The sessions.
	Neighbors []Neighbor `yaml:"neighbors"`
}

// Neighbor is one BGP session.
type Neighbor struct {
	// Address of the neighbour.
	Address string `yaml:"address"`
	// AS number of the neighbour.
	ASN int `yaml:"asn"`
	// Waits for the neighbour to connect, and never connects itself.
	Passive bool `yaml:"passive"`
	// Port to connect to. 0 is 179.
	Port int `yaml:"port"`
	// Address to connect from. Empty lets the system choose.
	LocalAddress string `yaml:"local_address"`
	// File with the session's TCP MD5 password (RFC 2385).
	PasswordFile string `yaml:"password_file"`
	// Takes several paths of a prefix, if the neighbour sends them (RFC 7911).
	AddPath bool `yaml:"add_path"`
	// The session is shut when the neighbour announces more prefixes of a family. 0 is
	// no bound.
	MaxPrefixes int `yaml:"max_prefixes"`
	// Families of the session, of ipv4 and ipv6. Empty is both.
	Families []string `yaml:"families"`
	// How many hops away the neighbour may be at most: the TTL of what is sent. 0 leaves
	// the system's, which reaches any.
	Multihop int `yaml:"multihop"`
}

// Archive is a source that follows a collector's public archive.
type Archive struct {
	// The collector, such as rrc00 or route-views.sg.
	Collector string `yaml:"collector"`
	// Where the archive is. Empty is RIPE's for rrc…, and RouteViews' for route-views….
	URL string `yaml:"url"`
	// Folder in which files are kept. Empty is detour/archive in the user's folder of
	// caches, such as ~/.cache.
	Cache string `yaml:"cache"`
	// Bound of what is kept there. 0 is 10GiB.
	CacheSize Bytes `yaml:"cache_size"`
	// Begins with the newest table and the updates since, which are no news.
	Prime bool `yaml:"prime"`
}
