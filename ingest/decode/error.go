package decode

import "strconv"

// Error says why and where a message could not be decoded. The one that a
// Decoder returns belongs to the Decoder and is overwritten by its next call:
// copy the value to keep it.
type Error struct {
	Reason Reason
	Type   uint8 // message type with ReasonNotUpdate, attribute type where one is at fault
	Offset int   // octets from the start of what was passed in
}

// ErrNotUpdate matches, through errors.Is, the error for a well-framed message
// of another type.
var ErrNotUpdate error = &Error{Reason: ReasonNotUpdate}

// ErrNoAttributes matches, through errors.Is, the error for an empty attribute
// block.
var ErrNoAttributes error = &Error{Reason: ReasonNoAttributes}

// Error describes e in one line.
func (e *Error) Error() string {
	switch e.Reason {
	case ReasonNotUpdate:
		return "not an update: message type " + strconv.Itoa(int(e.Type))
	case ReasonNoAttributes:
		return "no attributes: a local route"
	}
	s := "bad update: " + e.Reason.String()
	if e.Type != 0 {
		s += " in attribute " + strconv.Itoa(int(e.Type))
	}
	return s + " at octet " + strconv.Itoa(e.Offset)
}

// Is reports whether target is an Error of the same Reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}
