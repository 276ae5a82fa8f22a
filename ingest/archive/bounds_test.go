package archive

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestAFileThatCameLateIsNotKeptForEver(t *testing.T) {
	s := newServer(t)
	s.behave(fileFolder+"updates.20190624.1005.gz", answer(404), answer(404), answer(404))
	s.updates(t, "10:00", "10:05")
	f := follow(t, Config{Access: access(t, s), Begin: at(t, "2019-06-24 10:00"), grace: time.Hour})
	f.await(t, func() bool { return f.news == 6 })
	f.stop()
	c := f.source.archive.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pinned) > 0 {
		t.Errorf("played, and still kept from making room: %v", c.pinned)
	}
}

// TestFilesThatCameLateMakeRoom: each had to be asked for twice.
func TestFilesThatCameLateMakeRoom(t *testing.T) {
	s := newServer(t)
	cfg := access(t, s)
	cfg.CacheSize = 1 << 20
	a := open(t, cfg)
	for i := range 4 {
		name := fmt.Sprintf("%supdates.20190624.10%02d.gz", fileFolder, 5*i)
		s.put(name, noise(300_000))
		s.behave(name, answer(404))
		when := at(t, "2019-06-24 10:00").Add(time.Duration(i) * 5 * time.Minute)
		f := File{Collector: "rrc00", At: when, URL: s.URL + name, every: 5 * time.Minute}
		for a.Fetch(t.Context(), []File{f}, nil) != nil { // as take does at each poll
			if len(s.requests(name)) > 1 {
				t.Fatalf("file %d: %v", i, a.Fetch(t.Context(), []File{f}, nil))
			}
		}
		content(t, a, f)
	}
}

func TestAnAnswerIsNoLongerThanItsRange(t *testing.T) {
	s := newServer(t)
	data := noise(100_000)
	s.put(fileURL, data)
	sent := 0
	s.behave(fileURL, breakOff(60_000), func(w http.ResponseWriter, r *http.Request, data []byte) bool {
		from := rangeOf(r)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		w.WriteHeader(http.StatusPartialContent) // chunked: no length
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for range 200 {
			n, err := w.Write(chunk)
			if sent += n; err != nil {
				break
			}
		}
		return true
	})
	cfg := access(t, s)
	a := open(t, cfg)
	most := int64(0)
	_ = a.Fetch(t.Context(), []File{s.the(t)}, func(p Progress) { most = max(most, p.Octets) })
	if most > cfg.CacheSize {
		t.Errorf("%d octets were written of a file of %d, in a cache of %d", most, len(data), cfg.CacheSize)
	}
}
