package servers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Cluster is some servers on this machine.
type Cluster struct {
	dir      string
	children []*child
}

type child struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	url   string
}

// Start starts n servers. command runs Serve; the argument for it is appended.
func Start(ctx context.Context, command []string, n int) (c *Cluster, err error) {
	ports, err := freePorts(n)
	if err != nil {
		return nil, err
	}
	c = &Cluster{}
	if c.dir, err = os.MkdirTemp("", "detour-bench-"); err != nil {
		return nil, fmt.Errorf("make folder for servers: %w", err)
	}
	outputs := make([]*bufio.Reader, n)
	for i := range n {
		m := member{Name: "bench-" + strconv.Itoa(i), Port: ports[i], Ports: ports}
		m.Dir = filepath.Join(c.dir, m.Name)
		if outputs[i], err = c.start(command, m); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	for i, out := range outputs {
		line, err := out.ReadString('\n')
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start server %d: %w", i, err), c.Close())
		}
		c.children[i].url = strings.TrimSpace(line)
	}
	return c, nil
}

func (c *Cluster) start(command []string, m member) (*bufio.Reader, error) {
	arg, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("describe server: %w", err)
	}
	// Not CommandContext: a server ends by its standard input, in order.
	cmd := exec.Command(command[0], append(command[1:len(command):len(command)], string(arg))...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	c.children = append(c.children, &child{cmd: cmd, stdin: in})
	return bufio.NewReader(out), nil
}

// URLs returns the servers' addresses.
func (c *Cluster) URLs() (urls []string) {
	for _, ch := range c.children {
		urls = append(urls, ch.url)
	}
	return urls
}

// endWait is how long a server may take to end before it is killed.
const endWait = 15 * time.Second

// Close ends the servers and removes their folders.
func (c *Cluster) Close() error {
	var errs []error
	for _, ch := range c.children {
		errs = append(errs, ch.stdin.Close())
	}
	for _, ch := range c.children {
		kill := time.AfterFunc(endWait, func() { ch.cmd.Process.Kill() }) //nolint:errcheck // it may just have ended
		if err := ch.cmd.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("server ended: %w", err))
		}
		kill.Stop()
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}

// freePorts finds ports on loopback on which nobody listens just now.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
