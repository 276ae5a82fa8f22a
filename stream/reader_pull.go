package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// pull is one short-lived consumer and its open requests. Run's goroutine owns
// it.
type pull struct {
	nc         *nats.Conn
	sub        *nats.Subscription
	messages   chan *nats.Msg
	subject    string    // to which requests go
	open       int       // requests
	delivered  uint64    // messages, by the consumer's count
	heard      time.Time // when anything came from the server
	reconnects uint64    // of the connection, when the consumer was made
}

// errPull says that a consumer is of no more use.
var errPull = errors.New("consumer must be made again")

type pullRequest struct {
	Expires   time.Duration `json:"expires"`
	Batch     int           `json:"batch"`
	MaxBytes  int           `json:"max_bytes"`
	Heartbeat time.Duration `json:"idle_heartbeat"`
}

// open makes a consumer behind the position and asks it for messages.
func (r *Reader) open(ctx context.Context) (*pull, error) {
	reconnects := r.nc.Stats().Reconnects
	if err := r.identify(ctx); err != nil {
		return nil, err
	}
	once, cancel := context.WithTimeout(ctx, r.making.wait())
	defer cancel()
	consumer, err := r.stream.CreateConsumer(once, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.position.Load() + 1,
		AckPolicy:         jetstream.AckNonePolicy,
		InactiveThreshold: readerInactive,
		Replicas:          1,
		MemoryStorage:     true,
	})
	if r.making.done(err); err != nil {
		return nil, fmt.Errorf("create consumer: %w", err)
	}
	r.stats.opens.Add(1)
	return r.subscribe(consumer.CachedInfo().Name, reconnects)
}

func (r *Reader) subscribe(consumer string, reconnects uint64) (*pull, error) {
	p := &pull{
		nc: r.nc,
		// What the requests may bring, and their statuses and heartbeats.
		messages:   make(chan *nats.Msg, pullRequests*pullBatch+64),
		subject:    apiPrefix(r.js) + "CONSUMER.MSG.NEXT." + r.cfg.Stream + "." + consumer,
		heard:      time.Now(),
		reconnects: reconnects,
	}
	inbox := r.nc.NewInbox()
	sub, err := r.nc.ChanSubscribe(inbox, p.messages)
	if err != nil {
		return nil, fmt.Errorf("subscribe to messages: %w", err)
	}
	p.sub = sub
	// The first is half as large, so that the two do not end together.
	err = p.ask(pullBatch/2, pullBytes/2)
	for p.open < pullRequests && err == nil {
		err = p.ask(pullBatch, pullBytes)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// apiPrefix returns the subject prefix of JetStream's API for js, with a dot.
func apiPrefix(js jetstream.JetStream) string {
	prefix := js.Options().APIPrefix
	if prefix == "" {
		prefix = jetstream.DefaultAPIPrefix
	}
	return strings.TrimSuffix(prefix, ".") + "."
}

func (p *pull) ask(batch, size int) error {
	request, err := json.Marshal(pullRequest{pullExpiry, batch, size, pullHeartbeat})
	if err != nil {
		return fmt.Errorf("encode pull request: %w", err)
	}
	if err := p.nc.PublishRequest(p.subject, p.sub.Subject, request); err != nil {
		return fmt.Errorf("ask for messages: %w", err)
	}
	p.open++
	return nil
}

// close forgets the consumer, which the server then forgets too.
func (p *pull) close() { p.sub.Unsubscribe() } //nolint:errcheck // fails only when the connection is gone

// status handles what is no message: a heartbeat, or the end of a request, in
// place of which another is made.
//
// A request with a byte limit says when it ends, whatever ended it, unless its
// bytes come out at exactly zero; the limit is a prime so that messages of equal
// size do not hit it. Where it happens, the other request lives on, and with
// none left the heartbeats stop.
func (p *pull) status(m *nats.Msg) error {
	if len(m.Data) > 0 || m.Header == nil {
		return nil // not ours
	}
	switch code, text := m.Header.Get("Status"), m.Header.Get("Description"); code {
	case "100": // heartbeat
		return nil
	case "408": // expired
	case "409":
		if text != "Batch Completed" && text != "Message Size Exceeds MaxBytes" {
			return errPull // consumer deleted, leadership change, server shutdown
		}
	default:
		return errPull // no responders, and what else may come
	}
	p.open--
	return p.ask(pullBatch, pullBytes)
}
