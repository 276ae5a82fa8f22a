package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	fileFolder = "/rrc00/2019.06/"
	fileURL    = fileFolder + "updates.20190624.1000.gz"
)

// the is the file of fileURL.
func (s *server) the(t *testing.T) File {
	t.Helper()
	return File{Collector: "rrc00", At: at(t, "2019-06-24 10:00"), URL: s.URL + fileURL, every: 5 * time.Minute}
}

// noise is a file that does not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return squeeze(b)
}

// content is what Open gives.
func content(t *testing.T, a *Archive, f File) []byte {
	t.Helper()
	file, err := a.Open(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// left lists what lies in a cache, but for notes of whole files.
func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, metaEnd) {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestADownloadGoesOnWhereItWasBrokenOff(t *testing.T) {
	data := noise(200_000)
	const first, second = 70_000, 50_000
	for name, c := range map[string]struct {
		habits []habit
		want   []string // ranges that were asked for
	}{
		"at once":       {nil, []string{""}},
		"broken off":    {[]habit{breakOff(first), breakOff(second)}, []string{"", "bytes=70000-", "bytes=120000-"}},
		"silent":        {[]habit{fallSilent(first)}, []string{"", "bytes=70000-"}},
		"nothing came":  {[]habit{breakOff(0), answer(503)}, []string{"", "", ""}},
		"many times":    {slices.Repeat([]habit{breakOff(40_000)}, 4), nil},
		"range ignored": {[]habit{breakOff(first), ignoreRange}, []string{"", "bytes=70000-"}},
		"other range":   {[]habit{breakOff(first), otherRange}, []string{"", "bytes=70000-", ""}},
		"no such range": {[]habit{breakOff(first), answer(416)}, []string{"", "bytes=70000-", ""}},
		"page of trouble": {
			[]habit{trouble, trouble}, []string{"", "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.put(fileURL, data)
			s.behave(fileURL, c.habits...)
			cfg := access(t, s)
			if name == "silent" {
				cfg.Stall = soon
			}
			a := open(t, cfg)
			var last Progress
			if err := a.Fetch(t.Context(), []File{s.the(t)}, func(p Progress) { last = p }); err != nil {
				t.Fatal(err)
			}
			if got := content(t, a, s.the(t)); !bytes.Equal(got, data) {
				t.Errorf("%d octets that are not the file's %d", len(got), len(data))
			}
			if want := (Progress{Files: 1, Of: 1, Octets: int64(len(data))}); last != want {
				t.Errorf("progress %+v, want %+v", last, want)
			}
			if got := s.requests(fileURL); c.want != nil && !slices.Equal(got, c.want) {
				t.Errorf("asked for %q, want %q", got, c.want)
			}
			if names := left(t, cfg.Cache); len(names) != 1 {
				t.Errorf("the cache holds %q", names)
			}
		})
	}
}

func TestAFileThatChangesMeanwhileIsFetchedAnew(t *testing.T) {
	s := newServer(t)
	before, after := noise(100_000), noise(150_000)
	s.put(fileURL, before)
	s.behave(fileURL, breakOff(50_000), func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		s.put(fileURL, after) // answered by the next request, which must not ask for its rest alone
		return answer(500)(w, r, nil)
	})
	if got := content(t, open(t, access(t, s)), s.the(t)); !bytes.Equal(got, after) {
		t.Errorf("%d octets that are not the new file's %d", len(got), len(after))
	}
}

// TestAnotherProcessGoesOn with what one that was interrupted has left.
func TestAnotherProcessGoesOn(t *testing.T) {
	s := newServer(t)
	data := noise(100_000)
	s.put(fileURL, data)
	s.behave(fileURL, breakOff(60_000), answer(403))
	cfg := access(t, s)
	if err := open(t, cfg).Fetch(t.Context(), []File{s.the(t)}, nil); err == nil {
		t.Fatal("no error")
	}
	if got := content(t, open(t, cfg), s.the(t)); !bytes.Equal(got, data) {
		t.Error("not the file")
	}
	if got := s.requests(fileURL); !slices.Equal(got, []string{"", "bytes=60000-", "bytes=60000-"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestAFileThatCannotBeHadIsNamed(t *testing.T) {
	data := noise(100_000)
	for name, c := range map[string]struct {
		habits []habit
		want   string
		asked  int
	}{
		"not there":        {[]habit{answer(404)}, "is not there (404)", 1},
		"refused":          {[]habit{answer(403)}, "403 Forbidden", 1},
		"busy":             {slices.Repeat([]habit{answer(503)}, 3), "given up after 3 attempts", 3},
		"always cut there": {slices.Repeat([]habit{breakOff(0)}, 3), "EOF", 3},
		"no ranges and always cut": {
			// The first attempt counts as one that brought something.
			slices.Repeat([]habit{noRanges(breakOff(90_000))}, 4), "EOF", 3,
		},
		"a page": {slices.Repeat([]habit{trouble}, 3), "a page that tells of trouble", 3},
		"too large": {[]habit{func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			w.Header().Set("Content-Length", "99999999999")
			w.WriteHeader(http.StatusOK)
			return true
		}}, "more than the cache may hold", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.put(fileURL, data)
			s.behave(fileURL, c.habits...)
			_, err := open(t, access(t, s)).Open(t.Context(), s.the(t))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), s.the(t).Name()) {
				t.Errorf("error %v, want %q and the file's name in it", err, c.want)
			}
			if got := s.requests(fileURL); len(got) != c.asked {
				t.Errorf("asked %d times, want %d: %q", len(got), c.asked, got)
			}
			if c.want == "is not there (404)" && !errors.Is(err, ErrNotThere) {
				t.Errorf("%v is not ErrNotThere", err)
			}
		})
	}
}

