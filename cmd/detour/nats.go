package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/config"
	"detour/internal/obs"
	"detour/stream"
)

// How a role's connection behaves. A server that died is noticed after two
// pings, 4 s at most; JetStream's own elections take as long.
const (
	natsTimeout     = 5 * time.Second // for a server to answer the first time
	natsPing        = 2 * time.Second
	natsPingsMissed = 2
	natsWait        = 50 * time.Millisecond
	natsJitter      = 200 * time.Millisecond
)

// natsInbox is the prefix of the subjects on which a role hears replies, so that
// no role may read those of another; the accounts of deploy/nats name it.
func natsInbox(role config.Role) string { return "_INBOX_detour_" + string(role) }

// connectNATS connects a role to the servers of the configuration under a name
// that the servers show. The first connection must succeed; later ones are tried
// for ever. The caller closes the connection.
func connectNATS(
	ctx context.Context, cfg config.NATS, role config.Role, name string, log *slog.Logger,
) (*nats.Conn, jetstream.JetStream, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	opts, err := natsOptions(cfg, role, log)
	if err != nil {
		return nil, nil, err
	}
	nc, err := nats.Connect(cfg.URL, append(opts, nats.Name(name))...)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to nats server %s: %w", config.Redact(cfg.URL), err)
	}
	js, err := stream.JetStream(nc)
	if err != nil {
		nc.Close()
		return nil, nil, fmt.Errorf("open jetstream: %w", err)
	}
	return nc, js, nil
}

// connectAdmin connects a command that looks at a deployment.
func connectAdmin(
	ctx context.Context, cfg config.NATS, name string, log *slog.Logger,
) (*nats.Conn, jetstream.JetStream, error) {
	at, err := reachable(cfg)
	if err != nil {
		return nil, nil, err
	}
	nc, js, err := connectNATS(ctx, at, config.RoleAdmin, name, log)
	if err != nil && cfg.URL == "" {
		err = fmt.Errorf("%w: has the \"detour run\" that kept %s died?", err, cfg.Dir)
	}
	return nc, js, err
}

// adminWork is what a command does as admin; shards looks up how many there are.
type adminWork func(ctx context.Context, nc *nats.Conn, shards func() int) error

// asAdmin connects as admin and calls do.
func asAdmin(ctx context.Context, path, name string, out streams, do adminWork) error {
	cfg, err := loadConfig(path, config.RoleAdmin, out.err, nil)
	if err != nil {
		return err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	log, _, err := obs.NewLogger(out.err, cfg.Log.Format, cfg.Log.Level)
	if err != nil {
		return err
	}
	nc, js, err := connectAdmin(ctx, cfg.NATS, name, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	return do(ctx, nc, func() int {
		once, cancel := context.WithTimeout(ctx, natsTimeout)
		defer cancel()
		n, err := stream.Shards(once, js)
		if err != nil { // of this command's own configuration, which may be another
			return cfg.Streams.Shards
		}
		return n
	})
}

// natsOptions returns the options of a role's connection.
func natsOptions(cfg config.NATS, role config.Role, log *slog.Logger) ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Timeout(natsTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(natsWait),
		nats.ReconnectJitter(natsJitter, natsJitter),
		nats.ReconnectBufSize(-1), // who publishes keeps what must not be lost, and counts what may
		nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(natsPing),
		nats.MaxPingsOutstanding(natsPingsMissed),
		nats.CustomInboxPrefix(natsInbox(role)),
	}
	opts = append(opts, natsLogging(log)...)
	if cfg.NkeySeedFile != "" {
		nkey, err := nkeyOption(cfg.NkeySeedFile, log)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nkey)
	}
	if cfg.CAFile != "" {
		opts = append(opts, nats.RootCAs(cfg.CAFile))
	}
	if cfg.CertFile != "" {
		opts = append(opts, nats.ClientCert(cfg.CertFile, cfg.KeyFile))
	}
	return opts, nil
}

// nkeyOption reads a seed now, to say early what is wrong with it; it is read
// again for each connection, and kept nowhere.
func nkeyOption(path string, log *slog.Logger) (nats.Option, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("nats.nkey_seed_file: %w", err)
	}
	if info.Mode().Perm()&0o004 != 0 {
		log.Warn("everybody on this machine can read the nkey's seed; chmod 600 it", "file", path)
	}
	opt, err := nats.NkeyOptionFromSeed(path)
	if err != nil {
		return nil, fmt.Errorf("nats.nkey_seed_file: %s holds no seed of an nkey user, which begins with SU: %w", path, err)
	}
	return opt, nil
}

// natsLogging tells how the connection fares.
func natsLogging(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil when we close it ourselves
				log.Warn("nats connection lost", "error", err)
			}
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { log.Debug("nats server not reached", "error", err) }),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("nats connection is back", "server", nc.ConnectedUrlRedacted())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			log.Warn("nats refused something", "error", err, "subject", subject)
		}),
	}
}
