package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"detour/bench/codec"
	"detour/bench/decode"
	"detour/bench/dump"
	"detour/bench/machine"
	"detour/bench/prime"
	"detour/bench/report"
	"detour/bench/shard"
)

// part is one bench. bind declares its own flags on the part's command and
// returns what runs it; it is called once more for "all", where the flags keep
// their defaults.
type part struct {
	name, does string
	bind       func(*cobra.Command) runFunc
}

// runFunc runs a part. An error means that what was measured is wrong or could
// not be measured: the part then has no figures, and the run ends with status 1.
type runFunc func(context.Context, common) (*report.Section, error)

// common is what every part is told.
type common struct {
	corpus string // folder of recordings
	short  bool   // tiny sizes, the same checks
	detour string // path of the detour program
	say    func(line string)
}

// parts lists the benches in the order in which they run and are reported.
func parts() []part {
	return []part{
		{"machine", "memory, copies and system calls of this machine, of which the rest is made", bindMachine},
		{"decode", "decoding of MRT and BGP, against gobgp, bgpdump and others", bindDecode},
		{"codec", "encoding and decoding of frames, against generated protobuf code", bindCodec},
		{"dump", "detour dump against bgpdump: CPU time and memory", bindDump},
		{"shard", "applying updates to the path state of a full table, and what a route takes", bindShard},
		{"firehose", "a whole detour under load: elements a second, latency of flags and alerts, CPU by stage", bindFirehose},
		{"transfer", "what a session reset with a full table does to the others' latency", bindTransfer},
		{"fanout", "alerts to many subscribers", bindFanout},
		{"bmp", "BMP from a hundred routers: nothing dropped, CPU per element", bindBMP},
		{"prime", "priming a live source with a full table: time, memory, disk", bindPrime},
	}
}

func bindPrime(c *cobra.Command) runFunc {
	var o prime.Options
	c.Flags().IntVar(&o.Prefixes, "prefixes", prime.DefaultPrefixes, "prefixes of the table")
	c.Flags().IntVar(&o.Peers, "peers", prime.DefaultPeers, "peers of the table")
	return func(ctx context.Context, co common) (*report.Section, error) {
		o.Detour, o.Short, o.Say = co.detour, co.short, co.say
		return prime.Run(ctx, o)
	}
}

func bindMachine(*cobra.Command) runFunc {
	return func(ctx context.Context, o common) (*report.Section, error) {
		return machine.Run(ctx, machine.Options{Short: o.short, Say: o.say})
	}
}

func bindDecode(c *cobra.Command) runFunc {
	var asked []string
	c.Flags().StringArrayVar(&asked, "decoder", nil,
		"also run `NAME=COMMAND` on a plain file; its lines are counted where it prints as bgpdump -m does")
	return func(ctx context.Context, o common) (*report.Section, error) {
		options := decode.Options{Corpus: o.corpus, Short: o.short, Detour: o.detour, Say: o.say}
		for _, text := range asked {
			d, err := decode.ParseDecoder(text)
			if err != nil {
				return nil, err
			}
			options.Decoders = append(options.Decoders, d)
		}
		return decode.Run(ctx, options)
	}
}

func bindCodec(*cobra.Command) runFunc {
	return func(ctx context.Context, o common) (*report.Section, error) {
		return codec.Run(ctx, codec.Options{Corpus: o.corpus, Short: o.short, Say: o.say})
	}
}

func bindDump(*cobra.Command) runFunc {
	return func(ctx context.Context, o common) (*report.Section, error) {
		return dump.Run(ctx, dump.Options{Corpus: o.corpus, Short: o.short, Detour: o.detour, Say: o.say})
	}
}

func bindShard(*cobra.Command) runFunc {
	return func(ctx context.Context, o common) (*report.Section, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
		return shard.Run(ctx, shard.Options{Corpus: o.corpus, Short: o.short, Self: self, Say: o.say})
	}
}

// newShardCase is how the part "shard" measures one table in a process of its own.
func newShardCase() *cobra.Command {
	return &cobra.Command{
		Use: shard.CaseCommand + " JSON", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			out, err := shard.Case(c.Context(), args[0])
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(out)
			return err
		},
	}
}
