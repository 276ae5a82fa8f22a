package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/config"
	"detour/internal/flock"
	"detour/internal/natsd"
	"detour/stream"
)

// embed starts a server in this process. Its connections end with it.
func (d *daemon) embed(ctx context.Context) error {
	dir := d.cfg.NATS.Dir
	if err := d.lockFolder(dir); err != nil {
		return err
	}
	token := rand.Text()
	server, err := natsd.Start(ctx, natsd.Config{Dir: dir, Port: -1, Token: token, Log: d.log})
	if err != nil {
		return fmt.Errorf("start a server that keeps its streams in %s (nats.dir): %w", dir, err)
	}
	d.closers = append(d.closers, server.Close)
	if err := d.tellAddress(dir, token, server.ClientURL()); err != nil {
		return err
	}
	if d.nc, err = server.Conn(ctx); err != nil {
		return err
	}
	d.js, err = stream.JetStream(d.nc)
	return err
}

// lockFile keeps a second server out of the folder: two would write the same streams.
const lockFile = "lock"

func (d *daemon) lockFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the streams (nats.dir): %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock the folder of the streams (nats.dir): %w", err)
	}
	if err := flock.Take(f); err != nil {
		f.Close()
		if errors.Is(err, flock.ErrHeld) {
			return fmt.Errorf("another \"detour run\" is at work in %s (nats.dir): give each a folder of its own", dir)
		}
		return fmt.Errorf("lock the folder of the streams (nats.dir): %w", err)
	}
	d.closers = append(d.closers, func() { f.Close() })
	return nil
}

// addressFile is where "detour run" says how its server can be reached, in its
// folder. Only its owner can read it: it holds a token.
const addressFile = "address"

// tellAddress lets commands such as "detour status", on this machine and by the same
// user, find the server.
func (d *daemon) tellAddress(dir, token, url string) error {
	name := filepath.Join(dir, addressFile)
	text := strings.Replace(url, "://", "://"+token+"@", 1)
	// A file that is there may have another mode.
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("say how the server can be reached: %w", err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		return fmt.Errorf("say how the server can be reached: %w", err)
	}
	d.closers = append(d.closers, func() { os.Remove(name) })
	return nil
}

// reachable completes the configuration of a command that looks at a deployment:
// without nats.url it is the "detour run" that is at work in nats.dir.
func reachable(cfg config.NATS) (config.NATS, error) {
	if cfg.URL != "" {
		return cfg, nil
	}
	text, err := os.ReadFile(filepath.Join(cfg.Dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return cfg, fmt.Errorf("nats.url is empty, and no \"detour run\" is at work in %s (nats.dir); write nats.url or "+
			"set DETOUR_NATS_URL, or begin in the folder in which it was started", cfg.Dir)
	}
	if err != nil {
		return cfg, fmt.Errorf("find the server of \"detour run\": %w", err)
	}
	cfg.URL = string(text)
	return cfg, nil
}
