package config

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Check finds what is wrong with the values for a role, all at once; RoleNone
// asks for no key. warnings are doubtful, and told even if there are errors. err
// is of type Problems.
func (c *Config) Check(role Role) (warnings Problems, err error) {
	k := checker{c: c, role: role}
	k.name()
	k.nats()
	k.streams()
	k.ingest()
	k.process()
	k.detect()
	k.sink()
	k.admin()
	k.log()
	return k.doubtful, k.wrong.err()
}

// checker collects what is wrong.
type checker struct {
	c               *Config
	role            Role
	wrong, doubtful Problems
}

func (k *checker) fail(path, format string, args ...any) {
	k.wrong.add(k.c.Origin(path), path, format, args...)
}

func (k *checker) warn(path, format string, args ...any) {
	k.doubtful.add(k.c.Origin(path), path, format, args...)
}

// is reports whether the check is for one of the roles.
func (k *checker) is(roles ...Role) bool { return slices.Contains(roles, k.role) }

// between checks a number.
func (k *checker) between(path string, n, least, most int) {
	if n < least || n > most {
		k.fail(path, "is %d, must be from %d to %d", n, least, most)
	}
}

// oneOf checks a word.
func (k *checker) oneOf(path, word string, words ...string) {
	if !slices.Contains(words, word) {
		last := len(words) - 1
		k.fail(path, "is %s, must be %s or %s", shown(word), strings.Join(words[:last], ", "), words[last])
	}
}

// need checks that a key has a value.
func (k *checker) need(path, value, do string) {
	if value == "" {
		k.fail(path, "is empty; %s", do)
	}
}

// nameMax bounds a name, which stands in many messages.
const nameMax = 64

func (k *checker) name() {
	name := k.c.Name
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	}
	if len(name) > nameMax || strings.ContainsFunc(name, odd) {
		k.fail("name", "is %s, must have at most %d letters, digits, \"-\", \"_\" and \".\"", shown(name), nameMax)
	}
}

func (k *checker) detect() {
	d := &k.c.Detect
	k.oneOf("detect.mature", d.Mature, "auto", "yes", "no")
	if d.Learn != "auto" {
		if t, err := parseDuration(d.Learn); err != nil || t < time.Second || t > day {
			k.fail("detect.learn", "is %s, must be auto or a duration from 1s to 24h, such as 120s", shown(d.Learn))
		}
	}
	k.named("detect.vrps", d.VRPs)
	k.named("detect.names", d.Names)
	for i, peer := range d.Peers.Ignore {
		k.need(fmt.Sprintf("detect.peers.ignore[%d]", i), peer, "name an ASN, an address or a collector, or take it out")
	}
	for kind, path := range sorted(d.Lists) {
		at := join("detect.lists", printable(kind))
		if !slices.Contains([]string{"beacons", "scrubbers", "tier1s"}, kind) {
			k.fail(at, "no such list; there are beacons, scrubbers and tier1s")
		}
		k.need(at, path, "name a file, or take the key out")
	}
}

func (k *checker) sink() {
	s := &k.c.Sink
	k.named("sink.files", s.Files)
	if s.Terminal || len(s.Files) > 0 {
		return
	}
	const do = "has nowhere to bring alerts to; set sink.terminal: true, or list files in sink.files"
	switch k.role {
	case RoleSink:
		k.fail("sink", do)
	case RoleRun:
		k.warn("sink", do)
	default:
	}
}

// named checks a list of files: none empty, none twice.
func (k *checker) named(path string, files []string) {
	first := map[string]int{}
	for i, file := range files {
		at := fmt.Sprintf("%s[%d]", path, i)
		k.need(at, file, "name a file, or take the line out")
		if j, twice := first[file]; twice && file != "" {
			k.fail(at, "names the same file as %s[%d]; take one out", path, j)
		}
		first[file] = i
	}
}

func (k *checker) admin() {
	listen := k.c.Admin.Listen
	if listen == "" {
		return
	}
	host, err := splitAddress(listen)
	if err != nil {
		k.fail("admin.listen", "is %s, %v", shown(listen), err)
		return
	}
	if addr, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !addr.IsLoopback()) {
		k.warn("admin.listen", "is %s, which others may reach; metrics, health and profiles answer everyone who does",
			shown(listen))
	}
}

// splitAddress returns the host of host:port, with a number as port.
func splitAddress(address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		err = checkPort(port)
	}
	if err != nil {
		return "", fmt.Errorf("must be an address with a port, such as 127.0.0.1:9179")
	}
	return host, nil
}

func (k *checker) log() {
	k.oneOf("log.level", k.c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", k.c.Log.Format, "text", "json")
}
