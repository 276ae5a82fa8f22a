package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// cache is a folder of downloaded files, below it a folder per server. A file FILE
// is whole if FILE.meta says its length; FILE.part is on its way. What was used
// longest ago goes first when room is needed.
type cache struct {
	dir   string
	limit int64

	mu       sync.Mutex
	pinned   map[string]int   // paths that must stay
	expected map[string]int64 // paths on their way, and how long they will be
}

func newCache(dir string, limit int64) *cache {
	return &cache{dir: dir, limit: limit, pinned: map[string]int{}, expected: map[string]int64{}}
}

// Endings of names in the cache.
const (
	metaEnd = ".meta"
	partEnd = ".part"
	tempEnd = ".temp"
)

// meta is what is known of a file beside its content. Its own time of change is
// that of the file's last use.
type meta struct {
	URL       string `json:"url"`
	Size      int64  `json:"size"`                // -1 not known yet
	Validator string `json:"validator,omitempty"` // ETag or Last-Modified, to go on where a download ended
}

// path is where a file lies.
func (c *cache) path(f File) (string, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return "", fmt.Errorf("where to keep %s: %w", f.URL, err)
	}
	host := strings.ReplaceAll(u.Host, ":", "_")
	path := filepath.Join(c.dir, host, filepath.FromSlash(u.Path))
	if rel, err := filepath.Rel(c.dir, path); err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s would lie outside the cache", f.URL)
	}
	return path, nil
}

func readMeta(path string) (m meta, ok bool) {
	data, err := os.ReadFile(path + metaEnd)
	if err != nil || json.Unmarshal(data, &m) != nil {
		return meta{}, false
	}
	return m, true
}

// write puts m beside path, whole or not at all.
func (m meta) write(path string) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("note %s: %w", path, err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+tempEnd)
	if err != nil {
		return fmt.Errorf("note %s: %w", path, err)
	}
	_, err = t.Write(data)
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), path+metaEnd)
	}
	if err != nil {
		os.Remove(t.Name())
		return fmt.Errorf("note %s: %w", path, err)
	}
	return nil
}

// whole reports whether the file is there in its full length. One that is there
// otherwise has been damaged.
func (c *cache) whole(path string) (there, ok bool) {
	st, err := os.Stat(path)
	if err != nil {
		return false, false
	}
	m, known := readMeta(path)
	return true, known && st.Mode().IsRegular() && m.Size == st.Size()
}

// used notes that a file is.
func (c *cache) used(path string, now time.Time) {
	os.Chtimes(path+metaEnd, now, now) //nolint:errcheck // at worst it goes sooner
}

func (c *cache) pin(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pinned[path]++
}

func (c *cache) unpin(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pinned[path]--; c.pinned[path] <= 0 {
		delete(c.pinned, path)
	}
}

// remove takes a file out of the cache.
func remove(path string) error {
	err := os.Remove(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	os.Remove(path + metaEnd) // alone it means nothing
	return nil
}
