package archive

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Access says how an archive is reached and what is kept of it. The zero value is
// usable.
type Access struct {
	BaseURL   string // "" is the archive's own
	Cache     string // folder; "" is DefaultCache
	CacheSize int64  // in octets; 0 is DefaultCacheSize
	Parallel  int    // downloads at a time; 0 is DefaultParallel
	// Stall is for how long a server may send next to nothing; 0 is DefaultStall.
	Stall time.Duration
	// Attempts is how often in a row a request may fail without having brought
	// anything; 0 is DefaultAttempts.
	Attempts int
	Log      *slog.Logger // nil is silent

	pauseMin time.Duration // between two attempts; tests have no time
}

// Defaults of Access. Archives are free to use and have to serve everybody: four
// downloads at a time saturate a usual line.
const (
	DefaultCacheSize = 10 << 30
	DefaultParallel  = 4
	DefaultStall     = 30 * time.Second
	DefaultAttempts  = 6

	maxParallel = 16
	pauseMin    = time.Second
	pauseMost   = time.Minute
	// leastCache has room for an hour of updates.
	leastCache = 1 << 20
)

// DefaultCache returns the folder of downloaded files: in the user's own for caches.
func DefaultCache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for downloaded files is given, and the system names none: %w", err)
	}
	return filepath.Join(dir, "detour", "archive"), nil
}

func (a Access) withDefaults() (Access, error) {
	if a.Cache == "" {
		var err error
		if a.Cache, err = DefaultCache(); err != nil {
			return a, err
		}
	}
	def(&a.CacheSize, DefaultCacheSize)
	def(&a.Parallel, DefaultParallel)
	def(&a.Stall, DefaultStall)
	def(&a.Attempts, DefaultAttempts)
	def(&a.pauseMin, pauseMin)
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case a.CacheSize < leastCache:
		return a, fmt.Errorf("cache size is %d octets, must be at least %d", a.CacheSize, leastCache)
	case a.Parallel < 1 || a.Parallel > maxParallel:
		return a, fmt.Errorf("%d downloads at a time, must be from 1 to %d", a.Parallel, maxParallel)
	case a.Stall < 0 || a.Attempts < 0:
		return a, fmt.Errorf("stall is %v and attempts %d, must be above 0", a.Stall, a.Attempts)
	}
	return a, nil
}

func def[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Archive lists and fetches files.
type Archive struct {
	cfg    Access
	client *http.Client
	cache  *cache
}

// Open returns an Archive; nothing is asked of a server yet. Close ends it.
func Open(cfg Access) (*Archive, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: cfg.Stall}).DialContext,
		TLSHandshakeTimeout:    cfg.Stall,
		ResponseHeaderTimeout:  cfg.Stall,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        cfg.Parallel,
		IdleConnTimeout:        time.Minute,
		DisableCompression:     true, // lengths and ranges are those of the stored file
		ForceAttemptHTTP2:      true,
	}
	return &Archive{cfg: cfg, client: &http.Client{Transport: transport}, cache: newCache(cfg.Cache, cfg.CacheSize)}, nil
}

// Close lets go of idle connections.
func (a *Archive) Close() { a.client.CloseIdleConnections() }

// Check says what is wrong with a collector's name, or with how it is reached.
func (a Access) Check(collector string) error {
	if _, err := a.withDefaults(); err != nil {
		return err
	}
	_, err := layoutOf(collector, a.BaseURL)
	return err
}
