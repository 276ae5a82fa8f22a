package rislive

import (
	"encoding/json"
	"fmt"
	"net/netip"
)

// maxSubscriptions bounds what is asked of a server over one connection.
const maxSubscriptions = 4096

// subscription is one filter of RIS Live (https://ris-live.ripe.net/manual/): what
// fits any of a connection's is sent.
type subscription struct {
	Host         string        `json:"host,omitempty"`
	Type         string        `json:"type,omitempty"`
	Peer         string        `json:"peer,omitempty"`
	Path         string        `json:"path,omitempty"`
	Prefix       any           `json:"prefix,omitempty"` // a text, or a list of them
	MoreSpecific *bool         `json:"moreSpecific,omitempty"`
	LessSpecific *bool         `json:"lessSpecific,omitempty"`
	Options      socketOptions `json:"socketOptions"`
}

type socketOptions struct {
	IncludeRaw  bool `json:"includeRaw"`
	Acknowledge bool `json:"acknowledge,omitempty"`
}

// filtered reports whether less than all is asked for, so that silence is normal.
func (c *Config) filtered() bool {
	return len(c.Hosts)+len(c.Types)+len(c.Peers)+len(c.Prefixes) > 0 || c.Path != ""
}

// subscriptions returns what to ask for: on a WebSocket each filter has one value of
// each kind; the stream takes one filter, in which prefixes may be a list. It stops
// soon after maxSubscriptions.
func (c *Config) subscriptions() []subscription {
	first := subscription{
		Path: c.Path, Options: socketOptions{IncludeRaw: !c.WithoutRaw, Acknowledge: c.socket()},
	}
	var prefixes []any
	for _, p := range c.Prefixes {
		prefixes = append(prefixes, p.String())
	}
	if len(prefixes) > 0 {
		first.MoreSpecific, first.LessSpecific = &c.MoreSpecific, &c.LessSpecific
	}
	if len(prefixes) > 1 && !c.socket() {
		prefixes = []any{prefixes}
	}
	list := []subscription{first}
	list = times(list, c.Hosts, func(s *subscription, v string) { s.Host = v })
	list = times(list, c.Types, func(s *subscription, v string) { s.Type = v })
	list = times(list, c.Peers, func(s *subscription, v netip.Addr) { s.Peer = v.String() })
	return times(list, prefixes, func(s *subscription, v any) { s.Prefix = v })
}

// times returns each of list with each of values.
func times[T any](list []subscription, values []T, set func(*subscription, T)) []subscription {
	if len(values) == 0 {
		return list
	}
	var all []subscription
	for _, s := range list {
		for _, v := range values {
			if len(all) > maxSubscriptions {
				return all
			}
			set(&s, v)
			all = append(all, s)
		}
	}
	return all
}

// header returns the X-RIS-Subscribe header of the stream; empty where nothing is to
// be said, since the stream holds everything, raw messages too, of itself.
func (c *Config) header() (string, error) {
	if !c.filtered() && !c.WithoutRaw {
		return "", nil
	}
	b, err := json.Marshal(c.subscriptions()[0])
	return string(b), err
}

// subscribe returns the messages that are sent over a WebSocket.
func (c *Config) subscribe() ([][]byte, error) {
	var list [][]byte
	for _, s := range c.subscriptions() {
		b, err := json.Marshal(struct {
			Type string       `json:"type"`
			Data subscription `json:"data"`
		}{"ris_subscribe", s})
		if err != nil {
			return nil, fmt.Errorf("write subscription: %w", err)
		}
		list = append(list, b)
	}
	return list, nil
}
