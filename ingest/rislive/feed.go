package rislive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// feed is an open connection to RIS Live.
type feed struct {
	io.Reader // its messages, one a line
	// close ends a Read that waits. It may be called twice.
	close func()
	// ping asks whether anybody is there; nil where there is nothing to ask with.
	ping func(context.Context) error
}

// refusal says that a server does not want to talk to us, and for how long.
type refusal struct {
	text  string
	after time.Duration
}

func (r *refusal) Error() string { return r.text }

// newClient returns the HTTP client of a source. It follows a few redirects, but
// never from TLS to none.
func newClient(cfg *Config) *http.Client {
	const redirects = 3
	return &http.Client{
		Transport: &http.Transport{
			Proxy:              http.ProxyFromEnvironment,
			TLSClientConfig:    cfg.TLS,
			DisableCompression: true, // a compressed stream comes in blocks, late
		},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if len(via) > redirects {
				return fmt.Errorf("redirected more than %d times, at last to %s", redirects, to.URL.Redacted())
			}
			if via[0].URL.Scheme == "https" && to.URL.Scheme != "https" {
				return fmt.Errorf("redirected from https to %s: the URL has to be given as it is to be used", to.URL.Redacted())
			}
			return nil
		},
	}
}

// openStream opens the HTTP stream.
func (s *Source) openStream(ctx context.Context) (*feed, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", s.cfg.client())
	req.Header.Set("Accept", "application/json")
	if s.header != "" {
		req.Header.Set("X-RIS-Subscribe", s.header)
	}
	resp, err := s.client.Do(req) //nolint:bodyclose // the feed closes it
	if err != nil {
		return nil, err
	}
	if err := judge(resp); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	return &feed{Reader: resp.Body, close: func() { resp.Body.Close() }}, nil
}

// judge says why an answer is not the stream.
func judge(resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return judgeType(resp.Header.Get("Content-Type"))
	}
	r := &refusal{text: "the server answers " + resp.Status}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		r.text += ": we asked too often, or too many read from this address"
	case code == http.StatusForbidden || code == http.StatusUnauthorized:
		r.text += ": it does not let us read; ask rislive@ripe.net, and say the client's name"
	case code == http.StatusNotFound || code == http.StatusGone:
		r.text += ": there is no RIS Live at this URL"
	case code >= 500:
		r.text += ": it is in trouble"
	case code >= 300 && code < 400:
		r.text += " to " + strconv.Quote(cut(resp.Header.Get("Location")))
	case code == http.StatusBadRequest:
		r.text += ": a filter may be wrong"
	}
	if said := snippet(resp); said != "" {
		r.text += " (" + strconv.Quote(said) + ")"
	}
	const longest = 10 * time.Minute
	n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) { // then n is the most that there is
		r.after = time.Duration(min(n, uint64(longest/time.Second))) * time.Second
	}
	return r
}
