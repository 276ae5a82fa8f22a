package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"detour/alert"
	"detour/route"
)

// demoVictim is a network that listens to what is told of its own prefixes: a
// client of its own, with one subscription and nothing else.
type demoVictim struct {
	asn     route.ASN
	subject string
	nc      *nats.Conn
	sub     *nats.Subscription
	screen  *demoScreen

	mu       sync.Mutex
	messages uint64
	foreign  uint64                       // that are of somebody else's prefixes
	last     route.Time                   // engine time of the last
	first    map[route.Prefix]alert.Alert // the first message of each prefix
	firing   map[string]struct{}          // ids
	err      error
}

func listenVictim(ctx context.Context, b *broker, asn route.ASN, s *demoScreen) (*demoVictim, error) {
	v := &demoVictim{
		asn: asn, subject: fmt.Sprintf("detour.v1.alert.prefix.*.%v", asn), screen: s,
		first: map[route.Prefix]alert.Alert{}, firing: map[string]struct{}{},
	}
	var err error
	if v.nc, err = b.dial(ctx); err != nil {
		return nil, err
	}
	if v.sub, err = v.nc.Subscribe(v.subject, v.take); err == nil {
		err = v.sub.SetPendingLimits(flagsWaiting, flagsWaitingBytes)
	}
	if err == nil {
		err = v.nc.Flush()
	}
	if err != nil {
		v.nc.Close()
		return nil, fmt.Errorf("subscribe to %s: %w", v.subject, err)
	}
	return v, nil
}

func (v *demoVictim) take(m *nats.Msg) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var a alert.Alert
	if err := json.Unmarshal(m.Data, &a); err != nil {
		v.err = fmt.Errorf("read alert of AS%v: %w", v.asn, err)
		return
	}
	if v.messages++; v.messages == 1 {
		v.screen.styled(demoCyan, a.Updated, "AS%v, listening to %s, is told: %s", v.asn, v.subject, a.Summary)
	}
	v.last = max(v.last, a.Updated)
	if a.ExpectedOrigin != v.asn {
		v.foreign++
	}
	if _, ok := v.first[a.Prefix]; !ok {
		v.first[a.Prefix] = a
	}
	if a.Status == alert.StatusFiring {
		v.firing[a.ID] = struct{}{}
	} else {
		delete(v.firing, a.ID)
	}
}

// close takes what is on its way, before the server goes.
func (v *demoVictim) close() error {
	defer v.nc.Close()
	if err := v.nc.Flush(); err != nil {
		return fmt.Errorf("wait for alerts of AS%v: %w", v.asn, err)
	}
	for {
		if waiting, _, err := v.sub.Pending(); err != nil || waiting == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if lost, _ := v.sub.Dropped(); lost > 0 {
		return fmt.Errorf("%d alerts of AS%v were lost on the way to it", lost, v.asn)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}
