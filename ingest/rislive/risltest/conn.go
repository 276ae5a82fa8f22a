package risltest

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/coder/websocket"
)

// Conn is one client, as a script sees it. Once the client is gone, all but Gone does
// nothing.
type Conn struct {
	Request *http.Request

	w              http.ResponseWriter
	server         *Server
	ctx            context.Context // ends when the server is closed, or a client is seen to go
	leave          func()          // ends it
	begun, hearing bool
	socket         *websocket.Conn // nil over HTTP
	gone           bool
}

// Play sends lines, then nothing more, as long as the client stays.
func Play(lines [][]byte) Script {
	return func(c *Conn) {
		c.Send(lines...)
		c.Hang()
	}
}

// Answer answers with a status instead of a stream. Headers come in pairs.
func (c *Conn) Answer(status int, body string, headers ...string) {
	for i := 0; i+1 < len(headers); i += 2 {
		c.w.Header().Set(headers[i], headers[i+1])
	}
	c.begun = true
	c.w.WriteHeader(status)
	c.write([]byte(body))
}

// Begin sends the headers of a stream; or shakes hands, and waits until the client
// subscribes. Whatever is sent first does it as well. From then on what the client
// says, pings too, is answered.
func (c *Conn) Begin() {
	if c.BeginDeaf(); c.socket == nil || c.hearing {
		return
	}
	c.hearing = true
	c.hear()
	c.server.served.Go(func() {
		defer c.leave()
		for c.hear() {
		}
	})
}

// BeginDeaf is Begin, but whatever a WebSocket's client says stays unheard.
func (c *Conn) BeginDeaf() {
	if c.begun {
		return
	}
	c.begun = true
	if c.Request.Header.Get("Upgrade") == "" {
		c.w.Header().Set("Content-Type", "application/json")
		c.write(nil)
		return
	}
	ws, err := websocket.Accept(c.w, c.Request, &websocket.AcceptOptions{OnPingReceived: c.server.pinged})
	if err != nil {
		c.gone = true
		return
	}
	c.socket = ws
}

// hear answers the next message of a WebSocket's client, if it comes.
func (c *Conn) hear() bool {
	_, b, err := c.socket.Read(c.ctx)
	if err != nil {
		return false
	}
	var m struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(b, &m) != nil {
		return c.socket.Write(c.ctx, websocket.MessageText, Error("that is no JSON")) == nil
	}
	switch m.Type {
	case "ris_subscribe":
		c.server.subscribed(string(m.Data))
		return c.socket.Write(c.ctx, websocket.MessageText, acknowledgement(m.Data)) == nil
	case "ping":
		return c.socket.Write(c.ctx, websocket.MessageText, []byte(`{"type":"pong","data":null}`)) == nil
	}
	return c.socket.Write(c.ctx, websocket.MessageText, Error("unknown type "+m.Type)) == nil
}

func acknowledgement(subscription json.RawMessage) []byte {
	return line("ris_subscribe_ok", map[string]any{"subscription": subscription})
}

// begin is Begin where nothing has begun.
func (c *Conn) begin() {
	if !c.begun {
		c.Begin()
	}
}

// Send sends whole messages.
func (c *Conn) Send(lines ...[]byte) {
	c.begin()
	const most = 64 << 10 // at a time over HTTP
	var b []byte
	for i := 0; i < len(lines) && !c.Gone(); i++ {
		if c.socket == nil {
			if b = append(append(b, lines[i]...), '\n'); len(b) >= most || i == len(lines)-1 {
				c.write(b)
				b = b[:0]
			}
			continue
		}
		if c.socket.Write(c.ctx, websocket.MessageText, lines[i]) != nil {
			c.gone = true
		}
	}
}

// Write sends bytes as they are: over HTTP perhaps a part of a line; over a WebSocket
// a message.
func (c *Conn) Write(text string) {
	c.begin()
	if c.socket != nil {
		c.Send([]byte(text))
		return
	}
	c.write([]byte(text))
}

func (c *Conn) write(b []byte) {
	if _, err := c.w.Write(b); err != nil {
		c.gone = true
		return
	}
	if f, ok := c.w.(http.Flusher); ok {
		f.Flush()
	}
}

// Hang says nothing more, until the client goes or the server is closed.
func (c *Conn) Hang() {
	c.begin()
	if !c.Gone() {
		<-c.ctx.Done()
	}
}

// Gone reports whether the client is known to be gone, or the server is to be closed.
func (c *Conn) Gone() bool { return c.gone || c.ctx.Err() != nil }

// Close closes a WebSocket with a code and a reason; a stream just ends.
func (c *Conn) Close(code int, reason string) {
	c.begin()
	if c.socket != nil {
		c.socket.Close(websocket.StatusCode(code), reason)
	}
	c.gone = true
}

// Break breaks the connection off, as a cut cable does.
func (c *Conn) Break() {
	c.begin()
	if c.socket != nil {
		_ = c.socket.CloseNow() // the client may be gone
		return
	}
	if h, ok := c.w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			conn.Close()
		}
	}
	c.gone = true
}

// end lets go of a WebSocket.
func (c *Conn) end() {
	if c.socket != nil {
		_ = c.socket.CloseNow() // the client may be gone
	}
}
