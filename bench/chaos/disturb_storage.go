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

func saysDiskFull(_ context.Context, c *cluster, _ *outcome) []string {
	return c.says(c.servers.list[fullServer], diskFull)
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

// passedOver is what a processor says of a checkpoint that it cannot use.
var passedOver = regexp.MustCompile(`level=ERROR msg="checkpoint passed over"`)

func saysDamage(_ context.Context, c *cluster, _ *outcome) []string {
	return c.says(c.procs[c.victim], passedOver)
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
