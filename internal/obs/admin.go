package obs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Bounds of the admin listener. The limit of connections is that of those which
// are open; more wait in the kernel's queue.
const (
	adminConns      = 64
	adminHeader     = 16 << 10 // octets, to which net/http adds 4096
	adminHeaderTime = 5 * time.Second
	adminReadTime   = 10 * time.Second
	adminWriteTime  = 30 * time.Second
	adminIdle       = time.Minute
	adminStop       = time.Second // for answers under way when the process ends
)

// Config of an Admin.
type Config struct {
	Listen string // host:port
	// Conns bounds open connections; 0 is 64.
	Conns int
	// HeaderTime is how long a client may take to send its request's header; 0 is
	// 5 s.
	HeaderTime time.Duration
}

// Deps of an Admin.
type Deps struct {
	Registry *Registry
	Health   *Health
	Log      *slog.Logger // nil is silent
}

// Admin answers /metrics, /livez, /readyz and /debug/pprof to everyone who
// reaches it.
type Admin struct {
	cfg    Config
	deps   Deps
	server *http.Server
	open   chan struct{} // closed when it listens
	addr   net.Addr
}

// New returns an Admin that does nothing until Run.
func New(cfg Config, deps Deps) (*Admin, error) {
	if _, _, err := net.SplitHostPort(cfg.Listen); err != nil {
		return nil, fmt.Errorf("admin address %q is not host:port, such as 127.0.0.1:9179: %w", cfg.Listen, err)
	}
	if deps.Registry == nil || deps.Health == nil {
		return nil, errors.New("admin listener needs a registry and a health")
	}
	if cfg.Conns == 0 {
		cfg.Conns = adminConns
	}
	if cfg.HeaderTime == 0 {
		cfg.HeaderTime = adminHeaderTime
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	deps.Log = Sampled(deps.Log, 5, time.Minute)
	a := &Admin{cfg: cfg, deps: deps, open: make(chan struct{})}
	a.server = &http.Server{
		Handler:           a.handler(),
		ReadHeaderTimeout: cfg.HeaderTime,
		ReadTimeout:       adminReadTime,
		WriteTimeout:      adminWriteTime,
		IdleTimeout:       adminIdle,
		MaxHeaderBytes:    adminHeader,
		ErrorLog:          slog.NewLogLogger(deps.Log.Handler(), slog.LevelWarn),
	}
	return a, nil
}

// Run listens until ctx ends. It runs once.
func (a *Admin) Run(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("open admin listener (admin.listen): %w", err)
	}
	a.addr = l.Addr()
	if tcp, ok := a.addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		a.deps.Log.Warn("admin listener answers everyone who reaches it", "address", a.addr.String())
	}
	close(a.open)
	ended := make(chan error, 1)
	go func() { ended <- a.server.Serve(netutil.LimitListener(l, a.cfg.Conns)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("admin listener: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), adminStop)
	defer cancel()
	if a.server.Shutdown(stop) != nil {
		a.server.Close() // whoever is still slow has had its time
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("admin listener: %w", err)
	}
	return nil
}

// Addr waits until the Admin listens and returns where.
func (a *Admin) Addr(ctx context.Context) (net.Addr, error) {
	select {
	case <-a.open:
		return a.addr, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
