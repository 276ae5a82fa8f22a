package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// proxies stand before the servers for one client and can be cut: then nothing
// passes, in either direction, and nobody is told.
type proxies struct {
	ports     []int
	listeners []net.Listener
	ctx       context.Context
	cancel    context.CancelFunc
	wait      sync.WaitGroup

	mu   sync.Mutex
	open chan struct{} // closed while traffic passes
}

// newProxies opens one proxy for each port.
func newProxies(to ...int) (*proxies, error) {
	p := &proxies{open: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	close(p.open)
	for _, port := range to {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			p.close()
			return nil, fmt.Errorf("open proxy: %w", err)
		}
		p.listeners = append(p.listeners, l)
		p.ports = append(p.ports, l.Addr().(*net.TCPAddr).Port)
		p.wait.Go(func() { p.accept(l, port) })
	}
	return p, nil
}

func (p *proxies) close() {
	p.cancel()
	for _, l := range p.listeners {
		l.Close()
	}
	p.wait.Wait()
}

// cut lets nothing pass until heal.
func (p *proxies) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = make(chan struct{})
}

func (p *proxies) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.open)
}

// pass waits until something may pass.
func (p *proxies) pass() error {
	p.mu.Lock()
	open := p.open
	p.mu.Unlock()
	select {
	case <-open:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

func (p *proxies) accept(l net.Listener, port int) {
	for {
		client, err := l.Accept()
		if err != nil {
			return // closed
		}
		p.wait.Go(func() {
			defer client.Close()
			if p.pass() != nil {
				return
			}
			server, err := net.Dial("tcp", local(port))
			if err != nil {
				return
			}
			defer server.Close()
			p.join(client, server)
		})
	}
}

// join copies both ways until one side ends.
func (p *proxies) join(a, b net.Conn) {
	var both sync.WaitGroup
	end := context.AfterFunc(p.ctx, func() { a.Close(); b.Close() })
	defer end()
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			defer way[0].Close()
			defer way[1].Close()
			p.copy(way[1], way[0])
		})
	}
	both.Wait()
}

func (p *proxies) copy(to io.Writer, from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err := errors.Join(err, p.pass()); err != nil {
			return
		}
		if _, err = to.Write(buf[:n]); err != nil {
			return
		}
	}
}
