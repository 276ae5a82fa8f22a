package config

import (
	"errors"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (k *checker) nats() {
	n := &k.c.NATS
	switch {
	case n.URL != "":
		for text := range strings.SplitSeq(n.URL, ",") {
			if err := checkURL(strings.TrimSpace(text)); err != nil {
				k.fail("nats.url", "%v", err)
			}
		}
	case k.is(RoleIngest, RoleProcess, RoleSink):
		k.fail("nats.url", "is empty, and the role %s needs a server; write nats.url or set %s", k.role, envOf("nats.url"))
	case k.is(RoleRun):
		k.need("nats.dir", n.Dir, "the server of \"detour run\" needs a folder; write nats.dir, or nats.url for another one")
		if n.NkeySeedFile+n.CAFile+n.CertFile != "" {
			k.warn("nats.url", "is empty, so nats.nkey_seed_file, nats.ca_file and nats.cert_file are not used")
		}
	default:
	}
	if n.CertFile != "" && n.KeyFile == "" {
		k.fail("nats.cert_file", "has no key; name the key's file in nats.key_file")
	}
	if n.KeyFile != "" && n.CertFile == "" {
		k.fail("nats.key_file", "has no certificate; name the certificate's file in nats.cert_file")
	}
}

// checkURL never repeats the address: it may hold a password.
func checkURL(text string) error {
	const form = "write each server as nats://HOST:PORT or tls://HOST:PORT, with commas between several"
	if text == "" {
		return errors.New("has an empty address; " + form)
	}
	if !strings.Contains(text, "://") {
		text = "nats://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Port() != "" && checkPort(u.Port()) != nil {
		return errors.New("holds what is no address; " + form)
	}
	if u.User != nil || strings.Contains(text, "@") {
		return errors.New("holds a name or password; take it out and name the nkey's file in nats.nkey_seed_file")
	}
	if !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
		return errors.New("has the scheme " + shown(u.Scheme) + "; " + form)
	}
	return nil
}

func checkPort(port string) error {
	_, err := strconv.ParseUint(port, 10, 16)
	return err
}

// What streams can be, see package stream.
const (
	shardsMax      = 64
	streamLeastAge = time.Second
	streamLeast    = 2 << 20 // bytes; two messages
	// logLeast is what a shard's log should hold where sources wait for processors
	// that are behind: twice what those may be behind.
	logLeast = 2 * 64 << 20
)

func (k *checker) streams() {
	s := &k.c.Streams
	k.between("streams.shards", s.Shards, 1, shardsMax)
	if !slices.Contains([]int{1, 3, 5}, s.Replicas) {
		k.fail("streams.replicas", "is %d, must be 1, 3 or 5", s.Replicas)
	} else if s.Replicas > 1 && k.is(RoleRun) && k.c.NATS.URL == "" {
		k.fail("streams.replicas", "is %d, and the one server of \"detour run\" can keep 1; write 1, or nats.url", s.Replicas)
	}
	k.limits("streams.updates", s.Updates)
	k.limits("streams.evidence", s.Evidence)
	k.limits("streams.alerts", s.Alerts)
	if interval := k.c.Process.Checkpoint.Interval; s.Updates.MaxAge <= interval {
		k.fail("streams.updates.max_age", "is %s, must be more than process.checkpoint.interval (%s): "+
			"what came after a checkpoint is read from the log", FormatDuration(s.Updates.MaxAge), FormatDuration(interval))
	}
}

func (k *checker) limits(path string, l Limits) {
	if l.MaxAge < streamLeastAge {
		k.fail(path+".max_age", "is %s, must be at least %s", FormatDuration(l.MaxAge), FormatDuration(streamLeastAge))
	}
	k.size(path+".max_bytes", l.MaxBytes, streamLeast)
}

func (k *checker) size(path string, n, least Bytes) {
	if n < least {
		k.fail(path, "is %s, must be at least %s", n, least)
	}
}

// sorted yields the pairs of m in the order of their keys.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
