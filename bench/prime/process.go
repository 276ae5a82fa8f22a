package prime

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"detour/internal/cputime"
	"detour/internal/pause"
)

// What the process says of itself, on its admin listener.
const (
	admin    = "127.0.0.1:19479"
	lookEach = 100 * time.Millisecond
	endWait  = time.Minute
)

var (
	elements = regexp.MustCompile(`(?m)^detour_shard_elements_total\S* (\S+)$`)
	stored   = regexp.MustCompile(`(?m)^detour_ingest_elements_total\S* (\S+)$`)
	waiting  = regexp.MustCompile(`(?m)^detour_log_spill_bytes\S* (\S+)$`)
)

// run primes a detour with a table and looks at it.
func (t *took) run(ctx context.Context, detour, dir, file string) error {
	c := exec.CommandContext(ctx, detour, "run", "--source", "rislive=http://127.0.0.1:1,prime_files=rrc00="+file)
	c.Dir, c.Env = dir, append(os.Environ(), "DETOUR_ADMIN_LISTEN="+admin, "DETOUR_LOG_LEVEL=warn")
	said := &strings.Builder{}
	c.Stderr = said
	begin := time.Now()
	if err := c.Start(); err != nil {
		return fmt.Errorf("start detour: %w", err)
	}
	err := t.watch(ctx, begin)
	if err == nil {
		t.resident, err = cputime.MemoryOf(c.Process.Pid)
	}
	if e := c.Process.Signal(syscall.SIGTERM); err == nil {
		err = e
	}
	end := time.AfterFunc(endWait, func() { _ = c.Process.Kill() })
	defer end.Stop()
	if e := c.Wait(); err == nil {
		err = e
	}
	if err != nil {
		text := said.String()
		return fmt.Errorf("prime: %w; it said:\n%s", err, text[max(0, len(text)-2000):])
	}
	t.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.peak = uint64(r.Maxrss) << 10
	}
	t.kept, err = size(filepath.Join(dir, "detour-data"))
	return err
}

// watch waits until every route is in the state.
func (t *took) watch(ctx context.Context, begin time.Time) error {
	for {
		if err := pause.For(ctx, lookEach); err != nil {
			return err
		}
		text, err := metrics(ctx)
		if err != nil {
			if time.Since(begin) > endWait {
				return err
			}
			continue // it has only begun
		}
		if t.told == 0 && sum(stored, text) >= float64(t.routes) && sum(waiting, text) == 0 {
			t.told = time.Since(begin)
		}
		switch got := sum(elements, text); {
		case got > float64(t.routes):
			return fmt.Errorf("%.0f routes were applied, more than the %d of the table", got, t.routes)
		case got == float64(t.routes):
			t.applied = time.Since(begin)
			return nil
		}
	}
}

func metrics(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/metrics", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	return string(data), err
}

func sum(what *regexp.Regexp, text string) (total float64) {
	for _, m := range what.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		total += n
	}
	return total
}

func size(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		st, err := d.Info()
		if err == nil {
			total += st.Size()
		}
		return err
	})
	return total, err
}
