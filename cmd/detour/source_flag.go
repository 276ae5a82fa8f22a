package main

import (
	"github.com/spf13/cobra"

	"detour/internal/config"
)

const sourceHelp = "also read this `SOURCE`: rislive[=URL], bmp[=LISTEN], bgp=NEIGHBOR, archive=COLLECTOR or " +
	"replay=FILE, with further keys of ingest.… behind commas, such as rislive,hosts=rrc00+rrc01; may be repeated"

func addSourceFlag(c *cobra.Command, sources *[]string) {
	c.Flags().StringArrayVar(sources, "source", nil, sourceHelp)
}

// load reads the configuration, with the sources of the command line. With those, and
// where nothing says where alerts should go, they go to the terminal.
func (d *daemon) load() (*config.Config, error) {
	return loadConfig(d.path, d.role, d.out.err, func(cfg *config.Config) error {
		if err := cfg.AddSources(d.sources); err != nil {
			return err
		}
		if d.role == config.RoleRun && len(d.sources) > 0 && len(cfg.Sink.Files) == 0 {
			cfg.Sink.Terminal = true
		}
		return nil
	})
}
