package correlate

import (
	"detour/route"
	"detour/wire"
)

// census tells that each session holds a thousand routes, of which so many came
// up since the last time.
func (w *world) census(raised uint64) {
	w.Helper()
	for _, peer := range w.order {
		w.update(w.sessions[peer], frame{censusOf(w.sessions[peer], 1000, raised)})
	}
}

// censusOf returns a record of a session's IPv4 routes, or with nil of the
// prefixes known and those that three sessions hold.
func censusOf(p *route.Session, routes, raised uint64) entry {
	return entry{session: p, Record: wire.Record{
		Kind: wire.RecordCensus, Prefix: route.Prefix{Family: route.IPv4}, Routes: routes, Raised: raised,
	}}
}
