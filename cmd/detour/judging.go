package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"detour/processor/correlate"
	"detour/route"
)

// judgingFlags are the flags by which a command is told how evidence is to be
// judged: what is known from elsewhere, and how far the routes from before are.
type judgingFlags struct {
	outsideFlags
	learn, mature string
}

// add defines the flags on c.
func (j *judgingFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&j.learn, "learn", "auto",
		"how long a new session only teaches: auto (until its new routes slow down), or a `DURATION` such as 120s")
	f.StringVar(&j.mature, "mature", "auto",
		"whether the routes from before are known: auto (once a full table was given), yes or no")
	j.outsideFlags.add(c)
}

// given reports whether any of the flags says something.
func (j *judgingFlags) given() bool {
	return j.learn != "auto" || j.mature != "auto" || j.relationships != "" || j.watch != "" ||
		len(j.vrps)+len(j.names)+len(j.lists)+len(j.ignored) > 0
}

// check finds what is wrong with the flags before any file is opened.
func (j *judgingFlags) check() (correlate.Config, error) {
	var cfg correlate.Config
	switch j.mature {
	case "", "auto":
	case "yes":
		cfg.Maturity = correlate.MatureYes
	case "no":
		cfg.Maturity = correlate.MatureNo
	default:
		return cfg, fmt.Errorf("--mature is %q, must be auto, yes or no", j.mature)
	}
	if j.learn == "" || j.learn == "auto" {
		return cfg, nil
	}
	d, err := time.ParseDuration(j.learn)
	if err != nil || d < time.Second || d > 24*time.Hour {
		return cfg, fmt.Errorf("--learn is %q, must be auto or a duration from 1s to 24h, such as 120s", j.learn)
	}
	cfg.Learn = route.Time(d / time.Microsecond)
	return cfg, nil
}

// config returns the configuration that the flags give, after reading their
// files; w hears of what a watch file holds in vain.
func (j *judgingFlags) config(w io.Writer) (correlate.Config, error) {
	cfg, err := j.check()
	err = usage(err)
	if err == nil {
		cfg.Outside, err = j.load(w)
	}
	return cfg, err
}
