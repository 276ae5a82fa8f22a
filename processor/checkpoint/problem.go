package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Place is where checkpoints are kept.
type Place string

// Places.
const (
	Disk    Place = "disk"
	Objects Place = "object store"
	Pointer Place = "pointer"
)

// Problem is what went wrong in one place.
type Problem struct {
	Place Place
	Name  string // of the file, object or key; a folder or bucket where none is meant
	Err   error
}

// Error says where it was, what it means and what was said.
func (p Problem) Error() string {
	if r := p.Reason(); r != "" {
		return fmt.Sprintf("%s %s: %s: %v", p.Place, p.Name, r, p.Err)
	}
	return fmt.Sprintf("%s %s: %v", p.Place, p.Name, p.Err)
}

// Unwrap returns what was said.
func (p Problem) Unwrap() error { return p.Err }

// Reason says in a few words what an operator has to look at; "" where the
// error itself is all there is to say.
func (p Problem) Reason() string {
	for _, r := range reasons {
		if errors.Is(p.Err, r.err) {
			return r.words
		}
	}
	var api *jetstream.APIError
	if errors.As(p.Err, &api) && isFull(api) {
		return "no space left in JetStream"
	}
	return ""
}

var reasons = []struct {
	err   error
	words string
}{
	{syscall.ENOSPC, "disk full"},
	{syscall.EDQUOT, "disk quota used up"},
	{syscall.EROFS, "file system is read-only"},
	{fs.ErrPermission, "no permission"},
	{jetstream.ErrBucketNotFound, "bucket is missing"},
	{jetstream.ErrStreamNotFound, "bucket is missing"},
	{jetstream.ErrJetStreamNotEnabled, "NATS server has no JetStream"},
	{jetstream.ErrJetStreamNotEnabledForAccount, "NATS account has no JetStream"},
	{nats.ErrPermissionViolation, "no permission on NATS"},
	{nats.ErrConnectionClosed, "connection to NATS is closed"},
	{context.Canceled, "stopped"},
	{context.DeadlineExceeded, "NATS does not answer"},
	{nats.ErrTimeout, "NATS does not answer"},
	{nats.ErrNoResponders, "NATS does not answer"},
	{jetstream.ErrNoStreamResponse, "NATS does not answer"},
}

// Codes with which a server says that it will not store more.
const (
	codeMemory  = 10028 // of the account or server
	codeNoRoom  = 10023
	codeStorage = 10047
	codeStore   = 10077 // with the limit, or the disk's error, in words
)

func isFull(api *jetstream.APIError) bool {
	switch api.ErrorCode {
	case codeMemory, codeNoRoom, codeStorage:
		return true
	case codeStore:
		return strings.Contains(api.Description, "maximum") || strings.Contains(api.Description, "no space")
	}
	return false
}

// SaveError is what Save returns when a place did not take the checkpoint.
type SaveError struct {
	Unit     string
	Written  []Place // that have it nevertheless
	Problems []Problem
}

// Error begins with what health has to say.
func (e *SaveError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "checkpoints of %s cannot be written", e.Unit)
	if len(e.Written) > 0 {
		b.Reset()
		fmt.Fprintf(&b, "checkpoints of %s are only on %s", e.Unit, e.Written[0])
	}
	for i, p := range e.Problems {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + p.Error())
	}
	return b.String()
}

// Unwrap returns the problems.
func (e *SaveError) Unwrap() []error {
	var errs []error
	for _, p := range e.Problems {
		errs = append(errs, p)
	}
	return errs
}