// noRanges leaves out what tells versions apart, so that nobody asks for a rest.
func noRanges(h habit) habit {
	return func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		return h(withoutTag{w}, r, data)
	}
}

type withoutTag struct{ http.ResponseWriter }

func (w withoutTag) Write(b []byte) (int, error) {
	w.Header().Del("ETag")
	return w.ResponseWriter.Write(b)
}

func (w withoutTag) Flush() { w.ResponseWriter.(http.Flusher).Flush() }

// TestAFileThatIsStillBeingWritten has a part of its content when it is listed.
func TestAFileThatIsStillBeingWritten(t *testing.T) {
	s := newServer(t)
	now := time.Now().UTC().Truncate(time.Minute)
	name := fmt.Sprintf("/rrc00/%s/updates.%s.gz", now.Format(monthFormat), now.Format("20060102.1504"))
	f := File{Collector: "rrc00", At: now, URL: s.URL + name, every: 5 * time.Minute}
	data := quarter(now, 3000)
	s.put(name, data[:len(data)/2])
	s.behave(name, nil, func(http.ResponseWriter, *http.Request, []byte) bool {
		go s.put(name, data)
		return false
	})
	a := open(t, access(t, s))
	var err error
	for range 5 { // it grows at some time between
		if err = a.Fetch(t.Context(), []File{f}, nil); err == nil {
			break
		}
		if !strings.Contains(err.Error(), "perhaps still being written") {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, a, f); !bytes.Equal(got, data) {
		t.Errorf("%d octets, want %d", len(got), len(data))
	}
}

// TestManyProcessesShareACache: each file comes whole to each of them.
func TestManyProcessesShareACache(t *testing.T) {
	s := newServer(t)
	var files []File
	for i := range 6 {
		f := s.the(t)
		f.URL = fmt.Sprintf("%s%supdates.20190624.10%02d.gz", s.URL, fileFolder, i)
		s.put(strings.TrimPrefix(f.URL, s.URL), noise(100_000+i))
		files = append(files, f)
	}
	cfg := access(t, s)
	var all sync.WaitGroup
	for range 5 {
		a := open(t, cfg)
		all.Go(func() {
			if err := a.Fetch(t.Context(), files, nil); err != nil {
				t.Error(err)
			}
			for i, f := range files {
				file, err := a.Open(t.Context(), f)
				if err != nil {
					t.Error(err)
					continue
				}
				data, err := io.ReadAll(file)
				if file.Close(); err != nil || !bytes.Equal(data, noise(100_000+i)) {
					t.Errorf("file %d: %d octets, %v", i, len(data), err)
				}
			}
		})
	}
	all.Wait()
	for _, f := range files {
		if n := len(s.requests(strings.TrimPrefix(f.URL, s.URL))); n != 1 {
			t.Errorf("%s was fetched %d times", f.Name(), n)
		}
	}
	if names := left(t, cfg.Cache); len(names) != len(files) {
		t.Errorf("the cache holds %q", names)
	}
}

// TestAThousandSpoiltAnswersDoNoHarm: nothing is taken for a file that is none of
// its length, and memory and disk stay bounded.
func TestAThousandSpoiltAnswersDoNoHarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	body := squeeze([]byte("what a file holds"))
	whole := "HTTP/1.1 200 OK\r\nContent-Length: " + fmt.Sprint(len(body)) +
		"\r\nETag: \"1\"\r\nContent-Range: bytes 5-9/10\r\nRetry-After: 0\r\n\r\n" + string(body)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b := []byte(whole)
			for range rng.IntN(6) {
				i := rng.IntN(len(b))
				switch rng.IntN(3) {
				case 0:
					b[i] = byte(rng.IntN(256))
				case 1:
					b = b[:i+1]
				default:
					b = append(b[:i:i], append([]byte("99999\r\n: "), b[i:]...)...)
				}
			}
			if _, err := c.Read(make([]byte, 4096)); err == nil {
				send(c, b)
			}
			c.Close()
		}
	})
	cfg := Access{
		BaseURL: "http://" + l.Addr().String(), Cache: t.TempDir(), Stall: time.Second, Attempts: 1,
		pauseMin: time.Nanosecond,
	}
	a, brought := open(t, cfg), 0
	for range 1000 {
		f := File{Collector: "rrc00", At: at(t, "2019-06-24 10:00"), URL: cfg.BaseURL + fileURL}
		file, err := a.Open(t.Context(), f)
		if err != nil {
			continue
		}
		brought++
		file.Close()
		if err := remove(a.Path(f)); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	serving.Wait()
	if brought == 0 || brought == 1000 {
		t.Errorf("%d of 1000 answers brought a file: nothing was spoilt, or everything", brought)
	}
}
