package archive

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/ingest/mrt/mrttest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // net/http tells of what the tests do to it
	goleak.VerifyTestMain(m)
}

// server is an archive with files and bad habits.
type server struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	files  map[string]*served // by path
	habits map[string][]habit // by path; each for one request, the last for ever if it says so
	asked  []string           // path, and the range asked for
}

type served struct {
	data     []byte
	version  int
	unlisted bool
}

// habit answers one request in the server's place; it reports false to let the server
// answer.
type habit func(w http.ResponseWriter, r *http.Request, data []byte) bool

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, files: map[string]*served{}, habits: map[string][]habit{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Server.Close)
	return s
}

func (s *server) put(name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := 1
	if old := s.files[name]; old != nil {
		version = old.version + 1
	}
	s.files[name] = &served{data: data, version: version}
}

func (s *server) behave(name string, habits ...habit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.habits[name] = habits
}

// requests returns what was asked for of a path: "" or a range.
func (s *server) requests(name string) (ranges []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if asked, ok := strings.CutPrefix(a, name+" "); ok {
			ranges = append(ranges, asked)
		}
	}
	return ranges
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path+" "+r.Header.Get("Range"))
	f := s.files[r.URL.Path]
	var h habit
	if all := s.habits[r.URL.Path]; len(all) > 0 {
		h, s.habits[r.URL.Path] = all[0], all[1:]
	}
	page := s.index(r.URL.Path)
	s.mu.Unlock()
	data := []byte(page)
	if f != nil {
		data = f.data
	}
	switch {
	case h != nil && h(w, r, data):
	case f != nil:
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, f.version))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
	case page != "":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	default:
		http.NotFound(w, r)
	}
}

// index lists a folder as Apache does.
func (s *server) index(folder string) string {
	var names []string
	for name, f := range s.files {
		if path.Dir(name)+"/" == folder && !f.unlisted {
			names = append(names, path.Base(name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	var b strings.Builder
	fmt.Fprintf(&b, "<html><title>Index of %s</title><a href=\"?C=N;O=D\">Name</a>\n", folder)
	fmt.Fprintln(&b, `<a href="/">Parent Directory</a>`)
	for _, n := range names {
		fmt.Fprintf(&b, "<tr><td><a href=\"%s\">%s</a></td><td>2019-06-24 10:05  </td><td>3.4M</td></tr>\n", n, n)
	}
	return b.String()
}

// send writes what nobody may be there to take.
func send(w io.Writer, data []byte) { _, _ = w.Write(data) }

// Habits.

func answer(status int) habit {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		http.Error(w, http.StatusText(status), status)
		return true
	}
}

func trouble(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
	fmt.Fprint(w, "<html><h1>We are sorry</h1> <a href=\"/login\">log in</a></html>")
	return true
}

// endless sends more than any index has.
func endless(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range maxIndex>>20 + 2 {
		if _, err := w.Write(chunk); err != nil {
			break
		}
	}
	return true
}

// breakOff promises the whole and ends the connection after n octets.
func breakOff(n int) habit {
	return func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		if from := rangeOf(r); from > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
			w.Header().Set("Content-Length", fmt.Sprint(len(data)-from))
			w.WriteHeader(http.StatusPartialContent)
			data = data[from:]
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		send(w, data[:n])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func rangeOf(r *http.Request) (from int) {
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err != nil {
		return 0
	}
	return from
}

// fallSilent sends n octets and then nothing.
func fallSilent(n int) habit {
	return func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		send(w, data[:n])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
}

// ignoreRange sends all whatever was asked for.
func ignoreRange(w http.ResponseWriter, _ *http.Request, data []byte) bool {
	w.Header().Set("ETag", `"1"`)
	send(w, data)
	return true
}

// otherRange sends another part than was asked for.
func otherRange(w http.ResponseWriter, _ *http.Request, data []byte) bool {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes 1-%d/%d", len(data)-1, len(data)))
	w.WriteHeader(http.StatusPartialContent)
	send(w, data[1:])
	return true
}

// soon is a Stall for tests in which somebody falls silent.
const soon = time.Second

// access reaches s without waiting for long between attempts.
func access(t *testing.T, s *server) Access {
	t.Helper()
	return Access{
		BaseURL: s.URL, Cache: filepath.Join(t.TempDir(), "cache"), CacheSize: 64 << 20,
		Stall: 30 * time.Second, Attempts: 3, pauseMin: time.Millisecond,
	}
}

func open(t *testing.T, cfg Access) *Archive {
	t.Helper()
	a, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// squeeze compresses.
func squeeze(data []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.NoCompression)
	send(z, data)
	z.Close()
	return b.Bytes()
}

// quarter is a recording of n updates, one a second from at on, by two peers in turn.
func quarter(at time.Time, n int) []byte {
	var b []byte
	for i := range n {
		s := mrttest.IPv4Session(true)
		s.PeerASN, s.Peer = 64511+uint32(i%2), netip.AddrFrom4([4]byte{10, 0, 0, byte(1 + i%2)})
		msg := mrttest.Update(nil, mrttest.Attrs(true, s.PeerASN, 1), mrttest.NLRI(fmt.Sprintf("11.%d.0.0/16", i%200)))
		b = append(b, mrttest.Record(uint32(at.Unix())+uint32(i), 16, 4, s.Message(msg))...)
	}
	return squeeze(b)
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const corpus = "../../../shared/corpus/mrt/"

func corpusFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(corpus + name)
	if err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	return data
}
