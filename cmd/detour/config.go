package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"detour/internal/config"
)

const configLong = `Look after the configuration, which is one YAML file for all roles. Variables such
as DETOUR_NATS_URL take the place of its keys; docs/reference/configuration.md has
all of them.

Exit status: 0 done, 1 the file could not be written, 2 called wrongly,
78 the configuration is wrong or cannot be read.`

// defaultConfigFile is what "detour config init" writes.
const defaultConfigFile = "detour.yaml"

func newConfig() *cobra.Command {
	return group("config", "Write, check and show the configuration", configLong,
		newConfigInit(), newConfigCheck(), newConfigShow())
}

// group returns a command that only holds others.
func group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(commands...)
	return c
}

// addConfigFlag defines --config on c.
func addConfigFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", "", "read the configuration from `FILE`; without it defaults and variables hold")
}

// loadConfig reads and checks the configuration for a role, after change, which may
// be nil, and says on w what is doubtful. Its errors end detour with exitConfig.
func loadConfig(
	path string, role config.Role, w io.Writer, change func(*config.Config) error,
) (*config.Config, error) {
	cfg, err := config.Load(path, os.Environ())
	if err == nil && change != nil {
		err = change(cfg)
	}
	if err != nil {
		return nil, badConfig(err)
	}
	warnings, err := cfg.Check(role)
	for _, warning := range warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	return cfg, badConfig(err)
}

func newConfigInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a file of the defaults, with every key explained and commented out",
		Long: "Write a file of the defaults, with every key explained and commented out. FILE is\n" + defaultConfigFile +
			" if not given, - is standard output. A file that is there stays as it is.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			path := defaultConfigFile
			if len(args) > 0 {
				path = args[0]
			}
			if path == "-" {
				return config.WriteTemplate(c.OutOrStdout())
			}
			return initConfig(path)
		},
	}
}

func initConfig(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and stays as it is; name another file, or - for standard output", path)
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if err := errors.Join(config.WriteTemplate(f), f.Close()); err != nil {
		return fmt.Errorf("write configuration %s: %w", path, err)
	}
	return nil
}

func newConfigCheck() *cobra.Command {
	var path, name string
	c := &cobra.Command{
		Use:   "check [--config FILE] [--role ROLE]",
		Short: "Tell all that is wrong with the configuration",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			role, err := config.ParseRole(name)
			if err != nil {
				return usagef("--role: %w", err)
			}
			if _, err := loadConfig(path, role, c.ErrOrStderr(), nil); err != nil {
				return err
			}
			if path == "" {
				path = "the defaults and the variables"
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "nothing is wrong with %s\n", path)
			return err
		},
	}
	addConfigFlag(c, &path)
	c.Flags().StringVar(&name, "role", "", "ask for what this `ROLE` needs: ingest, process, sink, run or admin")
	return c
}

func newConfigShow() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "show [--config FILE]",
		Short: "Print the configuration that holds, and where its values come from",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(path, os.Environ())
			if err != nil {
				return badConfig(err)
			}
			return cfg.Write(c.OutOrStdout())
		},
	}
	addConfigFlag(c, &path)
	return c
}
