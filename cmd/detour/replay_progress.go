package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"detour/ingest/replay"
)

// progress shows how far a replay has come, where somebody can see it.
type progress struct {
	done, gone chan struct{}
}

// showProgress draws a bar on w until stop, if w is a terminal.
func showProgress(w io.Writer, of func() replay.Progress) *progress {
	p := &progress{done: make(chan struct{}), gone: make(chan struct{})}
	if !isTerminal(w) {
		close(p.gone)
		return p
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowBytes(true), progressbar.OptionSetPredictTime(false), progressbar.OptionThrottle(0))
	go func() {
		defer close(p.gone)
		t := time.NewTicker(100 * time.Millisecond)
		defer t.Stop()
		for {
			draw(bar, of())
			select {
			case <-t.C:
			case <-p.done:
				bar.Finish() //nolint:errcheck // a progress bar
				return
			}
		}
	}()
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// overBar writes lines where a progress bar may stand: it wipes the bar's line
// first. The bar draws itself again.
type overBar struct{ *os.File }

const wipeLine = "\r\x1b[2K"

func (o overBar) Write(line []byte) (int, error) {
	n, err := o.File.Write(append([]byte(wipeLine), line...))
	return max(0, n-len(wipeLine)), err
}

//nolint:errcheck // a progress bar that cannot be drawn is no reason to stop
func draw(bar *progressbar.ProgressBar, now replay.Progress) {
	what := "opening"
	switch {
	case now.Priming:
		what = "priming"
	case now.Engine != 0:
		what = now.Engine.Std().Format("2006-01-02 15:04:05")
	}
	bar.Describe(fmt.Sprintf("%s  %d elements", what, now.Elements))
	if now.Total > 0 {
		bar.ChangeMax64(now.Total)
	}
	bar.Set64(min(now.Done, max(now.Total, 1)))
}

func (p *progress) stop() {
	close(p.done)
	<-p.gone
}
