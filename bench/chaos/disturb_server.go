package chaos

import (
	"context"
	"fmt"
	"regexp"
	"syscall"
	"time"

	"detour/internal/pause"
)

// Times for which something is away.
const (
	serverAway  = 12 * time.Second // longer than an election
	serversAway = 20 * time.Second
	cutFor      = 15 * time.Second

	// outageAndAfter is how long after its begin an outage of all servers is over and made up for.
	outageAndAfter = 40 * time.Second
)

func killServer(ctx context.Context, c *cluster) error {
	i, err := c.busiest(ctx)
	if err != nil {
		return err
	}
	c.o.Say(fmt.Sprintf("killing %s, which leads most streams", c.servers.name(i)))
	if err := c.servers.list[i].kill(); err != nil {
		return err
	}
	if err := pause.For(ctx, serverAway); err != nil {
		return err
	}
	return c.servers.list[i].start()
}

func restartServer(ctx context.Context, c *cluster) error {
	i, err := c.busiest(ctx)
	if err != nil {
		return err
	}
	if err := c.servers.list[i].end(); err != nil {
		return err
	}
	return c.servers.list[i].start()
}

func stopServers(ctx context.Context, c *cluster) error {
	for _, p := range c.servers.list {
		if err := p.signal(syscall.SIGKILL); err != nil {
			return err
		}
	}
	if err := pause.For(ctx, serversAway); err != nil {
		return err
	}
	return c.servers.start()
}

var dropped = regexp.MustCompile(`(?m)^detour_log_dropped_elements_total\{[^}]*\} [1-9]`)

// overflow stops all servers for longer than the first ingester can keep what it
// hears, and asks that it alone counts a loss.
func overflow(ctx context.Context, c *cluster) error {
	if err := stopServers(ctx, c); err != nil {
		return err
	}
	for i := range c.sources {
		metrics, _, err := get(ctx, "http://"+local(c.admin+processorMax+i)+"/metrics")
		if err != nil {
			return err
		}
		if counts := dropped.MatchString(metrics); counts != (i == 0) {
			return fmt.Errorf("%s counts lost elements: %t", c.sources[i].name, counts)
		}
	}
	return nil
}

// putProxies stands proxies before the servers, for one of the processors.
func putProxies(c *cluster) (err error) {
	var to []int
	for i := range serverCount {
		to = append(to, c.servers.port+i)
	}
	c.proxies, err = newProxies(to...)
	return err
}

func cutOff(ctx context.Context, c *cluster) error {
	c.proxies.cut()
	err := pause.For(ctx, cutFor)
	c.proxies.heal()
	return err
}
