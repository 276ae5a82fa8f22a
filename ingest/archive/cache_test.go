package archive

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fill fetches files of so many octets and returns them.
func fill(t *testing.T, s *server, a *Archive, from int, sizes ...int) (files []File) {
	t.Helper()
	for i, n := range sizes {
		f := s.the(t)
		f.URL = fmt.Sprintf("%s%supdates.20190624.10%02d.gz", s.URL, fileFolder, from+i)
		s.put(strings.TrimPrefix(f.URL, s.URL), noise(n))
		if err := a.Fetch(t.Context(), []File{f}, nil); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// let opens files and thereby lets them go.
func let(t *testing.T, a *Archive, files ...File) {
	t.Helper()
	for _, f := range files {
		content(t, a, f)
	}
}

// usedAt dates a file's last use.
func usedAt(t *testing.T, a *Archive, f File, ago time.Duration) {
	t.Helper()
	a.cache.used(a.Path(f), time.Now().Add(-ago))
}

func TestWhatWasUsedLongestAgoMakesRoom(t *testing.T) {
	s := newServer(t)
	cfg := access(t, s)
	cfg.CacheSize = 1 << 20
	a := open(t, cfg)
	mine := filepath.Join(cfg.Cache, "notes.txt")
	files := fill(t, s, a, 0, 300_000, 300_000, 300_000)
	if err := os.WriteFile(mine, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	let(t, a, files...)
	for i, f := range files {
		usedAt(t, a, f, time.Duration(10+i)*time.Hour)
	}
	let(t, a, files[2]) // it is used again
	fill(t, s, a, 3, 300_000)
	want := []string{"notes.txt", "updates.20190624.1000.gz", "updates.20190624.1002.gz", "updates.20190624.1003.gz"}
	if got := left(t, cfg.Cache); !slices.Equal(got, sorted(got, want)) {
		t.Errorf("the cache holds %q, want %q", got, want)
	}
}

// sorted returns want in the order of got where they hold the same.
func sorted(got, want []string) []string {
	a, b := slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(a, b) {
		return got
	}
	return want
}

func TestWhatIsNeededStays(t *testing.T) {
	s := newServer(t)
	cfg := access(t, s)
	cfg.CacheSize = 1 << 20
	a := open(t, cfg)
	files := fill(t, s, a, 0, 400_000, 400_000) // fetched, and not opened yet
	usedAt(t, a, files[0], time.Hour)
	f := s.the(t)
	f.URL = s.URL + fileFolder + "updates.20190624.1100.gz"
	s.put(fileFolder+"updates.20190624.1100.gz", noise(400_000))
	err := a.Fetch(t.Context(), []File{f}, nil)
	if err == nil || !strings.Contains(err.Error(), "let it hold more, or ask for less") {
		t.Errorf("error %v", err)
	}
	let(t, a, files...)
	if err := a.Fetch(t.Context(), []File{f}, nil); err != nil {
		t.Error(err)
	}
	if got := left(t, cfg.Cache); len(got) != 2 {
		t.Errorf("the cache holds %q", got)
	}
}

func TestADamagedFileOfTheCacheIsFetchedAgain(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"shorter":      func(path string) error { return os.Truncate(path, 1000) },
		"longer":       func(path string) error { return os.Truncate(path, 1_000_000) },
		"without note": func(path string) error { return os.Remove(path + metaEnd) },
		"with a spoilt note": func(path string) error {
			return os.WriteFile(path+metaEnd, []byte("{"), 0o600)
		},
		"removed": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			a := open(t, access(t, s))
			f := fill(t, s, a, 0, 100_000)[0]
			let(t, a, f)
			if n := len(s.requests(fileURL)); n != 1 {
				t.Fatalf("fetched %d times although it is in the cache", n)
			}
			if err := damage(a.Path(f)); err != nil {
				t.Fatal(err)
			}
			if got := content(t, a, f); !bytes.Equal(got, noise(100_000)) {
				t.Errorf("%d octets that are not the file", len(got))
			}
			if n := len(s.requests(fileURL)); n != 2 {
				t.Errorf("fetched %d times, want 2", n)
			}
		})
	}
}

func TestWhatCannotBeIsSaid(t *testing.T) {
	for want, cfg := range map[string]Access{
		"cache size is 5 octets": {CacheSize: 5, Cache: "x"},
		"99 downloads at a time": {Parallel: 99, Cache: "x"},
	} {
		if _, err := Open(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	s.put(fileURL, noise(10))
	cfg := access(t, s)
	cfg.Cache = file
	if err := open(t, cfg).Fetch(t.Context(), []File{s.the(t)}, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a cache that is no folder: %v", err)
	}
	for _, path := range []string{
		"/../../../etc/updates.20190624.1000.gz", "/a/%2e%2e/%2e%2e/%2e%2e/updates.20190624.1000.gz",
	} {
		f := File{URL: s.URL + path}
		if p, err := open(t, access(t, s)).cache.path(f); err == nil {
			t.Errorf("%s is kept at %s", path, p)
		}
	}
}
