package natsd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Defaults of Config.
const (
	DefaultReady    = 10 * time.Second
	DefaultMaxStore = 64 << 30 // bytes; streams have their own, lower limits
	DefaultMaxMem   = 4 << 30  // bytes
)

// Config describes an embedded server. Only Dir is needed, or File.
type Config struct {
	// File names a nats-server configuration, which then takes the place of all
	// below but Log.
	File     string
	Dir      string // JetStream's folder; made when absent
	Name     string // server name, "detour" when empty
	Port     int    // on 127.0.0.1; 0 opens no port, -1 picks a free one
	Token    string // that connections over the port must show; empty asks for none
	MaxStore int64  // bytes of file storage, DefaultMaxStore when 0
	MaxMem   int64  // bytes of memory storage, DefaultMaxMem when 0
	// Cluster makes the server one of several; Name must then be unique.
	Cluster *Cluster
	// Log receives the server's warnings and errors; nil keeps it quiet.
	Log *slog.Logger
}

// Cluster says where the members of a cluster meet, on 127.0.0.1.
type Cluster struct {
	Name   string
	Port   int
	Routes []int // ports of all members
}

// Server is a running embedded server. Its connections survive Restart.
type Server struct {
	cfg Config
	mu  sync.Mutex
	srv *server.Server // nil while stopped
}

// ErrStopped is returned to whoever connects while no server runs.
var ErrStopped = errors.New("embedded nats server is stopped")

// Start runs a server and returns when it takes connections and its streams
// are restored.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Dir == "" && cfg.File == "" {
		return nil, errors.New("embedded nats server: no folder given")
	}
	s := &Server{cfg: cfg}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) options() (*server.Options, error) {
	c := s.cfg
	if c.File != "" {
		opts, err := server.ProcessConfigFile(c.File)
		if err != nil {
			return nil, fmt.Errorf("read nats server configuration: %w", err)
		}
		opts.NoSigs, opts.NoLog = true, true
		return opts, nil
	}
	opts := &server.Options{
		ServerName:            cmp.Or(c.Name, "detour"),
		Host:                  "127.0.0.1",
		Port:                  c.Port,
		DontListen:            c.Port == 0,
		Authorization:         c.Token,
		JetStream:             true,
		StoreDir:              c.Dir,
		JetStreamMaxStore:     cmp.Or(c.MaxStore, DefaultMaxStore),
		JetStreamMaxMemory:    cmp.Or(c.MaxMem, DefaultMaxMem),
		NoSigs:                true,
		NoLog:                 true,
		DisableShortFirstPing: true,
	}
	if c.Cluster != nil {
		opts.Cluster = server.ClusterOpts{Name: c.Cluster.Name, Host: opts.Host, Port: c.Cluster.Port}
		for _, port := range c.Cluster.Routes {
			opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats", Host: net.JoinHostPort(opts.Host, strconv.Itoa(port))})
		}
	}
	return opts, nil
}

func (s *Server) start(ctx context.Context) error {
	opts, err := s.options()
	if err != nil {
		return err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("configure embedded nats server: %w", err)
	}
	if s.cfg.Log != nil {
		srv.SetLoggerV2(logger{s.cfg.Log}, false, false, false)
	}
	srv.Start()
	wait := DefaultReady
	if deadline, ok := ctx.Deadline(); ok {
		wait = time.Until(deadline)
	}
	if !srv.ReadyForConnections(wait) {
		stop(srv)
		return fmt.Errorf("embedded nats server is not ready after %v", wait)
	}
	s.mu.Lock()
	s.srv = srv
	s.mu.Unlock()
	return nil
}

func stop(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// InProcessConn opens a connection without a socket. It makes Server a
// nats.InProcessConnProvider, so that clients reconnect to the server that runs
// after a Restart.
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	srv := s.srv
	s.mu.Unlock()
	if srv == nil {
		return nil, ErrStopped
	}
	return srv.InProcessConn()
}

// Conn opens a client connection that reconnects for ever. The caller closes
// it, before Close.
func (s *Server) Conn(_ context.Context, opts ...nats.Option) (*nats.Conn, error) {
	base := []nats.Option{
		nats.InProcessServer(s),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(20 * time.Millisecond),
		nats.ReconnectJitter(0, 0),
		nats.Timeout(DefaultReady),
	}
	if s.cfg.Token != "" {
		base = append(base, nats.Token(s.cfg.Token))
	}
	nc, err := nats.Connect("", append(base, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to embedded nats server: %w", err)
	}
	return nc, nil
}

// ClientURL returns the address of the port, or "" when none is open.
func (s *Server) ClientURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil || s.cfg.Port == 0 && s.cfg.File == "" {
		return ""
	}
	return s.srv.ClientURL()
}

// Stop ends the server and keeps its folder; clients begin to reconnect.
func (s *Server) Stop() {
	s.mu.Lock()
	srv := s.srv
	s.srv = nil
	s.mu.Unlock()
	if srv != nil {
		stop(srv)
	}
}

// Restart stops the server when it runs and starts it again in its folder.
func (s *Server) Restart(ctx context.Context) error {
	s.Stop()
	return s.start(ctx)
}

// Close stops the server for good.
func (s *Server) Close() { s.Stop() }
