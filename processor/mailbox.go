package processor

import (
	"context"
	"errors"
)

// ErrNotRunning is what is told to those who ask when Run has ended.
var ErrNotRunning = errors.New("it does not run any more")

// mailbox brings work to the goroutine that owns a state, between two messages.
type mailbox struct {
	mail chan func() error
	over chan struct{} // closed when nothing more is taken out
}

func newMailbox() mailbox {
	return mailbox{mail: make(chan func() error), over: make(chan struct{})}
}

// ask waits until the owner has called f. An error of f ends the owner; what
// concerns the asker alone, f keeps to itself.
func (m *mailbox) ask(ctx context.Context, f func() error) error {
	done := make(chan struct{})
	work := func() error {
		defer close(done)
		return f()
	}
	select {
	case m.mail <- work:
	case <-m.over:
		return ErrNotRunning
	case <-ctx.Done():
		return ctx.Err()
	}
	<-done // f has been taken, so it is called at once
	return nil
}
