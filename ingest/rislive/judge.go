package rislive

import (
	"io"
	"mime"
	"net/http"
	"strings"
)

// judgeType refuses an answer that says by itself that it is no JSON. What says
// nothing is let pass: its lines are judged one by one.
func judgeType(header string) error {
	name := header
	if n, _, err := mime.ParseMediaType(header); err == nil {
		name = n
	}
	switch {
	case name == "", strings.Contains(name, "json"), name == "text/plain", name == "application/octet-stream":
		return nil
	case name == "text/event-stream":
		return &refusal{text: "the server sends text/event-stream: the URL has to ask for format=json"}
	}
	return &refusal{text: "the server sends " + cut(name) + ", not JSON: the URL may be that of a web page, or " +
		"a proxy answers in its place"}
}

// snippet returns the begin of what a server says with a refusal, where that is text.
func snippet(resp *http.Response) string {
	name, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || (name != "text/plain" && name != "application/json") {
		return ""
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxComplaint))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(cut(string(b)))
}

// cut bounds what is repeated of a text from outside.
func cut(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxComplaint)], "?") }
