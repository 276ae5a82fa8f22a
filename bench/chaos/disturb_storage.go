package chaos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// fullServer is the server whose disk becomes full.
const fullServer = 2

// diskMiB holds what comes before the disturbance.
const diskMiB = 1024

// smallDisk gives a server a disk of its own, in memory.
func smallDisk(c *cluster) error {
	dir := c.servers.store(fullServer)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", diskMiB), "tmpfs", dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: no disk of its own for a server: %w: %s", errSkipped, err, out)
	}
	c.cleanups = append(c.cleanups, func() error { return exec.Command("umount", "-l", dir).Run() })
	return nil
}

// errSkipped says that a case cannot be had on this machine.
var errSkipped = errors.New("not possible here")

// fillDisk leaves no room on the server's disk.
func fillDisk(_ context.Context, c *cluster) error {
	f, err := os.Create(filepath.Join(c.servers.store(fullServer), "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for range diskMiB {
		if _, err := f.Write(block); err != nil {
			return nil // it is full, as it should be
		}
	}
	return errors.New("the disk does not become full")
}

var diskFull = regexp.MustCompile(`(?i)no space left`)

// copyLost is what health says of a stream whose copy on the full server is behind.
var copyLost = regexp.MustCompile(`(?s)"replicas".*?replica on n3`)

// saysDiskFull asks the server for its log, and every processor for its health.
func saysDiskFull(ctx context.Context, c *cluster, _ *outcome) []string {
	problems := c.says(c.servers.list[fullServer], diskFull)
	for i, p := range c.procs {
		body, ok, err := health(ctx, c.roles[i].Admin)
		switch {
		case err != nil:
			problems = append(problems, err.Error())
		case !ok:
			problems = append(problems, fmt.Sprintf("%s is not ready: %s", p.name, body))
		case !copyLost.MatchString(body):
			problems = append(problems, fmt.Sprintf("health of %s does not say that a copy is lost: %s", p.name, body))
		}
	}
	return problems
}

// says asks for a line in a process's log.
func (c *cluster) says(p *process, what *regexp.Regexp) []string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return []string{err.Error()}
	}
	line := what.Find(data)
	if line == nil {
		return []string{fmt.Sprintf("%s does not say %q", p.name, what)}
	}
	return nil
}

// What a processor says of a checkpoint that it cannot use: in its log, and counted.
var (
	passedOver = regexp.MustCompile(`level=ERROR msg="checkpoint passed over"`)
	notLoaded  = regexp.MustCompile(`(?m)^detour_checkpoint_failures_total\{[^}]*step="load"[^}]*\} [1-9]`)
)

func saysDamage(ctx context.Context, c *cluster, _ *outcome) []string {
	problems := c.says(c.procs[c.victim], passedOver)
	metrics, _, err := get(ctx, "http://"+c.roles[c.victim].Admin+"/metrics")
	switch {
	case err != nil:
		problems = append(problems, err.Error())
	case !notLoaded.MatchString(metrics):
		problems = append(problems, c.procs[c.victim].name+" does not count the checkpoints that it passed over")
	}
	return problems
}

// sawDamage waits until health says that a checkpoint could not be used; a later
// one that is kept ends that.
func (c *cluster) sawDamage(ctx context.Context) error {
	return insist(ctx, func(ctx context.Context) error {
		body, _, err := health(ctx, c.roles[c.victim].Admin)
		if err == nil && !strings.Contains(body, "checkpoint ") {
			err = fmt.Errorf("health says nothing of damaged checkpoints: %s", body)
		}
		return err
	})
}

// files lists the checkpoints that a processor has of its own.
func (c *cluster) files(i int) (list []string, err error) {
	err = filepath.WalkDir(c.checkpoints(i), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s has kept no checkpoint yet", c.procs[i].name)
	}
	return list, err
}

// truncateCheckpoint halves all checkpoints of a processor and kills it; it
// starts again with them.
func truncateCheckpoint(ctx context.Context, c *cluster) error {
	p := c.procs[c.victim]
	if err := p.kill(); err != nil {
		return err
	}
	list, err := c.files(c.victim)
	if err != nil {
		return err
	}
	for _, name := range list {
		st, err := os.Stat(name)
		if err != nil {
			return err
		}
		if err := os.Truncate(name, st.Size()/2); err != nil {
			return err
		}
	}
	if err := p.start(); err != nil {
		return err
	}
	if err := c.sawDamage(ctx); err != nil {
		return err
	}
	return c.ready(ctx, c.victim)
}

// objects is the stream behind the store of checkpoints.
const objects = "OBJ_DETOUR_CHECKPOINTS"

// damageObject deletes the first chunk of everything in the store, and kills a
// processor, which starts again without checkpoints of its own.
func damageObject(ctx context.Context, c *cluster) error {
	p := c.procs[c.victim]
	if err := p.kill(); err != nil {
		return err
	}
	if err := c.spoilObjects(ctx); err != nil {
		return fmt.Errorf("damage stored checkpoints: %w", err)
	}
	if err := os.RemoveAll(c.checkpoints(c.victim)); err != nil {
		return err
	}
	if err := p.start(); err != nil {
		return err
	}
	if err := c.sawDamage(ctx); err != nil {
		return err
	}
	return c.ready(ctx, c.victim)
}

func (c *cluster) spoilObjects(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	s, err := c.js.Stream(ctx, objects)
	if err != nil {
		return err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter("$O.DETOUR_CHECKPOINTS.C.>"))
	if err != nil {
		return err
	}
	spoiled := 0
	for subject := range info.State.Subjects {
		m, err := s.GetLastMsgForSubject(ctx, subject)
		if err != nil {
			continue // replaced meanwhile
		}
		if s.DeleteMsg(ctx, m.Sequence) == nil {
			spoiled++
		}
	}
	if spoiled == 0 {
		return errors.New("there are none")
	}
	return nil
}
