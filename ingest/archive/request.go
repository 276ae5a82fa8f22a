package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"detour/ingest/live"
	"detour/internal/pause"
)

// ErrNotThere is in the errors of files and folders that a server does not have.
var ErrNotThere = errors.New("is not there (404)")

// finalError is one that another attempt would not mend.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

func finalf(format string, args ...any) error { return finalError{fmt.Errorf(format, args...)} }

// waitError asks to be left alone for a while.
type waitError struct {
	error
	wait time.Duration
}

func (e waitError) Unwrap() error { return e.error }

var errStalled = errors.New("next to nothing came for too long")

// persist repeats do until it succeeds, cannot, or has failed too often in a row. do
// says whether it brought anything.
func (a *Archive) persist(ctx context.Context, do func(context.Context) (brought bool, err error)) error {
	wait := live.Backoff{Min: a.cfg.pauseMin, Max: max(pauseMost, a.cfg.pauseMin)}
	for failed := 1; ; failed++ {
		brought, err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if _, final := errors.AsType[finalError](err); final {
			return err
		}
		if brought {
			failed = 1
			wait.Reset()
		}
		if failed >= a.cfg.Attempts {
			return fmt.Errorf("%w (given up after %d attempts)", err, failed)
		}
		a.cfg.Log.Debug("attempt failed", "err", err)
		if w, ok := errors.AsType[waitError](err); ok {
			err = pause.For(ctx, w.wait)
		} else {
			err = wait.Wait(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// body is a response's, watched.
type body struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
	ctx    func() error // why reading was ended
	watch  *live.Watchdog
	since  int // octets since the watch was fed
}

// least is how many octets have to come between two feedings of the watch: a server
// must not hold a download up for ever with one now and then.
const least = 1 << 10

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.since += n; b.since >= least {
		b.since = 0
		b.watch.Fed()
	}
	if err != nil && err != io.EOF && b.ctx() != nil {
		err = b.ctx()
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.watch.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// get asks for a URL. The body has to be closed; what is wrong with the status is an
// error.
func (a *Archive) get(ctx context.Context, url string, header http.Header) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := live.Watch(a.cfg.Stall, func() { cancel(errStalled) })
	fail := func(err error) (*http.Response, error) {
		watch.Stop()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		cancel(nil)
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fail(finalError{err})
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("User-Agent", "detour")
	resp, err := a.client.Do(req)
	if err != nil {
		return fail(err)
	}
	watch.Fed()
	resp.Body = &body{
		ReadCloser: resp.Body, cancel: cancel, ctx: func() error { return context.Cause(ctx) }, watch: watch,
	}
	if err := refused(resp); err != nil {
		resp.Body.Close()
		return nil, fmt.Errorf("%s %w", url, err)
	}
	return resp, nil
}

// refused says what a status means, nil where there is something to read.
func refused(resp *http.Response) error {
	switch s := resp.StatusCode; {
	case s == http.StatusOK, s == http.StatusPartialContent, s == http.StatusRequestedRangeNotSatisfiable:
		return nil
	case s == http.StatusNotFound, s == http.StatusGone:
		return finalError{ErrNotThere}
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout:
		err := fmt.Errorf("answers %s", resp.Status)
		if n, bad := strconv.Atoi(resp.Header.Get("Retry-After")); bad == nil && n > 0 {
			return waitError{err, min(time.Duration(min(n, 3600))*time.Second, 2*pauseMost)}
		}
		return err
	default:
		return finalf("answers %s", resp.Status)
	}
}
