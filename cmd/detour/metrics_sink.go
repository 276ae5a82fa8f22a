package main

import (
	"time"

	"github.com/nats-io/nats.go"

	"detour/internal/obs"
	"detour/sink/feed"
)

// sinkMetrics tells of one sink.
func sinkMetrics(name string, stats func() feed.Stats) obs.Source {
	return func(emit obs.Emit) {
		s := stats()
		for m, n := range map[obs.Metric]uint64{
			obs.SinkAlerts:      s.Delivered,
			obs.SinkRedelivered: s.Again,
			obs.SinkFailures:    s.Failures,
			obs.SinkReopens:     s.Reopens,
			obs.SinkPending:     s.Waiting,
		} {
			emit(m, float64(n), name)
		}
		age := time.Duration(0)
		if !s.Oldest.IsZero() {
			age = max(0, time.Since(s.Oldest))
		}
		emit(obs.SinkPendingAge, age.Seconds(), name)
	}
}

// natsMetrics tells of the connection. failures returns how many errors its
// handler was told; nil is none.
func natsMetrics(nc *nats.Conn, failures func() uint64) obs.Source {
	return func(emit obs.Emit) {
		s := nc.Stats()
		emit(obs.NATSConnected, obs.Bool(nc.IsConnected()))
		emit(obs.NATSReconnects, float64(s.Reconnects))
		emit(obs.NATSReceived, float64(s.InBytes))
		emit(obs.NATSSent, float64(s.OutBytes))
		if n, err := nc.Buffered(); err == nil {
			emit(obs.NATSBuffered, float64(n))
		}
		if failures != nil {
			emit(obs.NATSErrors, float64(failures()))
		}
	}
}
