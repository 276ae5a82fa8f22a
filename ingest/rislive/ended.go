package rislive

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"detour/ingest/live"
)

// slowFor is how long after our read-ahead was full an end by the server is blamed on
// our slowness: it closes clients that do not keep up.
const slowFor = time.Minute

// noConnection says why there is none.
func (s *Source) noConnection(ctx context.Context, err error) ending {
	e := ending{kind: live.EventRefused, why: s.trouble(err)}
	if errors.Is(context.Cause(ctx), errNoAnswer) {
		e.why = fmt.Sprintf("no answer within %v", s.cfg.Answer)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		e.after = r.after
	}
	return e
}

// trouble puts an error of connecting into words.
func (s *Source) trouble(err error) string {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.text
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "there is no host named " + dns.Name + ": look at the URL and at the name servers"
		}
		return "the name " + dns.Name + " could not be looked up: " + dns.Err
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of " + s.url.Hostname() + " is not to be trusted: " + cert.Err.Error()
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS at " + s.url.Host + ": use http:// or ws://, or mend the port"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "nobody listens at " + s.url.Host
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return cut(err.Error())
}

// ended puts into words how a connection ended.
func (s *Source) ended(cause, err error, full bool) ending {
	e := ending{kind: live.EventDisconnect}
	closed, byFrame := errors.AsType[websocket.CloseError](err)
	switch {
	case errors.Is(cause, errSilent):
		return ending{kind: live.EventStall, why: fmt.Sprintf("nothing came for %v", s.cfg.Stall)}
	case errors.Is(cause, errNoPong):
		return ending{kind: live.EventStall, why: fmt.Sprintf("no answer to a ping within %v", s.cfg.Stall/2)}
	case errors.Is(cause, errNoAnswer):
		e.why = fmt.Sprintf("no answer within %v", s.cfg.Answer)
	case byFrame:
		e.why = fmt.Sprintf("the server closed it with code %d", closed.Code)
		if closed.Reason != "" {
			e.why += " and said " + strconv.Quote(cut(closed.Reason))
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.why = "it broke off"
	case errors.Is(err, io.EOF):
		e.why = "the server ended it"
	default:
		e.why = s.trouble(err)
	}
	if said := s.handler.complaint; said != "" {
		e.why += "; before, it said " + strconv.Quote(said)
	}
	switch {
	case full:
		e.why += fmt.Sprintf("; we were too slow for it: %d MiB that had been read ahead waited to be decoded",
			s.cfg.ReadAhead>>20)
	case closed.Code == websocket.StatusPolicyViolation && closed.Reason == "",
		slowWords(closed.Reason), slowWords(s.handler.complaint):
		e.why += "; we were too slow for it, though nothing waited here: the line to it may be too narrow"
	}
	return e
}

// slowWords reports whether a server's text says that we were too slow.
func slowWords(s string) bool {
	s = strings.ToLower(s)
	for _, word := range []string{"slow", "keep up", "fall behind", "falling behind", "buffer"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}
