package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/ingest/replay"
	"detour/internal/config"
	"detour/internal/obs"
	"detour/processor/explain"
	"detour/stream"
)

// deployment finds the one whose log is asked, and names its server.
func (o *explainOptions) deployment(ask question, w io.Writer) (cfg *config.Config, server string, err error) {
	if cfg, err = loadConfig(o.path, config.RoleAdmin, w, nil); err != nil {
		return nil, "", err
	}
	at, err := reachable(cfg.NATS)
	if err != nil {
		return nil, "", usagef("no recording given, and no deployment found: %w; for recordings try: detour explain %s "+
			"updates.20190624.1030.bz2", err, args0(ask))
	}
	return cfg, config.Redact(at.URL), nil
}

// read lives through what was named.
func (o *explainOptions) read(
	ctx context.Context, cfg explain.Config, deployed *config.Config, out streams,
) (*explain.Inquiry, error) {
	if len(o.files) > 0 {
		return o.readFiles(ctx, cfg, out)
	}
	nc, js, err := o.connect(ctx, deployed, out.err)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	if cfg.Shards, err = stream.Shards(ctx, js); err != nil {
		return nil, err
	}
	q, err := explain.New(cfg)
	if err != nil {
		return nil, err
	}
	return q, explain.ReadLog(ctx, js, q)
}

// connect connects to a deployment, or to the server of --nats.
func (o *explainOptions) connect(
	ctx context.Context, deployed *config.Config, w io.Writer,
) (*nats.Conn, jetstream.JetStream, error) {
	const name = "detour explain"
	if deployed == nil {
		return connectNATS(ctx, config.NATS{URL: o.nats}, config.RoleAdmin, name, slog.New(slog.DiscardHandler))
	}
	log, _, err := obs.NewLogger(w, deployed.Log.Format, deployed.Log.Level)
	if err != nil {
		return nil, nil, err
	}
	return connectAdmin(ctx, deployed.NATS, name, log)
}

// readFiles lives through recordings; errDamaged where some input was.
func (o *explainOptions) readFiles(ctx context.Context, cfg explain.Config, out streams) (*explain.Inquiry, error) {
	q, err := explain.New(cfg)
	if err != nil {
		return nil, err
	}
	source, err := replay.New(replay.Config{Prime: o.rib, Files: o.files, Stdin: out.in}, q)
	if err != nil {
		return nil, err
	}
	bar := showProgress(out.err, source.Progress)
	err = source.Run(ctx)
	bar.stop()
	reached := errors.Is(err, explain.ErrReached)
	if err != nil && !reached {
		return nil, err
	}
	if err := q.Finish(ctx, reached); err != nil {
		return nil, err
	}
	reports, _ := source.Reports()
	for _, r := range reports {
		if in := inputReport(r); in.Damaged && !reached {
			fmt.Fprintf(out.err, "detour: %s: %s\n", in.Name, health(in))
			err = errDamaged
		}
	}
	if reached {
		err = nil
	}
	return q, err
}
