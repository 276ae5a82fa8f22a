package archive

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stored is a file of the cache.
type stored struct {
	path string // without .part
	part bool
	size int64
	used time.Time
}

// room makes room for a file of this size that is on its way, and keeps it until
// free is called. What other processes fetch at the same time is only known as far
// as it has come.
func (c *cache) room(path string, size int64) error {
	if size > c.limit {
		return finalf("%s has %s, more than the cache may hold (%s): let it hold more", filepath.Base(path),
			octets(size), octets(c.limit))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expected[path] = size
	all, err := c.list()
	if err != nil {
		delete(c.expected, path)
		return err
	}
	total := int64(0)
	for i := range all {
		total += all[i].size
	}
	slices.SortFunc(all, func(a, b stored) int {
		return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path))
	})
	for i := 0; total > c.limit && i < len(all); i++ {
		if s := &all[i]; c.pinned[s.path] == 0 && c.expected[s.path] == 0 && s.evict() {
			total -= s.size
		}
	}
	if total > c.limit {
		delete(c.expected, path)
		return finalf("the files that are needed at once take more than the cache may hold (%s): "+
			"let it hold more, or ask for less", octets(c.limit))
	}
	return nil
}

func (c *cache) free(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.expected, path)
}

// list returns what lies in the cache, and of what is on its way as much as it will
// be. Whatever else lies in the folder is left alone.
func (c *cache) list() (all []stored, err error) {
	seen := map[string]bool{}
	err = filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // another process was quicker
			}
			return err
		}
		name, part := strings.CutSuffix(path, partEnd)
		if !fileName.MatchString(filepath.Base(name)) {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // another process was quicker
		}
		s := stored{path: name, part: part, size: st.Size(), used: st.ModTime()}
		if want := c.expected[name]; part && want != 0 {
			s.size, seen[name] = max(s.size, want), true
		}
		if m, err := os.Stat(name + metaEnd); err == nil && !part {
			s.used = m.ModTime()
		}
		all = append(all, s)
		return nil
	})
	for path, size := range c.expected {
		if !seen[path] {
			all = append(all, stored{path: path, part: true, size: size, used: time.Now()})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look through the cache: %w", err)
	}
	return all, nil
}

// evict removes a file, unless another process fetches it.
func (s *stored) evict() bool {
	if !s.part {
		return remove(s.path) == nil
	}
	l, err := lock(s.path+partEnd, false)
	if err != nil {
		return false
	}
	defer l.Close()
	os.Remove(s.path + metaEnd) // alone it means nothing
	return os.Remove(s.path+partEnd) == nil
}

// octets says a size for people.
func octets(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d octets", n)
}
