package risltest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Script is what a server does with one client.
type Script func(*Conn)

// Server is a RIS Live on loopback.
type Server struct {
	URL    string // of the stream: http://127.0.0.1:port
	Socket string // of the WebSocket: ws://127.0.0.1:port

	scripts []Script
	http    http.Server
	served  sync.WaitGroup
	ctx     context.Context
	stop    context.CancelFunc

	mu    sync.Mutex
	asked []Asked
	pings int
}

// Asked is what a client asked for.
type Asked struct {
	Path, Client string
	Subscribe    []string // the stream's header, or the subscriptions of a WebSocket
	At           time.Time
}

// Start serves the first client by the first script, the second by the second, and
// all that come later by the last.
func Start(scripts ...Script) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: "http://" + l.Addr().String(), Socket: "ws://" + l.Addr().String(), scripts: scripts,
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	const toAsk = 10 * time.Second
	s.http = http.Server{Handler: s, ReadHeaderTimeout: toAsk}
	s.served.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	})
	return s, nil
}

// Close ends all scripts and the server, and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.http.Close()
	s.served.Wait()
}

// ServeHTTP runs the next script.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return
	}
	s.served.Add(1) // before Close can wait
	script := s.scripts[min(len(s.asked), len(s.scripts)-1)]
	s.asked = append(s.asked, Asked{
		Path: r.URL.Path, Client: r.URL.Query().Get("client"), Subscribe: r.Header.Values("X-RIS-Subscribe"), At: time.Now(),
	})
	s.mu.Unlock()
	defer s.served.Done()
	ctx, leave := context.WithCancel(s.ctx)
	defer leave()
	defer context.AfterFunc(r.Context(), leave)() // a client of the stream goes
	c := &Conn{Request: r, w: w, server: s, ctx: ctx, leave: leave}
	defer c.end()
	script(c)
}

// Asked returns what was asked so far, the first first.
func (s *Server) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.asked...)
}

// Pings returns how many pings were answered so far.
func (s *Server) Pings() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pings
}

func (s *Server) pinged(context.Context, []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pings++
	return true
}

// subscribed notes a subscription of the last client that came.
func (s *Server) subscribed(data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &s.asked[len(s.asked)-1]
	a.Subscribe = append(a.Subscribe, data)
}
