package mrt

import "detour/route"

// Kind tells what a Record holds.
type Kind uint8

// Kinds of Record.
const (
	KindUpdate Kind = 1 + iota // an UPDATE message, End-of-RIB markers included
	KindState                  // a session changed its state
	KindRIB                    // one peer's route to one prefix, from a table dump
)

// Record is one update, state change or RIB entry. It is filled again by every
// Next; its byte views (Body, communities) live until then.
type Record struct {
	Kind          Kind
	Type, Subtype uint16
	Offset        int64      // of the record's header in the decompressed input
	Source        int        // index of the Reader in a Merge, 0 without
	Time          route.Time // of the record header
	Originated    route.Time // RIB entries: when the route was last changed
	Sequence      uint32     // RIB entries
	Peer          route.Peer // View is ViewAdjRIBOut where the collector sent the message
	// OldState and NewState are BGP states (RFC 4271 §8.2.2: 1 Idle … 6
	// Established; Quagga adds 7 and 8) of a KindState record.
	OldState, NewState uint16
	// Update is the content. State changes carry KindPeerUp (Established was
	// reached), KindPeerDown (it was left) or KindTick (neither). RIB entries
	// carry FlagTableDump and one announced prefix. Peer, Number and Engine
	// are left to the caller; Collected is Time.
	Update route.Update
	Body   []byte // of the record, without its header
}

// AddPath reports whether the record's subtype says that NLRI carry path
// identifiers.
func (r *Record) AddPath() bool {
	switch r.Type {
	case TypeBGP4MP, TypeBGP4MPET:
		return r.Subtype >= firstBGP4MPAP && r.Subtype <= lastBGP4MP
	case TypeTableDumpV2:
		return r.Subtype == RIBIPv4UnicastAP || r.Subtype == RIBIPv6UnicastAP
	}
	return false
}

// Local reports whether the message was sent, not received, by the collector.
func (r *Record) Local() bool {
	if r.Type != TypeBGP4MP && r.Type != TypeBGP4MPET {
		return false
	}
	switch r.Subtype {
	case MessageLocal, MessageAS4Local, MessageLocalAddPath, MessageAS4LocalAddPath:
		return true
	}
	return false
}

// Bad is a record or RIB entry that was not used.
type Bad struct {
	Offset        int64
	Type, Subtype uint16
	Time          route.Time
	Reason        Reason
	Err           error  // from decode, valid during the call only; nil for framing
	Body          []byte // valid during the call only
}

// Options of a Reader. The zero value is usable.
type Options struct {
	Name      string // of the input, for reports and errors
	Collector string // goes into every Peer
	// Quarantine, when set, is called for everything that is counted as bad,
	// on the goroutine that calls Next. It must not keep Bad.Body.
	Quarantine func(Bad)
}
