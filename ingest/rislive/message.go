package rislive

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"detour/route"
)

// message is a message of RIS Live, of which only what is used is read further. It
// is filled again and again.
type message struct {
	Type value `json:"type"`
	Data body  `json:"data"`

	all []*value
}

// body is what stands in the data of a message.
type body struct {
	Message value `json:"message"` // of ris_error

	Timestamp value `json:"timestamp"`
	Peer      value `json:"peer"`
	PeerASN   value `json:"peer_asn"`
	Host      value `json:"host"`
	Type      value `json:"type"`
	State     value `json:"state"` // of RIS_PEER_STATE

	Raw           value `json:"raw"`
	Path          value `json:"path"`
	Origin        value `json:"origin"`
	MED           value `json:"med"`
	Aggregator    value `json:"aggregator"`
	Community     value `json:"community"`
	Announcements value `json:"announcements"`
	Withdrawals   value `json:"withdrawals"`
}

func newMessage() *message {
	m := &message{}
	d := &m.Data
	m.all = []*value{
		&m.Type, &d.Message, &d.Timestamp, &d.Peer, &d.PeerASN, &d.Host, &d.Type, &d.State, &d.Raw, &d.Path,
		&d.Origin, &d.MED, &d.Aggregator, &d.Community, &d.Announcements, &d.Withdrawals,
	}
	return m
}

// read fills m with a line.
func (m *message) read(line []byte) error {
	for _, v := range m.all {
		*v = (*v)[:0]
	}
	return json.Unmarshal(line, m)
}

// value is a JSON value as it was sent; empty where there is none.
type value []byte

// UnmarshalJSON keeps v's memory.
func (v *value) UnmarshalJSON(b []byte) error {
	*v = append((*v)[:0], b...)
	return nil
}

// given reports whether v is there and is not null.
func (v value) given() bool { return len(v) > 0 && string(v) != "null" }

// text returns what stands between the quotes, or a number as it stands; nothing for
// any other value.
func (v value) text() []byte {
	switch {
	case len(v) < 2 || v[0] != '"':
		if v.given() && (v[0] == '-' || v[0] >= '0' && v[0] <= '9') {
			return v
		}
		return nil
	case bytes.IndexByte(v, '\\') < 0:
		return v[1 : len(v)-1]
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return nil
	}
	return []byte(s)
}

// time reads seconds since 1970 with a fraction, without the error that a float64 of
// its size has; 0 for what is no time between then and the year 2200.
func (v value) time() route.Time {
	const most = 7258118400
	b := v.text()
	whole, fraction, _ := bytes.Cut(b, []byte{'.'})
	seconds, err := strconv.ParseUint(string(whole), 10, 40)
	if err != nil || !digits(fraction) { // such as 1.5e9
		f, err := strconv.ParseFloat(string(b), 64)
		if err != nil || !(f > 0 && f < most) {
			return 0
		}
		return route.Time(math.Round(f * 1e6))
	}
	if seconds >= most {
		return 0
	}
	t := route.Time(seconds) * route.Second
	for i, unit := 0, route.Second/10; i < len(fraction) && unit > 0; i, unit = i+1, unit/10 {
		t += route.Time(fraction[i]-'0') * unit
	}
	return t
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
