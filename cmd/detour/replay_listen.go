package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"detour/alert"
	"detour/internal/latency"
	"detour/route"
	"detour/sink/jsonl"
	"detour/sink/terminal"
	"detour/stream"
)

// Bounds of the flags that wait for their listener.
const (
	flagsWaiting      = 1 << 20
	flagsWaitingBytes = 512 << 20
)

// flagListener subscribes to flags, counts them and writes them out.
type flagListener struct {
	sub     *nats.Subscription
	out     *jsonl.Sink // nil writes none
	show    func(line []byte) error
	latency latency.Recorder

	mu     sync.Mutex // callbacks against the end
	places map[string]place
	byKind map[string]uint64
	copies uint64
	err    error
}

// place is the last flag that was taken of a shard.
type place struct{ sequence, index uint64 }

func listenFlags(nc *nats.Conn, out *jsonl.Sink, show func([]byte) error) (*flagListener, error) {
	l := &flagListener{out: out, show: show, places: map[string]place{}, byKind: map[string]uint64{}}
	sub, err := nc.Subscribe(stream.AllFlags, l.take)
	if err != nil {
		return nil, fmt.Errorf("subscribe to flags: %w", err)
	}
	if err := sub.SetPendingLimits(flagsWaiting, flagsWaitingBytes); err != nil {
		return nil, fmt.Errorf("subscribe to flags: %w", err)
	}
	l.sub = sub
	return l, nil
}

func (l *flagListener) take(m *nats.Msg) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isNew(m.Header.Get(stream.PositionHeader)) {
		l.copies++
		return
	}
	if us, err := strconv.ParseInt(m.Header.Get(stream.ReceivedHeader), 10, 64); err == nil {
		l.latency.Observe(time.Since(route.Time(us).Std()))
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(m.Subject, "detour.v1.flag."), ".")
	l.byKind[kind]++
	if l.out != nil && l.err == nil {
		l.err = l.out.Write(m.Data)
	}
	if l.err == nil {
		l.err = l.show(m.Data)
	}
}

// showFlags returns a function that shows the first n flags on a terminal.
func showFlags(n int, t *terminal.Sink) func([]byte) error {
	return func(line []byte) error {
		if n <= 0 {
			return nil
		}
		n--
		var f alert.Flag
		if err := json.Unmarshal(line, &f); err != nil {
			return fmt.Errorf("read flag: %w", err)
		}
		return t.Flag(&f)
	}
}

// isNew tells a flag from the copy that a restarted shard sends.
func (l *flagListener) isNew(position string) bool {
	shard, rest, _ := strings.Cut(position, "/")
	seq, index, _ := strings.Cut(rest, "/")
	var p place
	p.sequence, _ = strconv.ParseUint(seq, 10, 64)
	p.index, _ = strconv.ParseUint(index, 10, 64)
	last, known := l.places[shard]
	if known && (p.sequence < last.sequence || p.sequence == last.sequence && p.index <= last.index) {
		return false
	}
	l.places[shard] = p
	return true
}

// close takes what is still on its way and returns the number of flags that
// found no room.
func (l *flagListener) close(nc *nats.Conn) (lost int, err error) {
	if err := nc.Flush(); err != nil {
		return 0, fmt.Errorf("wait for flags: %w", err)
	}
	for {
		waiting, _, err := l.sub.Pending()
		if err != nil || waiting == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	lost, _ = l.sub.Dropped()
	err = l.sub.Unsubscribe()
	l.mu.Lock()
	defer l.mu.Unlock()
	err = errors.Join(err, l.err)
	if l.out != nil {
		err = errors.Join(err, l.out.Close())
	}
	return lost, err
}

// openLines opens a file of JSON lines, emptying it; "" gives nil.
func openLines(path string, out streams) (*jsonl.Sink, error) {
	if path == "" {
		return nil, nil
	}
	if path != jsonl.Stdout {
		f, err := os.Create(path)
		if err != nil {
			return nil, fmt.Errorf("open output: %w", err)
		}
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("open output: %w", err)
		}
	}
	return jsonl.New(jsonl.Config{Path: path}, jsonl.Deps{Stdout: out.out})
}
