package main

import (
	"crypto/tls"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
)

// contents are all files of a folder. None may be read by others.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 && name != dir {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, dir)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAnotherRunChangesNothing(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--hosts", "a.example,b.example,192.0.2.1", "--etc", filepath.Join(dir, "nodes", "a.example"), dir}
	if err := run(args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	first := contents(t, dir)
	if err := run(args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
	opts, err := server.ProcessConfigFile(filepath.Join(dir, "nodes", "a.example", "nats-server.conf"))
	if err != nil {
		t.Fatal(err)
	}
	verify := tls.RequireAndVerifyClientCert
	if opts.TLSConfig.ClientAuth != verify || opts.Cluster.TLSConfig.ClientAuth != verify ||
		opts.HTTPHost != "127.0.0.1" || len(opts.Routes) != 3 ||
		opts.Routes[2].Host != "192.0.2.1:6222" || opts.StoreDir != "/var/lib/nats" {
		t.Errorf("configuration of %s: routes %v, store %s, monitoring on %s",
			opts.ServerName, opts.Routes, opts.StoreDir, opts.HTTPHost)
	}
	if err := os.Remove(filepath.Join(dir, "clients", "sink", "cert.pem")); err != nil {
		t.Fatal(err)
	}
	if err := run(append([]string{"--add", "subscriber.acme"}, args...), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	again := contents(t, dir)
	for _, name := range []string{"cert.pem", "key.pem"} {
		if again["/clients/sink/"+name] == first["/clients/sink/"+name] {
			t.Errorf("the sink's removed certificate was not made anew: %s", name)
		}
	}
	public, err := openSeed(filepath.Join(dir, "clients", "subscriber.acme", "nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(again["/nodes/192.0.2.1/accounts.conf"], public) {
		t.Error("the added user is not in the configuration")
	}
}

func TestWhatMakesNoSense(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no folder":        {[]string{"--local", "4000"}, "give one folder"},
		"no servers":       {[]string{"x"}, "either --hosts or --local"},
		"both":             {[]string{"--local", "4000", "--hosts", "a", "x"}, "either --hosts or --local"},
		"a host twice":     {[]string{"--hosts", "a,a", "x"}, "of their own"},
		"a path as host":   {[]string{"--hosts", "../a", "x"}, "of their own"},
		"too many shards":  {[]string{"--hosts", "a", "--shards", "65", "x"}, "must be from 1 to 64"},
		"no room":          {[]string{"--hosts", "a", "--max-file", "0", "x"}, "at least 1"},
		"an unknown role":  {[]string{"--hosts", "a", "--add", "king", "x"}, "no user"},
		"a path as a user": {[]string{"--hosts", "a", "--add", "sink./../../x", "x"}, "no user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := run(tc.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
