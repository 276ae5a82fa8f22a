package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"detour/bench/bmp"
	"detour/bench/fanout"
	"detour/bench/firehose"
	"detour/bench/report"
	"detour/bench/servers"
)

// serverCommand is what a server in a process of its own is started with.
const serverCommand = "nats-server"

// newServer is one server of a cluster on this machine. Benches start it; it ends
// when its standard input does.
func newServer() *cobra.Command {
	return &cobra.Command{
		Use: serverCommand + " SETTINGS", Short: "Be a NATS server for a bench", Args: cobra.ExactArgs(1), Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			return servers.Serve(c.Context(), args[0], c.InOrStdin(), c.OutOrStdout())
		},
	}
}

// serverOf returns the command that runs newServer.
func serverOf() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return []string{self, serverCommand}, nil
}

func bindFirehose(c *cobra.Command) runFunc {
	var o firehose.Options
	f := c.Flags()
	f.StringVar(&o.Rate, "rate", "",
		"one run at `RATE` route elements a second, or max; without it all that the report tells")
	f.IntVar(&o.Peers, "peers", firehose.DefaultPeers, "vantage points")
	f.IntVar(&o.Prefixes, "prefixes", firehose.DefaultPrefixes, "prefixes in the table, known before the clock starts")
	f.DurationVar(&o.Duration, "duration", firehose.DefaultDuration, "of a run")
	f.Float64Var(&o.Events, "events", firehose.DefaultEvents, "labelled events a second")
	f.IntVar(&o.Shards, "shards", firehose.DefaultShards, "shards")
	f.StringVar(&o.NATS, "nats", "", "with --rate: use the server at `URL`, which must hold no streams of detour's")
	f.IntVar(&o.Replicas, "replicas", 1, "with --rate: 1, or 3 on three servers on this machine")
	f.StringVar(&o.Storage, "storage", "file", "with --rate: file or memory")
	return func(ctx context.Context, co common) (*report.Section, error) {
		o.Short, o.Say = co.short, co.say
		var err error
		if o.Server, err = serverOf(); err != nil {
			return nil, err
		}
		return firehose.Run(ctx, o)
	}
}

func bindTransfer(c *cobra.Command) runFunc {
	var o firehose.TransferOptions
	f := c.Flags()
	f.IntVar(&o.Prefixes, "prefixes", firehose.DefaultTransferPrefixes, "prefixes in the table, and in the transfer")
	f.IntVar(&o.Peers, "peers", firehose.DefaultTransferPeers, "vantage points")
	f.Float64Var(&o.Rate, "rate", firehose.DefaultTransferRate, "route elements a second of the others")
	f.Float64Var(&o.Speed, "speed", firehose.DefaultTransferSpeed, "route elements a second of the transfer")
	f.Float64Var(&o.Events, "events", firehose.DefaultTransferEvents, "labelled events a second")
	f.DurationVar(&o.Around, "around", firehose.DefaultTransferAround, "how long to measure before, and after")
	f.IntVar(&o.Shards, "shards", firehose.DefaultShards, "shards")
	f.StringVar(&o.Storage, "storage", "file", "file or memory")
	return func(ctx context.Context, co common) (*report.Section, error) {
		o.Short, o.Say = co.short, co.say
		return firehose.RunTransfer(ctx, o)
	}
}

func bindFanout(c *cobra.Command) runFunc {
	var o fanout.Options
	f := c.Flags()
	f.IntVar(&o.Subscribers, "subscribers", fanout.DefaultSubscribers, "subscribers of all alerts")
	f.IntVar(&o.Connections, "connections", 0, "that they share; 0 is one each")
	f.IntVar(&o.Alerts, "alerts", fanout.DefaultAlerts, "alerts to tell")
	f.Float64Var(&o.Rate, "rate", fanout.DefaultRate, "alerts a second")
	return func(ctx context.Context, co common) (*report.Section, error) {
		o.Short, o.Say = co.short, co.say
		return fanout.Run(ctx, o)
	}
}

func bindBMP(c *cobra.Command) runFunc {
	var o bmp.Options
	f := c.Flags()
	f.IntVar(&o.Routers, "routers", bmp.DefaultRouters, "routers")
	f.IntVar(&o.Peers, "peers", bmp.DefaultPeers, "peers of each router")
	f.IntVar(&o.Rate, "rate", bmp.DefaultRate, "updates a second of each router")
	f.DurationVar(&o.For, "for", bmp.DefaultFor, "how long they send")
	return func(ctx context.Context, co common) (*report.Section, error) {
		o.Short, o.Say = co.short, co.say
		return bmp.Run(ctx, o)
	}
}
