package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// endWait is how long a process may take to end after it was asked to.
const endWait = 45 * time.Second

// process is one child of ours; what it says goes to a file.
type process struct {
	name string
	argv []string
	log  string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how; after done
}

func newProcess(dir, name string, argv ...string) *process {
	return &process{name: name, argv: argv, log: filepath.Join(dir, name+".log")}
}

// start starts it, again if it has ended.
func (p *process) start() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	defer out.Close()
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	bind(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.done, p.err = cmd, make(chan struct{}), nil
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return nil
}

// signal sends a signal, which must find the process alive.
func (p *process) signal(s syscall.Signal) error {
	if p.ended() {
		return fmt.Errorf("%s has ended by itself: %w; see the end of its log: %s", p.name, p.err, p.tail())
	}
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("send %v to %s: %w", s, p.name, err)
	}
	return nil
}

// kill is kill -9, and waits.
func (p *process) kill() error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	return nil
}

// end asks for an end in order, and waits.
func (p *process) end() error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.wait(endWait)
}

// wait waits for an end in order.
func (p *process) wait(most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		return fmt.Errorf("%s has not ended in %v", p.name, most)
	}
	if p.err != nil {
		return fmt.Errorf("%s ended: %w; see the end of its log: %s", p.name, p.err, p.tail())
	}
	return nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop ends it in any way; it may have ended or never begun.
func (p *process) stop() {
	if p.cmd == nil || p.ended() {
		return
	}
	p.cmd.Process.Kill() //nolint:errcheck // it may just have ended
	<-p.done
}

const tailBytes = 600

// tail returns the end of what it said.
func (p *process) tail() string {
	data, err := os.ReadFile(p.log)
	if err != nil || len(data) == 0 {
		return "nothing was said"
	}
	return string(data[max(0, len(data)-tailBytes):])
}

var errNotReady = errors.New("is not ready")
