package rislive

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/coder/websocket"
)

// openSocket opens a WebSocket and subscribes.
func (s *Source) openSocket(ctx context.Context) (*feed, error) {
	header := http.Header{"User-Agent": {s.cfg.client()}}
	//nolint:bodyclose // the library closes it
	conn, resp, err := websocket.Dial(ctx, s.url.String(), &websocket.DialOptions{
		HTTPClient: s.client, HTTPHeader: header,
	})
	if err != nil {
		return nil, socketTrouble(resp, err)
	}
	conn.SetReadLimit(-1) // lines bound what is kept of a message
	for _, m := range s.subscribe {
		if err := conn.Write(ctx, websocket.MessageText, m); err != nil {
			return nil, errors.Join(err, conn.CloseNow())
		}
	}
	return &feed{
		Reader: &messages{ctx: ctx, conn: conn},
		close:  func() { _ = conn.CloseNow() }, // it may be closed
		ping:   conn.Ping,
	}, nil
}

// messages reads the messages of a WebSocket as lines. It lives as long as ctx.
type messages struct {
	ctx  context.Context
	conn *websocket.Conn
	now  io.Reader
}

// Read implements io.Reader. A line end within a message is white space, since a text
// in JSON has none.
func (m *messages) Read(p []byte) (int, error) {
	if m.now == nil {
		_, r, err := m.conn.Reader(m.ctx)
		if err != nil {
			return 0, err
		}
		m.now = r
	}
	n, err := m.now.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			p[i] = ' '
		}
	}
	if err == io.EOF {
		if err = nil; n < len(p) { // else the next Read says so again
			p[n] = '\n'
			n++
			m.now = nil
		}
	}
	return n, err
}

// socketTrouble says why a WebSocket was not opened.
func socketTrouble(resp *http.Response, err error) error {
	switch {
	case resp == nil || resp.StatusCode == http.StatusSwitchingProtocols:
		return err
	case resp.StatusCode == http.StatusOK:
		return &refusal{text: "the server does not speak WebSocket at this URL: use https:// for its stream, or " +
			"mend the path"}
	}
	return judge(resp)
}
